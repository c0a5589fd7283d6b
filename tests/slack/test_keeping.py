"""What people keep: presets they save and share, and forms they left and go on with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bot.demo.slack.driver.person import PretendPerson
    from bot.demo.slack.wire import Json
    from tests.world import World

CAREFUL = Path(__file__).parent / "approvals.yaml"  # nobody approves what was filled in with their preset
FIREWALL = {"From": "10.20.14.0/24", "To": "web", "Ports": "443", "Log each connection": True}


pytestmark = pytest.mark.databases("sqlite")


async def at_review(world: World, who: PretendPerson) -> None:
    """The review of a filled-in form."""
    await world.fill(who, "open firewall", FIREWALL)
    assert (await world.turn(who)).ok


async def save_preset(world: World, who: PretendPerson, name: str) -> None:
    """Save the values that are looked at."""
    await world.press(who, "Save as preset", card=who.view)
    await who.type("Name", name)
    assert (await who.submit()).ok


async def share_preset(world: World, who: PretendPerson, name: str) -> None:
    """Share their one preset with the channel, under another name."""
    listed = (await who.slash("/vro", "presets", channel="ops")).message
    await world.press(who, "Change", card=listed)
    await who.type("Name", name)
    await who.pick("Sharing", "Everybody in this channel can use it")
    assert (await who.submit()).closed


async def launch_from(world: World, who: PretendPerson, start: str) -> Json:
    """Send the form as an offer fills it in; its card."""
    await world.fill(who, "open firewall", {})
    await world.enter(who, {"start_from": (start,)})
    assert (await world.send(who)).closed
    await world.pass_time(seconds=5)  # a channel takes four messages at once
    return world.card()


async def presets_listed(who: PretendPerson, *, channel: str = "ops") -> str:
    """What `/vro presets` answers."""
    answer = await who.slash("/vro", "presets", channel=channel)
    assert answer.message is not None
    return who.reads(answer.message)


async def test_values_are_saved_and_used_again(world: World) -> None:
    ada = world.person("ada")
    await at_review(world, ada)
    await save_preset(world, ada, "Shop front")
    assert "Open firewall ports" in ada.reads(), "the review is still there"
    await ada.close_view()
    await world.fill(ada, "open firewall", {})
    await world.enter(ada, {"start_from": ("Preset: Shop front",)})
    assert ada.value("From") == "10.20.14.0/24"
    assert (await world.send(ada)).closed
    await world.tick()
    await world.until_told("Succeeded")


async def test_a_name_is_taken_once(world: World) -> None:
    ada = world.person("ada")
    await at_review(world, ada)
    await save_preset(world, ada, "Shop front")
    await world.press(ada, "Save as preset", card=ada.view)
    await ada.type("Name", "Shop front")
    assert "already" in (await ada.submit()).error_at["Name"]


async def test_a_preset_is_shared_renamed_used_by_others_and_deleted(world: World) -> None:
    ada, ben = world.person("ada"), world.person("ben")
    await at_review(world, ada)
    await save_preset(world, ada, "Shop front")
    await ada.close_view()
    assert "You have no presets" in await presets_listed(ben)

    await share_preset(world, ada, "Shop, outside")
    assert "Shop, outside" in await presets_listed(ben)
    assert "Change" not in await presets_listed(ben)
    await world.press(ben, "Use", card=ben.ephemerals("ops")[-1])
    await ben.until(lambda: ben.view is not None and ben.view["callback_id"] == "fill_form")
    assert ben.value("To") == "web"
    await ben.close_view()

    listed = (await ada.slash("/vro", "presets", channel="ops")).message
    await world.press(ada, "Change", card=listed)
    await world.press(ada, "Delete preset", card=ada.view)
    assert "is deleted" in ada.reads()
    assert "You have no presets" in await presets_listed(ben)


@pytest.mark.policy(CAREFUL)
async def test_whose_preset_was_used_is_said_recorded_and_kept_from_approving(world: World) -> None:
    ada, ben, grace = (world.person(name) for name in ("ada", "ben", "grace"))
    await at_review(world, ada)
    await save_preset(world, ada, "Shop front")
    await ada.close_view()
    await share_preset(world, ada, "Shop & <front>")
    card = await launch_from(world, ben, "Preset of this channel: Shop & <front>")
    assert "*Filled in with*\n<@U0ADA>'s preset “Shop &amp; &lt;front&gt;”" in grace.reads(card)
    assert "*Needs approval* by Grace" in grace.reads(card), "she has a message of her own"
    assert not world.slack.messages(ada.dm), "who may not approve is not asked"
    await world.press(ada, "Approve", card=card)
    assert "filled in with your preset" in ada.reads(ada.ephemerals("ops")[-1])
    await world.press(grace, "Review", card=card)
    assert "Filled in with" in grace.reads()
    await grace.close_view()
    await world.press(grace, "Approve", card=card)
    await world.until_told("Succeeded", card=card)
    (asked,) = [
        record.entry for record in await world.bot.store.audit.page() if record.entry.what == "requested"
    ]
    (editor,) = asked.detail["filled_in_with"]
    assert (editor["person"]["user_id"], editor["preset"]) == ("U0ADA", "Shop & <front>")


@pytest.mark.policy(CAREFUL)
async def test_values_of_another_stay_theirs_when_they_are_kept_or_run_again(world: World) -> None:
    ada, ben, linus = (world.person(name) for name in ("ada", "ben", "linus"))
    await at_review(world, ada)
    await save_preset(world, ada, "Shop front")
    await ada.close_view()
    await share_preset(world, ada, "Shop front")
    await world.fill(ben, "open firewall", {})
    await world.enter(ben, {"start_from": ("Preset of this channel: Shop front",)})
    await world.turn(ben)
    await save_preset(world, ben, "Mine")
    assert (await world.send(ben)).closed
    await world.tick()
    await world.press(world.person("grace"), "Approve", card=world.card())
    await world.until_told("Succeeded")
    last = await launch_from(world, ben, next(iter(await offers(world, ben, "Your last run"))))
    assert "<@U0ADA>'s preset “Shop front”" in linus.reads(last)
    kept = await launch_from(world, ben, "Preset: Mine")
    assert "<@U0ADA>'s preset “Shop front”" in linus.reads(kept)
    own = await launch_from(world, ada, "Preset: Shop front")
    assert "Filled in with" not in linus.reads(own)


async def offers(world: World, who: PretendPerson, start: str) -> list[str]:
    """What a form can be filled in from, as far as it begins so."""
    await world.fill(who, "open firewall", {})
    found = [each for each in who.options("start_from") if each.startswith(start)]
    await who.close_view()
    return found


async def test_a_form_that_was_closed_can_be_gone_on_with(world: World) -> None:
    ada = world.person("ada")
    await world.fill(ada, "open firewall", {"From": "10.9.0.0/16", "To": "db"})
    await ada.close_view()
    await world.fill(ada, "open firewall", {})
    (offer,) = [each for each in ada.options("start_from") if each.startswith("Where you left off")]
    await world.enter(ada, {"start_from": (offer,)})
    assert (ada.value("From"), ada.value("To")) == ("10.9.0.0/16", "db")
    assert "Where you left off" not in ada.reads()


async def test_the_review_marks_what_differs_from_the_last_run(world: World) -> None:
    ada = world.person("ada")
    await at_review(world, ada)
    assert "You have not run this workflow before." in ada.reads()
    await world.send(ada)
    await world.tick()
    await world.until_told("Succeeded")
    await world.fill(ada, "open firewall", FIREWALL | {"To": "app"})
    await world.turn(ada)
    assert "1 value differs from your last run" in ada.reads()
    assert "last time: web" in ada.reads()


async def test_what_was_entered_is_there_after_back_and_next(world: World) -> None:
    ada = world.person("ada")
    await at_review(world, ada)
    await world.press(ada, "Back", card=ada.view)
    assert ada.value("From") == "10.20.14.0/24"
    await world.enter(ada, {"Ports": "8443"})
    await world.turn(ada)
    assert "8443" in ada.reads()


async def test_a_form_that_went_on_in_another_window_is_not_overwritten_from_the_first(world: World) -> None:
    ada = world.person("ada")
    await world.fill(ada, "open firewall", {"From": "10.9.0.0/16", "To": "db", "Ports": "22"})
    await ada.pick("Log each connection", "Yes")
    await ada.close_view()
    left = world.slack.deliveries[-1].payload
    await world.fill(ada, "open firewall", {})
    offer = next(each for each in ada.options("start_from") if each.startswith("Where you left off"))
    await world.enter(ada, {"start_from": (offer,)})
    stale = {**left, "type": "view_submission", "trigger_id": "1.late"}
    ack = await world.slack.send("interactive", stale)
    assert "no longer kept" in str(ack.body)
    assert not world.orchestrator.starts


async def test_values_behind_the_command_are_in_the_form(world: World) -> None:
    ada = world.person("ada")
    words = 'schedule maintenance hours=3 tell=a@example.com,b@example.com starts="2026-07-01 14:00" x=1'
    await ada.slash("/vro", f"run {words}", channel="ops")
    await ada.until(lambda: ada.view is not None and ada.view["callback_id"] == "fill_form")
    assert float(str(ada.value("Hours"))) == 3
    assert ada.value("Tell") == "a@example.com\nb@example.com"
    in_london = datetime(2026, 7, 1, 13, tzinfo=UTC)  # where the clocks are an hour ahead in July
    assert ada.value("Starts") == int(in_london.timestamp())
    assert "There is no input “x”" in ada.reads()
