"""The Home tab: fresh when it is opened and when something changes, and its buttons do what cards' do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.demo.slack.driver.reading import buttons_in
from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.demo.slack.driver.person import PretendPerson
    from tests.world import World

DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(database)
    async with a_world(tmp_path, database=database) as made:
        yield made


async def look(world: World, who: PretendPerson) -> str:
    """Open the tab, and read it once the bot has published it."""
    await who.open_home()
    await world.bot.dispatcher.drain(seconds=5)
    return who.reads("home")


def published(world: World) -> int:
    return len(world.slack.calls_of("views.publish"))


async def click(world: World, who: PretendPerson, button: str) -> None:
    pressed = await who.press(button, in_="home")
    assert pressed.ok
    await world.bot.dispatcher.drain(seconds=5)


async def test_it_is_there_at_the_first_opening_with_nothing_in_it(world: World) -> None:
    ada = world.person("ada")
    assert "Nothing waits for you" in await look(world, ada)
    await click(world, ada, "Run a workflow")
    assert ada.view is not None
    assert ada.view["callback_id"] == "pick_workflow"


async def test_it_shows_an_approver_what_waits_and_lets_them_decide(world: World) -> None:
    ada, grace = world.person("ada"), world.person("grace")
    card = await world.launch(ada, "delete virtual", DELETE)
    shown = await look(world, grace)
    assert "Needs you" in shown
    assert "Delete virtual machine" in shown
    assert grace.home is not None
    assert "Approve" not in buttons_in(grace.home), "it does not show what would be approved"
    await click(world, grace, "Review")
    assert "web-01" in grace.reads()
    await grace.pick("Your decision", "Approve")
    assert (await grace.submit()).ok
    await world.bot.dispatcher.drain(seconds=5)
    await world.until_told("*Succeeded*", card=card)
    assert "Needs you" not in grace.reads("home")


async def test_it_follows_what_happens_to_ones_own_launch_and_runs_it_again(world: World) -> None:
    ada = world.person("ada")
    await look(world, ada)
    card = await world.launch(ada, "delete virtual", DELETE)
    assert "Running and planned" in ada.reads("home")
    assert "Waiting for approval" in ada.reads("home")
    await click(world, ada, "Withdraw")
    await world.tick()
    assert "Running and planned" not in ada.reads("home")
    assert "Withdrawn" in ada.reads("home")
    await click(world, ada, "Ask again")
    assert "web-01" in ada.reads()
    assert (await world.send(ada)).closed
    await world.pass_time(seconds=5)  # the channel's pace
    assert world.card()["ts"] != card["ts"]


async def test_it_shows_what_a_run_asks_of_its_person_and_opens_the_answer(world: World) -> None:
    ada, ben = world.person("ada"), world.person("ben")
    await look(world, ben)
    card = await world.launch(ada, "decommission", {"server": "web-01"})
    await world.until_told("The run asks", card=card)
    assert "“Confirm the backup”" in ben.reads("home")
    await click(world, ben, "Answer")
    assert "Last backup restored" in ben.reads()


async def test_a_preset_is_used_from_it_and_told_in_direct_messages(world: World) -> None:
    ada = world.person("ada")
    firewall = {"From": "10.20.14.0/24", "To": "web", "Ports": "443", "Log each connection": True}
    await world.fill(ada, "open firewall", firewall)
    await world.turn(ada)
    await world.press(ada, "Save as preset", card=ada.view)
    await ada.type("Name", "Shop front")
    assert (await ada.submit()).ok
    await ada.close_view()
    assert "Shop front" in await look(world, ada)
    await click(world, ada, "Use")
    await ada.until(lambda: ada.view is not None and ada.view["callback_id"] == "fill_form")
    assert ada.value("To") == "web"
    assert (await world.send(ada)).closed
    await world.tick()
    assert "Open firewall ports" in ada.reads(world.slack.messages(ada.dm)[-1])


async def test_nothing_is_published_where_nothing_changed_nor_long_after(world: World) -> None:
    ada = world.person("ada")
    await look(world, ada)
    before = published(world)
    await world.tick(3)
    assert published(world) == before
    await world.pass_time(minutes=11)
    await world.launch(ada, "delete virtual", DELETE)
    assert published(world) == before


async def test_the_messages_tab_and_strangers_get_nothing_of_it(world: World) -> None:
    ada, guest = world.person("ada"), world.person("U0GUEST")
    await world.launch(ada, "delete virtual", DELETE)
    assert "Only full members" in await look(world, guest)
    before = published(world)
    opened = world.slack.deliveries[-1].payload
    messages = {**opened, "event_id": "Ev-other", "event": {**opened["event"], "tab": "messages"}}
    assert (await world.slack.send("events_api", messages)).ok
    await world.bot.dispatcher.drain(seconds=5)
    assert published(world) == before


async def test_a_refusal_from_it_is_said_in_a_window(world: World) -> None:
    ada = world.person("ada")
    await world.launch(ada, "delete virtual", DELETE)
    await look(world, ada)
    stale = ada.home
    assert stale is not None
    await click(world, ada, "Withdraw")
    payload = [each.payload for each in world.slack.deliveries if "view" in each.payload][-1]
    again = {
        **payload,
        "trigger_id": world.slack.workspace.triggers.issue(user=ada.id, here=None, from_modal=False),
    }
    assert (await world.slack.send("interactive", again)).ok
    await world.bot.dispatcher.drain(seconds=5)
    assert "already ended" in ada.reads()


@pytest.mark.parametrize("error", ["internal_error", "hash_conflict", "not_enabled"])
async def test_what_slack_does_not_take_breaks_nothing_and_is_tried_again(world: World, error: str) -> None:
    ada = world.person("ada")
    world.slack.faults.fail("views.publish", error)
    await ada.open_home()
    await world.bot.dispatcher.drain(seconds=5)
    await world.tick()
    assert (ada.home is None) is (error == "not_enabled")


async def test_many_tabs_are_published_at_slacks_pace(world: World) -> None:
    names = ["ada", "ben", "grace", "linus"]
    for _ in range(10):
        for name in names:
            await look(world, world.person(name))
    before = published(world)
    world.slack.faults.limit("views.publish", retry_after=30)
    await world.launch(world.person("ada"), "delete virtual", DELETE)
    held = published(world) - before
    await world.tick(3)
    assert published(world) - before == held, "Slack asked for a pause"
    await world.pass_time(seconds=31)
    assert "Delete virtual machine" in world.person("grace").reads("home")
