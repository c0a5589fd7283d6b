"""One person's haste: held to a pace of their own, said to them alone, and nobody else waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.store.drafts import MOST_OPEN
from tests.dumping import rows

if TYPE_CHECKING:
    from tests.world import World


async def hasty(world: World) -> None:
    """The bot takes three commands a minute from each person, and Ada has sent all six she may at once."""
    await world.stop()
    await world.start(COMMANDS_PER_MINUTE="3")
    for _ in range(6):
        answer = await world.person("ada").slash("/vro", "status", channel="ops")
        assert "faster" not in answer.text


async def test_who_is_too_fast_hears_so_and_when_to_try_again(world: World) -> None:
    await hasty(world)
    ada = world.person("ada")
    answer = await ada.slash("/vro", "status", channel="ops")
    assert answer.text == (
        "You are faster than the bot lets one person be. Nothing was done. Please try again in 20 seconds."
    )
    await world.pass_time(seconds=20)
    assert "faster" not in (await ada.slash("/vro", "status", channel="ops")).text
    assert "faster" in (await ada.slash("/vro", "status", channel="ops")).text


async def test_nobody_else_is_slowed_down(world: World) -> None:
    await hasty(world)
    before = len(world.slack.calls)
    await world.person("ada").slash("/vro", "status", channel="ops")
    assert len(world.slack.calls) == before, "it costs no call"
    assert "faster" not in (await world.person("ben").slash("/vro", "status", channel="ops")).text


async def test_a_shortcut_counts_as_a_command_does(world: World) -> None:
    await hasty(world)
    ada = world.person("ada")
    await ada.shortcut("run_workflow")
    await world.bot.dispatcher.drain(seconds=5)
    assert ada.view is not None
    assert "faster than the bot lets one person be" in ada.reads()


async def test_without_a_limit_everybody_is_as_fast_as_they_can(world: World) -> None:
    await world.stop()
    await world.start(COMMANDS_PER_MINUTE="0")
    for _ in range(70):
        assert "faster" not in (await world.person("ada").slash("/vro", "help", channel="ops")).text


async def test_of_many_open_forms_the_oldest_is_forgotten(world: World) -> None:
    ada = world.person("ada")
    await world.fill(ada, "extend datastore", {"Datastore": ("gold-01",), "Add (GB)": "10"})
    first = ada.view
    assert first is not None
    for _ in range(MOST_OPEN):
        world.clock.offset += world.clock.offset.resolution
        await ada.slash("/vro", "run back up database", channel="ops")
        await world.bot.dispatcher.drain(seconds=5)
    database = world.settings.database_url.get_secret_value()
    assert len((await rows(database))["drafts"]) == MOST_OPEN
    assert first["private_metadata"] not in str((await rows(database))["drafts"])
