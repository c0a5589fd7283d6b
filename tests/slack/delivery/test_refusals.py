"""When Slack refuses a card, a change or a look: it is told later, once, and the others do not wait."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from bot.slack.delivery.audience import MOST_PEOPLE
from bot.slack.receivers.links import SocketLink

if TYPE_CHECKING:
    from bot.demo.slack.driver.person import PretendPerson
    from tests.world import World

APPROVALS = Path(__file__).parent.parent / "approvals.yaml"
DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
CHANGES = "vm-changes"
CROWD = "\n".join(
    f"      - U0LEAD{number:03}" for number in range(MOST_PEOPLE + 10)
)  # nobody of them is known to Slack
MANY = f"""
rules:
  - name: many approvers
    workflows: {{names: [Health report]}}
    run: {{users: [U0ADA]}}
    approve:
      users:
{CROWD}
      within: 1h
      notify: {{direct: true}}
"""

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def ada(world: World) -> PretendPerson:
    return world.person("ada")


async def ask(world: World, who: PretendPerson, *, channel: str = "ops") -> None:
    """A launch that needs no approval, sent and not told yet."""
    await world.fill(who, "health report", {}, channel=channel)
    assert (await world.send(who)).ok


async def let_pass(world: World) -> None:
    """Time enough for every second try."""
    for _ in range(8):
        await world.pass_time(seconds=10)


@pytest.mark.parametrize("error", ["internal_error", "fatal_error", "msg_too_long", "team_added_to_org"])
async def test_a_card_that_slack_refuses_for_now_is_posted_later_and_once(
    world: World, ada: PretendPerson, caplog: pytest.LogCaptureFixture, error: str
) -> None:
    await ask(world, ada)
    world.slack.faults.fail("chat.postMessage", error, times=2)
    await let_pass(world)
    (card,) = world.slack.messages("ops")
    assert "Succeeded" in ada.reads(card)
    assert "Succeeded" in world.told(card)
    assert f"Slack refused word of launch {(await world.bot.store.audit.page())[-1].entry.launch_id}" in (
        caplog.text
    )


async def test_a_change_that_slack_refuses_for_now_is_shown_later(world: World, ada: PretendPerson) -> None:
    await ask(world, ada)
    await world.bot.announcer.tick()
    world.slack.faults.fail("chat.update", "internal_error", times=2)
    await let_pass(world)
    assert "Succeeded" in ada.reads(world.card())


async def test_a_card_in_doubt_waits_for_a_look_that_slack_refuses_for_now(
    world: World, ada: PretendPerson
) -> None:
    await ask(world, ada)
    world.slack.faults.lose_answer("chat.postMessage")
    world.slack.faults.fail("conversations.history", "internal_error", times=1)
    await let_pass(world)
    (card,) = world.slack.messages("ops")
    assert "Succeeded" in ada.reads(card)


async def test_a_card_in_doubt_where_the_bot_may_not_look_is_posted_rather_than_missing(
    world: World, ada: PretendPerson
) -> None:
    await ask(world, ada, channel=ada.dm)
    world.slack.faults.lose_answer("chat.postMessage")
    world.slack.faults.fail("conversations.open", "missing_scope", times=None)
    world.slack.faults.fail("conversations.history", "missing_scope", times=None)
    await let_pass(world)
    assert "Succeeded" in ada.reads(world.slack.messages(ada.dm)[-1])


@pytest.mark.policy(APPROVALS)
async def test_a_copy_that_slack_refuses_until_it_is_needed_no_more_is_never_posted(
    world: World, ada: PretendPerson
) -> None:
    ben, grace = world.person("ben"), world.person("grace")
    card = await world.launch(ada, "delete virtual", DELETE)
    await world.tick()
    world.slack.faults.fail("chat.postMessage", "fatal_error", times=None)
    await world.press(ben, "Approve", card=card)
    await world.tick()
    await world.press(ada, "Withdraw", card=world.card())
    await world.tick()
    world.slack.faults.clear()
    await let_pass(world)
    assert "Withdrawn" in ada.reads(world.card())
    assert not world.slack.messages(grace.dm)


@pytest.mark.policy(APPROVALS)
@pytest.mark.parametrize("lost", [1, 2, 4])
async def test_a_reminder_whose_answer_was_lost_is_said_once_beside_each_card(
    world: World, lost: int
) -> None:
    ben = world.person("ben")
    await world.launch(world.person("ada"), "delete virtual", DELETE)
    await world.tick()
    world.slack.faults.lose_answer("chat.postMessage", times=lost)
    await world.pass_time(minutes=31)
    await let_pass(world)
    for channel in ("ops", CHANGES, ben.dm):
        card = next(
            each for each in world.slack.messages(channel) if each.get("thread_ts", each["ts"]) == each["ts"]
        )
        said = world.told({**card, "channel": channel}, channel=channel)
        assert said.count("Reminder: this still needs") == 1, channel


@pytest.mark.policy(MANY)
async def test_more_approvers_than_may_be_written_to_hold_up_nothing(
    world: World, ada: PretendPerson, caplog: pytest.LogCaptureFixture
) -> None:
    await ask(world, ada)
    for _ in range(8):
        await world.pass_time(minutes=1)
    assert "Needs approval" in ada.reads(world.card())
    assert "10 approvers of launch" in caplog.text
    assert "are too many to write to" in caplog.text


async def test_an_ack_does_not_leave_on_a_socket_whose_connection_broke() -> None:
    """The socket itself finds out when it reads next; until then it counts as open."""

    async def hang_up(request: web.Request) -> web.WebSocketResponse:
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        assert request.transport is not None
        request.transport.abort()
        return opened

    app = web.Application()
    app.router.add_get("/", hang_up)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with aiohttp.ClientSession() as session:
            socket = await session.ws_connect(f"http://127.0.0.1:{runner.addresses[0][1]}/")
            link = SocketLink(socket)
            async with asyncio.timeout(20):
                while await link.send("{}"):  # noqa: ASYNC110 - the link tells by no event that it broke
                    await asyncio.sleep(0.01)
            assert not socket.closed
    finally:
        await runner.cleanup()
