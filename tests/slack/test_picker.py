"""The picker: what somebody ran lately comes first, and what needs no form starts in two clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.workflows import PretendWorkflow
from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.demo.slack.driver.person import PretendPerson
    from tests.world import World

POLICY = """
rules:
  - name: all
    workflows: {folders: ["**"]}
    run: {users: [U0ADA, U0BEN]}
"""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(database)
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    async with a_world(tmp_path, database=database, policy=policy) as made:
        for name in ("Zap caches", "Yield a report"):
            made.orchestrator.add_workflow(PretendWorkflow(name=name, folder="Zoo"))
        await made.bot.catalogue.refresh()
        yield made


async def offered(world: World, who: PretendPerson, typed: str = "") -> list[str]:
    """What the picker offers."""
    await who.slash("/vro", channel="ops")
    await world.bot.dispatcher.drain(seconds=5)
    found = await who.suggest("Workflow", typed)
    await who.close_view()
    return [str(each) for each in found.texts]


async def test_what_somebody_ran_lately_comes_first_each_once(world: World) -> None:
    ada = world.person("ada")
    for name in ("zap caches", "yield a report", "zap caches"):
        await world.launch(ada, name)
    first, second, *rest = await offered(world, ada)
    assert first.startswith("Zap caches")
    assert second.startswith("Yield a report")
    assert not [each for each in rest if each.startswith(("Zap caches", "Yield a report"))]
    assert not (await offered(world, world.person("ben")))[0].startswith("Zap caches")


async def test_what_is_typed_is_searched_for_as_ever(world: World) -> None:
    ada = world.person("ada")
    await world.launch(ada, "zap caches")
    assert (await offered(world, ada, "yield"))[0].startswith("Yield a report")


async def test_what_one_may_not_run_any_more_is_not_offered_first(world: World, tmp_path: Path) -> None:
    ada = world.person("ada")
    await world.launch(ada, "zap caches")
    narrowed = POLICY.replace('{folders: ["**"]}', "{names: [Yield a report]}")
    (tmp_path / "policy.yaml").write_text(narrowed, encoding="utf-8")
    await world.bot.follow_policy()
    await world.pass_time(seconds=5)
    await world.bot.follow_policy()
    assert [each.partition(" (")[0] for each in await offered(world, ada)] == ["Yield a report"]


async def test_a_workflow_without_inputs_and_approval_starts_in_two_clicks(world: World) -> None:
    ada = world.person("ada")
    await ada.slash("/vro", channel="ops")
    await world.bot.dispatcher.drain(seconds=5)
    assert (await ada.pick("Workflow", "Zap caches")).ok  # the first click
    await world.bot.dispatcher.drain(seconds=5)
    assert ada.view is not None
    assert ada.view["callback_id"] == "send_form"
    assert "It is started without any input." in ada.reads()
    assert (await ada.submit()).ok  # the second
    await world.bot.dispatcher.drain(seconds=5)
    await world.tick(2)
    assert len(world.orchestrator.starts) == 1
