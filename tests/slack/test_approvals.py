"""What people see of an approval, and what their clicks do: wherever its cards are, whoever clicks first."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bot.demo.slack.driver.person import PretendPerson
    from bot.demo.slack.wire import Json
    from tests.world import World

POLICY = Path(__file__).parent / "approvals.yaml"
DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
DISK = {"Virtual machine": "web-01", "Disk": "0", "New size (GB)": "80"}
CHANGES = "vm-changes"  # the approvers' channel


pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.policy(POLICY)]


@pytest.fixture
def ada(world: World) -> PretendPerson:
    return world.person("ada")


@pytest.fixture
def ben(world: World) -> PretendPerson:
    return world.person("ben")


@pytest.fixture
def grace(world: World) -> PretendPerson:
    return world.person("grace")


@pytest.fixture
def linus(world: World) -> PretendPerson:
    return world.person("linus")


async def ask(world: World) -> Json:
    """Ada asks to delete a machine, which takes two stages."""
    return await world.launch(world.person("ada"), "delete virtual", DELETE)


async def ask_for_two(world: World) -> Json:
    """Ada asks for a report, which takes two of three."""
    return await world.launch(world.person("ada"), "health report")


def at(channel: str, message: Json) -> Json:
    """A message together with where it is."""
    return {**message, "channel": channel}


def only_card(world: World, channel: str) -> Json:
    """The one card in a channel."""
    (card,) = [
        each for each in world.slack.messages(channel) if each.get("thread_ts", each["ts"]) == each["ts"]
    ]
    return at(channel, card)


async def press(world: World, who: PretendPerson, button: str, card: Json, *, channel: str = "ops") -> str:
    """Press a button of a card as it was when it was kept; what the bot then says to this person alone."""
    before = len(who.ephemerals(channel))
    pressed = await who.press(button, in_=card, stale=True)
    await world.bot.dispatcher.drain(seconds=5)
    assert pressed.ok
    await world.tick()
    return "\n".join(who.reads(each) for each in who.ephemerals(channel)[before:])


async def review(world: World, who: PretendPerson, card: Json, decision: str = "", comment: str = "") -> None:
    """Open the review, and decide there if a decision is given."""
    await press(world, who, "Review", card)
    assert who.view is not None
    if decision:
        await who.pick("Your decision", decision)
        await who.type("Comment", comment)
        assert (await who.submit()).ok
        await world.bot.dispatcher.drain(seconds=5)
        await world.tick()


# every card of one request


async def test_a_request_is_shown_where_the_rule_says_and_the_story_is_told_in_one_thread(
    world: World, ben: PretendPerson, linus: PretendPerson, grace: PretendPerson
) -> None:
    card = await ask(world)
    for copy in (only_card(world, CHANGES), only_card(world, ben.dm), only_card(world, linus.dm)):
        shown = ben.reads(copy)
        assert "Delete virtual machine" in shown
        assert "Asked for in <#C0OPS>" in shown
        assert "Approve" in shown
        assert world.told(copy, channel=copy["channel"]) == ""
    assert not world.slack.messages(grace.dm)
    assert "asked for this launch" in world.told(card)


async def test_every_card_settles_to_who_decided_once_it_is_decided(
    world: World, ben: PretendPerson, linus: PretendPerson
) -> None:
    await ask(world)
    await review(world, linus, only_card(world, linus.dm), "Reject", "Not today.")
    for channel in ("ops", CHANGES, ben.dm, linus.dm):
        shown = ben.reads(only_card(world, channel))
        assert "Rejected" in shown, channel
        assert "*Rejected* by <@U0LINUS>" in shown, channel
        assert "Not today." in shown, channel
        assert "Approve" not in shown.replace("Approved", ""), channel


async def test_every_card_settles_after_a_restart_too(
    world: World, ben: PretendPerson, linus: PretendPerson
) -> None:
    await ask(world)
    pressed = await linus.press("Review", in_=only_card(world, linus.dm))
    assert pressed.ok
    await world.bot.dispatcher.drain(seconds=5)
    await linus.pick("Your decision", "Reject")
    await linus.type("Comment", "Not today.")
    await world.turn(linus)
    await world.crash()
    await world.start()
    await world.tick()
    for channel in ("ops", CHANGES, ben.dm, linus.dm):
        assert "*Rejected* by <@U0LINUS>" in ben.reads(only_card(world, channel)), channel


async def test_the_next_stage_asks_its_own_people_and_no_longer_the_former(
    world: World, ben: PretendPerson, linus: PretendPerson, grace: PretendPerson
) -> None:
    card = await ask(world)
    await press(world, ben, "Approve", only_card(world, CHANGES), channel=CHANGES)
    assert "Approve" in grace.reads(only_card(world, grace.dm))
    assert "Approve" in linus.reads(only_card(world, linus.dm))
    for channel in (CHANGES, ben.dm):
        shown = ben.reads(only_card(world, channel))
        assert "*Approved* by <@U0BEN>" in shown
        assert "Review" not in shown
    told = world.told(card)
    assert "approved it: 1 of 1 approval, stage 1 of 2." in told
    assert "Now it needs 1 approval in stage 2 of 2, by Change approvers" in told
    await press(world, grace, "Approve", only_card(world, grace.dm), channel=grace.dm)
    told = await world.until_told("Succeeded", card=card)
    assert "approved it: 1 of 1 approval, stage 2 of 2." in told
    assert len(world.orchestrator.starts) == 1


async def test_a_reminder_is_told_in_the_thread_and_beside_each_card_once(
    world: World, ben: PretendPerson, linus: PretendPerson
) -> None:
    card = await ask(world)
    await world.pass_time(minutes=31)
    await world.pass_time(minutes=1)
    assert world.told(card).count("Reminder: this still needs 1 approval in stage 1 of 2") == 1
    for channel in (CHANGES, ben.dm, linus.dm):
        copy = only_card(world, channel)
        assert world.told(copy, channel=channel).count("Reminder: this still needs") == 1, channel


@pytest.mark.parametrize("lost", [1, 2, 3, 4, 5])
async def test_a_card_whose_answer_was_lost_is_nowhere_twice(
    world: World, ada: PretendPerson, ben: PretendPerson, linus: PretendPerson, lost: int
) -> None:
    await world.fill(ada, "delete virtual", DELETE)
    await world.send(ada)
    world.slack.faults.lose_answer("chat.postMessage", times=lost)
    for _ in range(12):
        await world.pass_time(seconds=10)
    for channel in ("ops", CHANGES, ben.dm, linus.dm):
        assert len(world.slack.messages(channel)) == 1, channel


async def test_a_channel_the_bot_is_not_in_keeps_no_other_card_back(
    world: World, ben: PretendPerson, linus: PretendPerson
) -> None:
    world.slack.directory.channel(CHANGES).members.discard("U0BOT")
    await ask(world)
    assert not world.slack.messages(CHANGES)
    assert "Approve" in ben.reads(only_card(world, ben.dm))
    assert "Approve" in linus.reads(only_card(world, linus.dm))


async def test_approvers_slack_said_nothing_of_are_asked_once_it_does(
    world: World, ada: PretendPerson, ben: PretendPerson
) -> None:
    await ada.slash("/vro", "help", channel="ops")
    world.slack.faults.fail("users.info", times=None)
    await ask(world)
    assert not world.slack.messages(ben.dm)
    world.slack.faults.clear()
    await world.pass_time(seconds=11)
    assert "Approve" in ben.reads(only_card(world, ben.dm))


async def test_approvers_slack_never_tells_of_keep_no_other_card_back_for_ever(
    world: World, ada: PretendPerson, ben: PretendPerson
) -> None:
    await ada.slash("/vro", "help", channel="ops")
    world.slack.faults.fail("users.info", times=None)
    await ask(world)
    for _ in range(7):
        await world.pass_time(minutes=1)
    assert "Approve" in ada.reads(only_card(world, CHANGES))
    assert not world.slack.messages(ben.dm)


async def test_hidden_inputs_are_dots_in_channels_and_in_full_for_approvers(
    world: World, ada: PretendPerson, ben: PretendPerson, grace: PretendPerson
) -> None:
    card = await ask(world)
    for channel in ("ops", CHANGES, ben.dm):
        assert "CHG0001234" not in ben.reads(only_card(world, channel)), channel
    for who, sees in ((ben, True), (grace, True), (ada, True)):
        await review(world, who, card)
        assert ("CHG0001234" in who.reads()) is sees
        await who.close_view()


# the review


async def test_the_review_says_all_there_is_to_know(
    world: World, ada: PretendPerson, ben: PretendPerson
) -> None:
    card = await ask(world)
    await review(world, ben, card)
    shown = ben.reads()
    for words in ("web-01", "CHG0001234", "Can destroy something", "two stages", "0 of 1 approval, stage 1"):
        assert words in shown, words
    assert "has no run of this workflow that went well yet" in shown
    digest = ada.reads(card).partition("request `")[2][:12]
    assert len(digest) == 12
    assert digest in shown


async def test_closing_the_review_changes_nothing(world: World, ben: PretendPerson) -> None:
    card = await ask(world)
    await review(world, ben, card)
    await ben.close_view()
    await world.tick()
    assert "Waiting for approval" in ben.reads(world.card())
    assert not world.orchestrator.starts


async def test_the_review_shows_what_differs_from_the_last_run_that_went_well(
    world: World, ada: PretendPerson, ben: PretendPerson, grace: PretendPerson
) -> None:
    card = await ask(world)
    await press(world, ben, "Approve", card)
    await press(world, grace, "Approve", world.card())
    await world.until_told("Succeeded", card=card)
    second = await world.launch(ada, "delete virtual", DELETE | {"Virtual machine": "web-02"})
    await review(world, ben, second)
    assert "Differs from" in ben.reads()
    assert "web-01" in ben.reads().partition("Differs from")[2]
    await ben.close_view()
    same = await world.launch(ada, "delete virtual", DELETE)
    await review(world, ben, same)
    assert "The same values as in" in ben.reads()


async def test_a_comment_is_kept_with_the_approval(world: World, ben: PretendPerson) -> None:
    card = await ask(world)
    await review(world, ben, card, "Approve", "Checked with the <shop> team.")
    assert "Checked with the &lt;shop&gt; team." in world.told(card)
    assert "Checked with the &lt;shop&gt; team." in ben.reads(world.card())


async def test_a_rejection_in_the_review_needs_a_reason(world: World, ben: PretendPerson) -> None:
    card = await ask(world)
    await review(world, ben, card)
    await ben.pick("Your decision", "Reject")
    sent = await ben.submit()
    assert "Say why" in str(sent.errors)
    await world.tick()
    assert "Waiting for approval" in ben.reads(world.card())


async def test_a_decision_is_taken_back_until_the_start(
    world: World, ben: PretendPerson, linus: PretendPerson
) -> None:
    card = await ask_for_two(world)
    await press(world, ben, "Approve", card)
    assert "So far 1 of 2 approvals" in ben.reads(world.card())
    await review(world, ben, world.card())
    assert "Your decision" not in ben.reads()
    assert (await ben.press("Take my approval back")).ok
    await world.bot.dispatcher.drain(seconds=5)
    assert "no longer counts" in ben.reads()
    await world.tick()
    assert "took their approval back: 0 of 2 approvals" in world.told(card)
    await press(world, linus, "Approve", world.card())
    assert "So far 1 of 2 approvals" in ben.reads(world.card())
    assert not world.orchestrator.starts


async def test_the_requester_sees_why_they_cannot_decide_and_may_withdraw(
    world: World, ada: PretendPerson
) -> None:
    card = await ask(world)
    await review(world, ada, card)
    assert "somebody else has to decide" in ada.reads()
    assert "Your decision" not in ada.reads()
    await ada.close_view()
    await press(world, ada, "Withdraw", card)
    for channel in ("ops", CHANGES):
        assert "Withdrawn" in ada.reads(only_card(world, channel))


async def test_who_may_neither_decide_nor_run_it_sees_nothing(world: World) -> None:
    card = await ask_for_two(world)
    gil = world.person("gil")
    assert "full members" in await press(world, gil, "Review", card)


# clicks that come together, or too late


async def test_two_clicks_at_the_same_instant_have_one_effect_each_and_two_true_answers(
    world: World, ben: PretendPerson, linus: PretendPerson, grace: PretendPerson
) -> None:
    card = await ask_for_two(world)
    await press(world, grace, "Approve", card)
    await asyncio.gather(
        ben.press("Approve", in_=card, stale=True), linus.press("Approve", in_=card, stale=True)
    )
    await world.bot.dispatcher.drain(seconds=5)
    said = [who.reads(each) for who in (ben, linus) for each in who.ephemerals("ops")]
    assert len(said) == 1
    assert "Your click changed nothing" in said[0]
    told = await world.until_told("Succeeded", card=card)
    assert told.count("approved it") == 2
    assert len(world.orchestrator.starts) == 1


async def test_one_person_counts_once(world: World, ben: PretendPerson) -> None:
    card = await ask_for_two(world)
    await press(world, ben, "Approve", card)
    assert "one person, one decision" in await press(world, ben, "Approve", card)
    assert "So far 1 of 2 approvals" in ben.reads(world.card())


async def test_a_click_on_an_expired_request_is_answered_truly(world: World, ben: PretendPerson) -> None:
    card = await ask(world)
    copy = only_card(world, CHANGES)
    await world.pass_time(hours=3)
    for old in (card, copy):
        channel = CHANGES if old is copy else "ops"
        assert "expired" in await press(world, ben, "Approve", old, channel=channel)
    for channel in ("ops", CHANGES, ben.dm):
        assert "Expired" in ben.reads(only_card(world, channel))


async def test_a_decision_sent_from_a_review_that_is_out_of_date_changes_nothing(
    world: World, ben: PretendPerson, linus: PretendPerson
) -> None:
    card = await ask(world)
    await review(world, ben, card)
    await ben.pick("Your decision", "Approve")
    await review(world, linus, card, "Reject", "No.")
    await world.turn(ben)
    await world.bot.dispatcher.drain(seconds=5)
    assert "already rejected" in ben.reads()
    assert not world.orchestrator.starts


# holds


async def test_a_launch_in_a_freeze_says_until_when_it_waits(world: World, ada: PretendPerson) -> None:
    card = await world.launch(ada, "back up database", {"database": "erp"})
    await world.tick()
    assert "Waiting for the end of a freeze" in ada.reads(world.card())
    assert "Nothing starts during the freeze “change freeze”" in world.told(card)
    assert "Nothing starts during the freeze “change freeze”" in ada.reads(world.card())
    assert not world.orchestrator.starts


async def test_two_launches_on_one_machine_queue_and_say_behind_whom(
    world: World, ada: PretendPerson, ben: PretendPerson
) -> None:
    first = await world.launch(ben, "resize disk", DISK)
    second = await world.launch(ada, "resize disk", DISK)
    await world.tick()
    shown = ada.reads(world.card())
    assert "Queued, first in line" in shown
    assert "behind <@U0BEN>'s launch" in shown
    assert "web-01" in shown
    assert world.told(second).count("Queued, first in line, behind <@U0BEN>'s launch") == 1
    await world.until_told("Succeeded", card=first)
    await world.until_told("Succeeded", card=second)
    assert len(world.orchestrator.starts) == 2


# wishes: another time, and the broken glass


async def at_review(world: World, who: PretendPerson, words: str, answers: dict[str, str]) -> None:
    """Fill in a form up to its review."""
    await world.fill(who, words, answers)
    while who.view is not None and who.view["callback_id"] != "send_form":
        assert (await world.turn(who)).ok


async def test_a_launch_can_be_asked_to_start_later(world: World, ada: PretendPerson) -> None:
    await at_review(world, ada, "resize disk", DISK)
    assert "it starts as soon as it may, or at the time you choose below. If another run" in ada.reads()
    await ada.type("Start at", world.now() + timedelta(hours=2))
    assert (await world.send(ada)).ok
    await world.tick(2)
    assert "Starts later" in ada.reads(world.card())
    assert "It starts <!date^" in world.told()
    await world.pass_time(hours=1)
    assert not world.orchestrator.starts
    await world.pass_time(hours=1, minutes=1)
    await world.until_told("Succeeded")
    assert len(world.orchestrator.starts) == 1


@pytest.mark.parametrize("hours", [-1, 24 * 91])
async def test_a_start_that_cannot_be_waited_for_is_said_at_its_field(
    world: World, ada: PretendPerson, hours: int
) -> None:
    await at_review(world, ada, "resize disk", DISK)
    await ada.type("Start at", world.now() + timedelta(hours=hours))
    sent = await world.turn(ada)
    assert "Choose a moment that is to come" in str(sent.errors)
    await world.tick()
    assert not world.slack.messages("ops")


async def test_a_broken_glass_is_loud_passes_the_freeze_and_is_reviewed(
    world: World, ada: PretendPerson, grace: PretendPerson
) -> None:
    await at_review(world, ada, "back up database", {"Database": "erp"})
    assert "Nothing starts yet: it waits until the freeze" in ada.reads()
    await ada.type("Break-glass: why can it not wait?", "The <disk> fails tonight.")
    assert (await world.send(ada)).ok
    await world.tick()
    await world.until_told("Succeeded", seconds=1200)
    told = world.told()
    assert ":rotating_light: *Break-glass.* <@U0ADA> starts this without approval and in spite of" in told
    assert "The &lt;disk&gt; fails tonight." in told
    assert "has to review it" in told
    assert len(world.orchestrator.starts) == 1
    copy = only_card(world, CHANGES)
    assert "*Break-glass* by <@U0ADA>" in grace.reads(copy)
    assert "somebody else has to review it" in await press(world, ada, "Reviewed", world.card())
    await press(world, grace, "Reviewed", copy, channel=CHANGES)
    await grace.type("Comment", "Right so.")
    assert (await world.turn(grace)).ok
    await world.tick()
    for channel in ("ops", CHANGES):
        assert "*Reviewed* by <@U0GRACE>" in grace.reads(only_card(world, channel)), channel
    assert "<@U0GRACE> reviewed it." in world.told()


async def test_only_whom_the_policy_names_is_offered_the_glass_and_only_where_there_is_a_pane(
    world: World, ada: PretendPerson, ben: PretendPerson
) -> None:
    await at_review(world, ben, "delete virtual", DELETE)
    assert "Break-glass" not in ben.reads()
    await at_review(world, ada, "resize disk", DISK)
    assert "Break-glass" not in ada.reads()
    await ada.close_view()
    await at_review(world, ada, "delete virtual", DELETE)
    assert "Break-glass" in ada.reads()
