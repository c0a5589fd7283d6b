"""A channel, thread or person that takes nothing any more: told directly, tried again, caught up on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bot.store.migrating import migrate
from tests.slack.test_approvals import DELETE, POLICY
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.demo.slack.wire import Json
    from tests.world import World

BOT = "U0BOT"
POST, UPDATE = "chat.postMessage", "chat.update"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(database)
    async with a_world(tmp_path, database=database) as made:
        yield made


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[World]:
    """Where launches need approval: of people who are asked in a channel and directly."""
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(database)
    async with a_world(tmp_path, database=database, policy=POLICY) as made:
        yield made


async def asked(world: World, *, channel: str = "ops") -> Json:
    """The card of a launch that runs and ends within a minute."""
    return await world.launch(world.person("ada"), "health report", channel=channel)


async def let_pass(world: World, *, minutes: int = 1) -> None:
    for _ in range(6 * minutes):
        await world.pass_time(seconds=10)


def now(world: World, card: Json, *, channel: str = "ops") -> str:
    """What a card says now."""
    (found,) = [each for each in world.slack.messages(channel) if each["ts"] == card["ts"]]
    return world.person("ada").reads(found)


def direct(world: World, who: str = "ada") -> list[str]:
    """What somebody was told directly."""
    person = world.person(who)
    return [person.reads(each) for each in world.slack.messages(person.dm)]


def put_out(world: World, channel: str = "ops") -> None:
    world.slack.directory.channel(channel).members.discard(BOT)


def invite(world: World, channel: str = "ops") -> None:
    world.slack.directory.channel(channel).members.add(BOT)


def archive(world: World, *, is_archived: bool = True) -> None:
    world.slack.directory.channel("ops").is_archived = is_archived


async def test_who_asked_is_told_directly_once_when_the_bot_was_put_out_of_the_channel(world: World) -> None:
    card = await asked(world)
    put_out(world)
    await let_pass(world, minutes=5)
    assert "Succeeded" not in world.told(card)
    (told,) = [each for each in direct(world) if "Succeeded" in each]
    assert "Health report" in told
    assert "I am not in <#C0OPS> any more" in told
    assert card["ts"].replace(".", "") in told  # the address of the card
    assert len(direct(world)) <= 2  # one for each piece of news
    assert "Succeeded" in now(world, card)  # Slack still takes changes there


async def test_invited_again_the_thread_catches_up_once_and_nothing_is_told_directly_anew(
    world: World,
) -> None:
    card = await asked(world)
    put_out(world)
    await let_pass(world, minutes=5)
    before = direct(world)
    invite(world)
    await let_pass(world, minutes=10)
    assert world.told(card).count("Succeeded") == 1
    assert world.told(card).count("Started") == 1
    assert "Told late" in world.told(card)
    assert direct(world) == before


async def test_an_archived_channel_is_told_of_and_card_and_thread_catch_up_when_it_is_unarchived(
    world: World,
) -> None:
    card = await asked(world)
    archive(world)
    await let_pass(world)
    assert "Succeeded" not in now(world, card)
    assert "<#C0OPS> is archived" in direct(world)[-1]
    assert "Succeeded" in direct(world)[-1]
    archive(world, is_archived=False)
    await let_pass(world, minutes=3)
    assert "Succeeded" in now(world, card)
    assert world.told(card).count("Succeeded") == 1


async def test_a_locked_thread_does_not_stop_the_card(world: World) -> None:
    card = await asked(world)
    world.slack.directory.channel("ops").locked_threads.add(card["ts"])
    await let_pass(world)
    assert "Succeeded" in now(world, card)
    assert "its thread in <#C0OPS> is locked" in direct(world)[-1]
    world.slack.directory.channel("ops").locked_threads.clear()
    await let_pass(world, minutes=3)
    assert world.told(card).count("Succeeded") == 1


async def test_a_card_that_cannot_be_changed_does_not_stop_the_thread_and_nobody_is_told_directly(
    world: World,
) -> None:
    card = await asked(world)
    world.slack.faults.fail(UPDATE, "restricted_action", channel="C0OPS", times=None)
    await let_pass(world, minutes=3)
    assert world.told(card).count("Succeeded") == 1
    assert not direct(world)
    world.slack.faults.clear()
    await let_pass(world, minutes=5)
    assert "Succeeded" in now(world, card)
    assert world.told(card).count("Succeeded") == 1


async def test_a_deleted_card_is_told_of_directly(world: World) -> None:
    card = await asked(world)
    for reply in world.slack.thread("C0OPS", card["ts"])[1:]:
        world.slack.workspace.messages.remove("C0OPS", reply["ts"])
    world.slack.workspace.messages.remove("C0OPS", card["ts"])
    world.slack.faults.fail(POST, "thread_not_found", channel="C0OPS", times=None)
    await let_pass(world)
    assert "its card in <#C0OPS> was deleted" in direct(world)[-1]
    assert "Succeeded" in direct(world)[-1]


@pytest.mark.parametrize("code", ["msg_too_long", "restricted_action", "cannot_reply_to_message"])
async def test_what_slack_refuses_for_good_is_told_directly_and_the_card_goes_on(
    world: World, code: str
) -> None:
    card = await asked(world)
    world.slack.faults.fail(POST, code, channel="C0OPS", times=None)
    await let_pass(world)
    assert "Succeeded" in now(world, card)
    assert "Succeeded" in direct(world)[-1]
    assert len(direct(world)) <= 2


async def test_a_message_refused_for_what_is_in_it_is_told_as_bare_text(world: World) -> None:
    card = await asked(world)
    world.slack.faults.fail(UPDATE, "msg_blocks_too_long")
    world.slack.faults.fail(POST, "msg_blocks_too_long")
    await let_pass(world)
    assert "Succeeded" in world.told(card)
    assert "Succeeded" in now(world, card)


async def test_a_refusal_nobody_knows_is_told_directly_once_it_lasts(world: World) -> None:
    await asked(world)
    world.slack.faults.fail(POST, "a_word_of_tomorrow", channel="C0OPS", times=None)
    await let_pass(world, minutes=2)
    assert not direct(world)
    await let_pass(world, minutes=15)
    assert "Succeeded" in direct(world)[-1]


async def test_a_direct_message_whose_answer_was_lost_is_not_sent_twice(world: World) -> None:
    await asked(world)
    put_out(world)
    world.slack.faults.lose_answer(POST, channel="U0ADA", times=2)
    await let_pass(world, minutes=5)
    told = direct(world)
    assert sum("Succeeded" in each for each in told) == 1
    assert len(told) == len(set(told))


async def test_a_line_whose_answer_was_lost_right_before_is_not_told_twice_after(world: World) -> None:
    card = await asked(world)
    world.slack.faults.lose_answer(POST, channel="C0OPS")
    while "Succeeded" not in world.told(card):
        await world.pass_time(seconds=1)
    put_out(world)
    await let_pass(world, minutes=3)
    invite(world)
    await let_pass(world, minutes=10)
    assert world.told(card).count("Succeeded") == 1


async def test_the_longer_a_place_is_lost_the_rarer_it_is_tried(world: World) -> None:
    await asked(world)
    archive(world)
    await let_pass(world)
    world.slack.calls.clear()
    for _ in range(6 * 24):  # a day
        await world.pass_time(minutes=10)
    calls = Counter(call.method for call in world.slack.calls)
    assert 4 <= calls[POST] <= 20
    assert calls.total() <= 60


async def test_news_of_a_place_lost_long_ago_is_told_directly_at_once(asking: World) -> None:
    await asking.launch(asking.person("ada"), "delete virtual", DELETE)
    archive(asking)
    await asking.pass_time(minutes=31)  # the reminder
    for _ in range(5):
        await asking.pass_time(minutes=10)
    assert "Reminder" in direct(asking)[-1]
    ben = asking.person("ben")
    copy = asking.slack.messages(ben.dm)[0]
    pressed = await ben.press("Approve", in_={**copy, "channel": ben.dm}, stale=True)
    await asking.bot.dispatcher.drain(seconds=5)
    assert pressed.ok
    await asking.tick()
    assert "approved it" in direct(asking)[-1]


async def test_what_else_was_lost_in_a_channel_is_caught_up_on_when_it_takes_a_launch_again(
    world: World,
) -> None:
    card = await asked(world)
    put_out(world)
    await let_pass(world)
    for _ in range(24):
        await world.pass_time(minutes=10)
    invite(world)
    await asked(world)
    await world.pass_time(seconds=2)
    assert world.told(card).count("Succeeded") == 1


async def test_nobody_can_be_told_and_the_approvers_are_asked_all_the_same(asking: World) -> None:
    ada, ben = asking.person("ada"), asking.person("ben")
    await asking.fill(ada, "delete virtual", DELETE)
    assert (await asking.send(ada)).ok
    put_out(asking)
    asking.slack.faults.fail(POST, "messages_tab_disabled", channel="U0ADA", times=None)
    await let_pass(asking)
    (copy,) = asking.slack.messages(ben.dm)
    assert "Approve" in ben.reads(copy)
    assert not direct(asking)
    asking.slack.faults.clear()
    invite(asking)
    await let_pass(asking, minutes=3)
    assert len(asking.slack.messages("ops")) == 1


async def test_an_approver_who_takes_no_messages_costs_few_calls_and_stops_no_other(asking: World) -> None:
    asking.slack.faults.fail(POST, "cannot_dm_bot", channel="U0BEN", times=None)
    await asking.launch(asking.person("ada"), "delete virtual", DELETE)
    for _ in range(60):
        await asking.pass_time(minutes=1)
    assert len(asking.slack.messages(asking.person("linus").dm)) == 1
    tried = [call for call in asking.slack.calls_of(POST) if call.arguments["channel"] == "U0BEN"]
    assert 3 <= len(tried) <= 12


async def test_a_copy_is_shown_when_its_channel_takes_it_again(asking: World) -> None:
    put_out(asking, "vm-changes")
    card = await asking.launch(asking.person("ada"), "delete virtual", DELETE)
    assert not asking.slack.messages("vm-changes")
    await let_pass(asking, minutes=5)
    assert asking.told(card).count("I cannot post in <#C0VMCHANGES>") == 1
    invite(asking, "vm-changes")
    await let_pass(asking, minutes=10)
    assert asking.told(card).count("I cannot post in <#C0VMCHANGES>") == 1
    (copy,) = asking.slack.messages("vm-changes")
    assert "Approve" in asking.person("ben").reads(copy)


async def test_that_a_channel_is_not_asked_is_said_once_though_the_answer_was_lost(asking: World) -> None:
    put_out(asking, "vm-changes")
    ada = asking.person("ada")
    await asking.fill(ada, "delete virtual", DELETE)
    assert (await asking.send(ada)).ok
    asking.slack.faults.slow(POST, seconds=0, channel="C0OPS", times=2)  # card and story, then the word
    asking.slack.faults.lose_answer(POST, channel="C0OPS")
    await let_pass(asking, minutes=5)
    assert not asking.slack.faults.take(POST, channel="C0OPS"), "no answer was lost"
    assert asking.told().count("I cannot post in <#C0VMCHANGES>") == 1


async def test_a_copy_whose_channel_refuses_the_reminder_is_still_drawn_and_reminded_once_later(
    asking: World,
) -> None:
    await asking.launch(asking.person("ada"), "delete virtual", DELETE)
    (copy,) = asking.slack.messages("vm-changes")
    asking.slack.directory.channel("vm-changes").locked_threads.add(copy["ts"])
    await asking.pass_time(minutes=31)
    await let_pass(asking, minutes=2)
    assert "Reminder" not in asking.told(copy, channel="vm-changes")
    asking.slack.directory.channel("vm-changes").locked_threads.clear()
    await let_pass(asking, minutes=5)
    assert asking.told({**copy, "channel": "vm-changes"}).count("Reminder") == 1
