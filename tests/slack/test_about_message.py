"""Run a workflow about a message: from anywhere, with its text, and its thread hears the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.scripts import Declared
from bot.demo.orchestrator.workflows import PretendWorkflow
from bot.slack.mrkdwn import decoded
from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.demo.slack.driver.person import PretendPerson
    from bot.demo.slack.wire import Json
    from tests.world import World

POLICY = """
rules:
  - name: guarded
    workflows: {names: [Drop volume]}
    run: {users: [U0ADA]}
    approve: {users: [U0GRACE]}
  - name: all
    workflows: {folders: ["**"]}
    run: {users: [U0ADA, U0BEN]}
"""
INPUTS = (Declared(name="vm", type="string"), Declared(name="why", type="string"))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(database)
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    async with a_world(tmp_path, database=database, policy=policy) as made:
        for name in ("Restart it", "Drop volume"):
            made.orchestrator.add_workflow(PretendWorkflow(name=name, inputs=INPUTS))
        await made.bot.catalogue.refresh()
        yield made


@pytest.fixture
def ada(world: World) -> PretendPerson:
    return world.person("ada")


async def form_about(world: World, who: PretendPerson, message: Json, name: str) -> None:
    """Start the shortcut on a message, and pick a workflow."""
    assert (await who.message_shortcut("run_about", message)).ok
    await world.bot.dispatcher.drain(seconds=5)
    assert (await who.pick("Workflow", name)).ok
    await world.bot.dispatcher.drain(seconds=5)
    assert who.view is not None


async def sent_about(world: World, who: PretendPerson, message: Json, name: str = "Restart it") -> Json:
    """The same, filled in and sent; its card."""
    await form_about(world, who, message, name)
    await world.enter(who, {"vm": "web-01", "why": "it hangs"})
    assert (await world.send(who)).closed
    await world.tick()
    return world.card()


def replies(world: World, message: Json) -> list[str]:
    """What the bot said in the thread of a message."""
    head = str(message.get("thread_ts", message["ts"]))
    thread = world.slack.thread("ops", head)
    return [world.person("ada").reads(each) for each in thread if each.get("bot_id")]


async def ended(world: World, card: Json, state: str = "completed") -> None:
    world.orchestrator.finish(world.orchestrator.starts[-1].execution_id, state=state, error="no")
    await world.until_told("*Succeeded*" if state == "completed" else "*Failed*", card=card)
    await world.tick(2)


async def test_the_thread_hears_that_it_was_asked_for_and_how_it_ended(
    world: World, ada: PretendPerson
) -> None:
    message = await world.person("ben").say("web-01 hangs again", channel="ops")
    card = await sent_about(world, ada, message)
    (told,) = replies(world, message)
    assert "Restart it> about this, asked for by <@U0ADA>" in told
    assert card["ts"].replace(".", "") in told, "it links to the card"
    await ended(world, card)
    first, last = replies(world, message)
    assert "Succeeded" in first
    assert "Succeeded" in last
    assert "it hangs" not in first + last
    assert "it hangs" in ada.reads(card)


async def test_a_reply_leads_to_the_thread_it_is_in(world: World, ada: PretendPerson) -> None:
    head = await world.person("ben").say("web-01 hangs again", channel="ops")
    reply = await world.person("ben").say("please restart it", thread=head)
    await sent_about(world, ada, reply)
    assert len(replies(world, head)) == 1


async def test_its_text_fills_an_input_as_it_was_written(world: World, ada: PretendPerson) -> None:
    message = await world.person("ben").say("cpu > 90 & <rising>", channel="ops")
    await form_about(world, ada, message, "Restart it")
    await world.enter(ada, {"vm": "web-01"})
    await world.enter(ada, {"start_from": ("The message, in “why”",)})
    assert ada.value("why") == "cpu > 90 & <rising>"
    assert ada.value("vm") == "web-01", "what was typed stays"


async def test_a_rejection_is_heard_too(world: World, ada: PretendPerson) -> None:
    grace = world.person("grace")
    message = await world.person("ben").say("drop it", channel="ops")
    card = await sent_about(world, ada, message, "Drop volume")
    await world.press(grace, "Reject", card=card)
    await grace.type("Why not?", "Not today.")
    assert (await grace.submit()).ok
    await world.bot.dispatcher.drain(seconds=5)
    await world.tick(2)
    assert "Rejected" in replies(world, message)[-1]


@pytest.mark.parametrize("lost", [1, 2, 3, 4])
async def test_a_reply_whose_answer_was_lost_is_not_said_twice(
    world: World, ada: PretendPerson, lost: int
) -> None:
    message = await world.person("ben").say("web-01 hangs again", channel="ops")
    await form_about(world, ada, message, "Restart it")
    await world.enter(ada, {"vm": "web-01", "why": "it hangs"})
    world.slack.faults.lose_answer("chat.postMessage", times=lost)
    assert (await world.send(ada)).closed
    for _ in range(12):
        await world.pass_time(seconds=10)
    assert len(replies(world, message)) == 1
    world.slack.faults.lose_answer("chat.postMessage", times=lost)
    world.orchestrator.finish(world.orchestrator.starts[-1].execution_id)
    for _ in range(12):
        await world.pass_time(seconds=10)
    assert len(replies(world, message)) == 2


async def test_a_message_that_is_gone_keeps_nothing_else_back(world: World, ada: PretendPerson) -> None:
    message = await world.person("ben").say("web-01 hangs again", channel="ops")
    await form_about(world, ada, message, "Restart it")
    await world.enter(ada, {"vm": "web-01", "why": "it hangs"})
    assert (await world.send(ada)).closed
    world.slack.faults.fail("chat.postMessage", "thread_not_found", times=1)
    await world.tick(3)
    await world.pass_time(seconds=40)
    await ended(world, world.card())


async def test_a_channel_without_the_bot_is_said_and_nothing_is_opened(
    world: World, ada: PretendPerson
) -> None:
    message = await world.person("ben").say("web-01 hangs again", channel="ops")
    world.slack.directory.channel("ops").members.discard("U0BOT")
    await form_about(world, ada, message, "Restart it")
    assert "invite" in ada.reads().lower()


async def test_a_long_message_still_opens_the_picker(world: World, ada: PretendPerson) -> None:
    message = await world.person("ben").say('"\n' * 3_000, channel="ops")
    await form_about(world, ada, message, "Restart it")
    assert "vm" in ada.labels


@pytest.mark.parametrize(("kept", "written"), [("a &lt;b&gt; &amp;", "a <b> &"), ("&amp;lt;", "&lt;")])
def test_a_kept_text_is_decoded_once(kept: str, written: str) -> None:
    assert decoded(kept) == written
