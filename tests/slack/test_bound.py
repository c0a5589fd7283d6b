"""What people in Slack see of what their approval is bound to, and of a channel they are not in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.demo.orchestrator.workflows import PretendWorkflow
    from bot.demo.slack.driver.person import PretendPerson
    from bot.demo.slack.wire import Json
    from tests.world import World

POLICY = """
rules:
  - name: by folder
    workflows: {folders: ["%s"]}
    run: {users: [U0ADA, U0BEN]}
    approve: {users: [U0LINUS], within: 1h}
  - name: only in ops
    workflows: {names: ["Wait for replication"]}
    run: {everyone: true}
    channels: [C0OPS]
"""


@pytest.fixture
async def world(tmp_path: Path, database: str) -> AsyncIterator[World]:
    await migrate(database)
    file = tmp_path / "bound.yaml"
    file.write_text(POLICY % "Operations/Reports", encoding="utf-8")
    async with a_world(tmp_path, database=database, policy=file) as made:
        yield made


def workflow(world: World, name: str) -> PretendWorkflow:
    return next(each for each in world.orchestrator.workflows if each.name == name)


async def said(world: World, who: PretendPerson, button: str, card: Json) -> str:
    """Press a button; what the bot then says to this person alone."""
    before = len(who.ephemerals("ops"))
    assert (await who.press(button, in_=card)).ok
    await world.bot.dispatcher.drain(seconds=5)
    await world.tick()
    return "\n".join(who.reads(each) for each in who.ephemerals("ops")[before:])


async def test_the_window_says_what_is_sealed_and_what_is_not(world: World) -> None:
    linus, ada = world.person("linus"), world.person("ada")
    card = await world.launch(ada, "health report")
    await said(world, linus, "Review", card)
    assert "Sealed: the values, the workflow's name, version, inputs and outputs, its form, its content" in (
        linus.reads()
    )
    assert "Not sealed" not in linus.reads()
    await linus.close_view()
    world.orchestrator.hide_content(workflow(world, "Health report").id)
    card = await world.launch(ada, "health report")
    await said(world, linus, "Review", card)
    assert "Not sealed: its content (scripts), which the bot's account may not read" in linus.reads()


async def test_a_replaced_script_is_told_and_asked_for_anew(world: World) -> None:
    linus = world.person("linus")
    card = await world.launch(world.person("ada"), "health report")
    world.orchestrator.replace_code(workflow(world, "Health report").id, "wipe()")
    assert "your click changed nothing" in await said(world, linus, "Approve", card)
    assert "content, such as its scripts, was replaced under the same version" in world.told(card)
    assert "Nothing was started" in world.told(card)
    assert not world.orchestrator.starts
    await said(world, linus, "Approve", world.card())
    assert len(world.orchestrator.starts) == 1


async def test_a_workflow_that_was_moved_away_is_told_on_card_and_thread_and_starts_nothing(
    world: World,
) -> None:
    linus = world.person("linus")
    card = await world.launch(world.person("ada"), "health report")
    found = workflow(world, "Health report")
    world.orchestrator.add_workflow(replace(found, folder="Elsewhere"))
    assert "request has ended" in await said(world, linus, "Approve", card)
    assert "moved from the folder “Operations/Reports” to “Elsewhere”" in world.told(card)
    assert "Nothing was started" in world.told(card)
    assert "Failed" in linus.reads(world.card())
    assert not world.orchestrator.starts


async def test_from_a_channel_somebody_is_not_in_nothing_can_be_run(world: World) -> None:
    """The global shortcut lets anybody choose any channel."""
    grace = world.person("grace")
    world.slack.directory.channel("ops").members.discard("U0GRACE")
    await grace.shortcut("run_workflow")
    await world.bot.dispatcher.drain(seconds=5)
    await grace.pick("Report in", "ops")
    await world.bot.dispatcher.drain(seconds=5)
    await grace.pick("Workflow", "Wait for replication")
    await world.bot.dispatcher.drain(seconds=5)
    assert "You are not in that channel" in grace.reads()
    assert "Nothing was started" in grace.reads()
