"""Socket Mode outlives whatever Slack does: links come back, none is orphaned, envelopes get acks."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.demo.slack import PretendSlack
from bot.slack.answers import SlackClient
from tests.slack.receivers.receiving import CALM, PATIENCE, QUICK, receiving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.demo.slack.delivery.socket_mode import DisconnectReason


@pytest.fixture
async def slack() -> AsyncIterator[PretendSlack]:
    """The pretend Slack, whose tickets go stale within the time that outages here last."""
    async with PretendSlack(ticket_seconds=1.0, ack_seconds=10) as running:
        yield running


OPEN = "apps.connections.open"
MISBEHAVIOURS: dict[str, Callable[[PretendSlack], None]] = {
    "tickets: 500": lambda slack: slack.faults.status(OPEN, 500, times=None),
    "tickets: an error": lambda slack: slack.faults.fail(OPEN, "internal_error", times=None),
    "tickets: refused": lambda slack: slack.faults.fail(OPEN, "invalid_auth", times=None),
    "tickets: dropped": lambda slack: slack.faults.drop(OPEN, times=None),
    "tickets: hanging": lambda slack: slack.faults.hang(OPEN, times=None),
    "tickets: 429": lambda slack: slack.faults.limit(OPEN, times=None, retry_after=1),
    "tickets: HTML": lambda slack: slack.faults.answer(
        OPEN, b"<html>503</html>", content_type="text/html", times=None
    ),
    "tickets: words": lambda slack: slack.faults.answer(OPEN, b"ok", content_type="text/plain", times=None),
    "tickets: null": lambda slack: slack.faults.answer(OPEN, b"null", times=None),
    "tickets: []": lambda slack: slack.faults.answer(OPEN, b"[]", times=None),
    "tickets: a list": lambda slack: slack.faults.answer(OPEN, b"[1]", times=None),
    "tickets: cut": lambda slack: slack.faults.answer(OPEN, b'{"ok":true,"url":"ws', times=None),
    "tickets: no text": lambda slack: slack.faults.answer(OPEN, b'"\xff\xfe"', times=None),
    "tickets: deep": lambda slack: slack.faults.answer(OPEN, b"[" * 100_000, times=None),
    "tickets: null url": lambda slack: slack.faults.answer(OPEN, b'{"ok":true,"url":null}', times=None),
    "tickets: no url": lambda slack: slack.faults.answer(OPEN, b'{"ok":true}', times=None),
    "tickets: bad url": lambda slack: slack.faults.answer(OPEN, b'{"ok":true,"url":"::"}', times=None),
    "tickets: other url": lambda slack: slack.faults.answer(
        OPEN, b'{"ok":true,"url":"ftp://x/"}', times=None
    ),
    "tickets: ok without word": lambda slack: slack.faults.answer(OPEN, b'{"ok":false}', times=None),
    "handshake: 503": lambda slack: slack.faults.status("handshake", 503, times=None),
    "handshake: 429": lambda slack: slack.faults.limit("handshake", times=None, retry_after=1),
    "handshake: hanging": lambda slack: slack.faults.hang("handshake", times=None),
    "handshake: dropped": lambda slack: slack.faults.drop("handshake", times=None),
    "handshake: slower than a ticket": lambda slack: slack.faults.slow("handshake", seconds=1.1, times=None),
    "hello: never": lambda slack: slack.faults.hang("hello", times=None),
    "hello: late": lambda slack: slack.faults.slow("hello", seconds=0.9, times=None),
    "hello: cut": lambda slack: slack.faults.drop("hello", times=None),
}


async def in_each_misbehaviour(check: Callable[[PretendSlack, str], Awaitable[None]]) -> None:
    """Run a check in every misbehaviour, each beside others: they mostly wait."""
    turns = asyncio.Semaphore(9)

    async def one(misbehaviour: str) -> None:
        async with turns, PretendSlack(ticket_seconds=1.0, ack_seconds=10) as slack:
            try:
                await check(slack, misbehaviour)
            except BaseException as error:
                error.add_note(misbehaviour)
                raise

    async with asyncio.TaskGroup() as group:
        for each in MISBEHAVIOURS:
            group.create_task(one(each))


async def outlives(slack: PretendSlack, misbehaviour: str) -> None:
    async with receiving(slack, timings=QUICK) as bot:
        await bot.until_linked(2)
        MISBEHAVIOURS[misbehaviour](slack)
        slack.sockets.drop()
        await asyncio.sleep(1.5)  # longer than a ticket lives
        assert not bot.running.done()
        slack.faults.clear()
        await bot.stays_linked(2)
        await bot.is_reached()


async def begins(slack: PretendSlack, misbehaviour: str) -> None:
    MISBEHAVIOURS[misbehaviour](slack)
    async with receiving(slack, links=1, timings=QUICK) as bot:
        await asyncio.sleep(0.6)
        assert bot.receiver.deaf_seconds > 0.5
        slack.faults.clear()
        await bot.until_linked(1)
        await bot.is_reached()


@pytest.mark.parametrize("check", [outlives, begins])
async def test_an_outage_of_any_kind_is_outlived(
    check: Callable[[PretendSlack, str], Awaitable[None]],
) -> None:
    await in_each_misbehaviour(check)


async def test_it_outlives_connections_that_are_refused(slack: PretendSlack) -> None:
    async with receiving(slack) as bot:
        await bot.until_linked(2)
        await slack.go_down()
        slack.sockets.drop()
        await asyncio.sleep(1.0)
        assert bot.receiver.deaf_seconds > 0.5
        await slack.come_back()
        await bot.stays_linked(2)
        await bot.is_reached()


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "a reason nobody has heard of"])
async def test_what_slack_sends_behind_a_disconnect_is_acked(
    slack: PretendSlack, reason: DisconnectReason
) -> None:
    async with receiving(slack) as bot:
        await bot.until_linked(2)
        bot.gate.clear()
        sent = [asyncio.create_task(bot.command()) for _ in range(6)]
        await slack.until(lambda: len(slack.deliveries) == 6, timeout=PATIENCE)
        await slack.sockets.disconnect(reason)
        sent += [asyncio.create_task(bot.command()) for _ in range(12)]
        await asyncio.sleep(0.3)  # successors are there meanwhile
        bot.gate.set()
        assert all(ack.ok for ack in await asyncio.gather(*sent))
        await bot.stays_linked(2)
        await bot.is_reached()
        assert 2 < slack.sockets.most_open <= 4


async def test_a_successor_is_there_before_the_old_link_goes(slack: PretendSlack) -> None:
    async with receiving(slack, links=1) as bot:
        await bot.until_linked(1)
        (old,) = slack.sockets.connections
        await slack.sockets.disconnect("refresh_requested")
        await slack.until(lambda: old not in slack.sockets.connections, timeout=PATIENCE)
        assert slack.sockets.connections
        assert slack.sockets.most_open == 2
        assert not bot.receiver.deaf_seconds


async def test_two_disconnects_at_once_make_one_successor(slack: PretendSlack) -> None:
    async with receiving(slack, links=1) as bot:
        await bot.until_linked(1)
        await slack.sockets.disconnect("warning")
        await slack.sockets.disconnect("refresh_requested")
        await bot.stays_linked(1)
        assert slack.sockets.most_open == 2


async def test_a_slow_handshake_leaves_no_orphan_behind(slack: PretendSlack) -> None:
    async with receiving(slack, links=1, timings=QUICK) as bot:
        await bot.until_linked(1)
        slack.faults.slow("handshake", seconds=0.7, times=2)  # the receiver gives up after half a second
        slack.sockets.drop()
        await bot.stays_linked(1)
        await bot.is_reached(8)


async def test_with_too_many_websockets_the_old_one_goes_first(slack: PretendSlack) -> None:
    async with receiving(slack, links=1) as bot:
        await bot.until_linked(1)
        slack.sockets.most_connections = 1
        await slack.sockets.disconnect("too_many_websockets")
        await bot.stays_linked(1)
        await bot.is_reached()
        assert slack.sockets.most_open == 1


async def test_sent_away_as_one_too_many_it_tries_again(slack: PretendSlack) -> None:
    slack.sockets.most_connections = 1
    async with receiving(slack, links=2) as bot:
        await bot.stays_linked(1)
        await bot.is_reached()
        slack.sockets.most_connections = 10
        await bot.stays_linked(2)


@pytest.mark.parametrize("live", [True, False], ids=["on a link", "instead of a hello"])
async def test_socket_mode_switched_off_is_said_and_waited_for(
    slack: PretendSlack, caplog: pytest.LogCaptureFixture, *, live: bool
) -> None:
    async with receiving(slack, links=1, timings=QUICK) as bot:
        await bot.until_linked(1)
        if live:
            slack.faults.fail(OPEN, "link_disabled", times=None)
        else:
            slack.faults.hang("hello", times=None)
        await slack.sockets.disconnect("link_disabled")
        await asyncio.sleep(0.3)
        await slack.sockets.disconnect("link_disabled")
        await asyncio.sleep(0.5)
        errors = [each for each in caplog.records if each.levelno == logging.ERROR]
        assert ["Socket Mode is on" in each.getMessage() for each in errors] == [True]
        slack.faults.clear()
        await bot.stays_linked(1)


async def test_a_half_open_socket_is_noticed_and_replaced(slack: PretendSlack) -> None:
    async with receiving(slack, links=1, timings=replace(CALM, heartbeat=0.5)) as bot:
        await bot.until_linked(1)
        (dead,) = slack.sockets.connections
        slack.sockets.half_open()
        await slack.until(
            lambda: any(each is not dead for each in slack.sockets.connections), timeout=PATIENCE
        )
        await slack.until(lambda: dead not in slack.sockets.connections, timeout=PATIENCE)
        await bot.stays_linked(1)
        await bot.is_reached()


async def test_an_ack_that_the_socket_was_cut_under_leaves_on_another(slack: PretendSlack) -> None:
    async with receiving(slack, links=1) as bot:
        await bot.until_linked(1)
        sent = await bot.held_command()
        slack.sockets.drop()
        await slack.until(lambda: not slack.sockets.connections, timeout=PATIENCE)
        bot.gate.set()  # there may be no link at all at this moment
        assert (await sent).ok


async def test_without_any_link_an_ack_is_given_up_in_the_end(
    slack: PretendSlack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.sockets.ack_seconds = 2
    async with receiving(slack, links=1, timings=replace(CALM, ack=0.3)) as bot:
        await bot.until_linked(1)
        sent = await bot.held_command()
        await slack.go_down()
        slack.sockets.drop()
        await slack.until(lambda: not slack.sockets.connections, timeout=PATIENCE)
        bot.gate.set()
        assert not (await sent).ok
        assert "an ack did not leave in time" in caplog.text
        await slack.come_back()
        await bot.stays_linked(1)
        await bot.is_reached()


async def test_a_link_that_retires_with_an_ack_due_waits_for_it_only_so_long(
    slack: PretendSlack, caplog: pytest.LogCaptureFixture
) -> None:
    async with receiving(slack, links=1, timings=replace(CALM, ack=0.2)) as bot:
        await bot.until_linked(1)
        sent = await bot.held_command()
        await slack.sockets.disconnect("refresh_requested")
        await bot.stays_linked(1)
        assert "closed before all was acked" in caplog.text
        bot.gate.set()
        assert (await sent).ok  # on the successor


async def test_refused_tokens_are_said_once(slack: PretendSlack, caplog: pytest.LogCaptureFixture) -> None:
    slack.faults.fail(OPEN, "not_allowed_token_type", times=None)
    async with receiving(slack):
        await slack.until(lambda: len(slack.calls_of(OPEN)) >= 6, timeout=PATIENCE)
        (line,) = (each for each in caplog.records if each.levelno == logging.ERROR)
        assert "not_allowed_token_type" in line.getMessage()
        assert "SLACK_APP_TOKEN" in line.getMessage()
        assert not line.exc_info


async def test_an_outage_is_said_once_and_its_end(
    slack: PretendSlack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.faults.status(OPEN, 500, times=None)
    async with receiving(slack) as bot:
        await slack.until(lambda: len(slack.calls_of(OPEN)) >= 6, timeout=PATIENCE)
        slack.faults.clear()
        await bot.until_linked(2)
        warned = [each.getMessage() for each in caplog.records if each.name.startswith("bot.")]
        warned = [each for each in warned if "linked to Slack" not in each]
        assert len(warned) == 2, warned
        assert "works again after" in warned[1]


async def test_every_try_has_a_ticket_of_its_own_and_pauses_grow(slack: PretendSlack) -> None:
    slack.faults.status("handshake", 503, times=4)
    slow = replace(CALM, first_pause=0.1, longest_pause=0.4)
    begun = asyncio.get_running_loop().time()
    async with receiving(slack, links=1, timings=slow) as bot:
        await bot.until_linked(1)
        assert asyncio.get_running_loop().time() - begun >= (0.1 + 0.2 + 0.4 + 0.4) / 2
        assert len(slack.calls_of(OPEN)) == 5


async def test_retry_after_is_kept(slack: PretendSlack) -> None:
    slack.faults.limit(OPEN, retry_after=1)
    slow = replace(CALM, longest_pause=0.5)
    begun = asyncio.get_running_loop().time()
    async with receiving(slack, links=1, timings=slow) as bot:
        await bot.until_linked(1)
        assert asyncio.get_running_loop().time() - begun >= 1


@pytest.mark.parametrize(
    "junk",
    [
        "{",
        "null",
        "[]",
        '"hello"',
        "{}",
        '{"envelope_id": 5}',
        '{"type": "disconnect2"}',
        "[" * 100_000,
        '{"type": "hello"}',
    ],
)
async def test_a_frame_that_cannot_be_read_is_passed_over(slack: PretendSlack, junk: str) -> None:
    async with receiving(slack, links=1) as bot:
        await bot.until_linked(1)
        for connection in slack.sockets.connections:
            await connection.socket.send_str(junk)
            await connection.socket.send_bytes(b"\xff")
        await bot.is_reached()
        await bot.stays_linked(1)


@pytest.mark.parametrize("payload", [{"team": 5}, {"user": [], "type": "block_actions", "view": None}])
async def test_a_payload_that_trips_bolt_ends_nothing(
    slack: PretendSlack, payload: dict[str, object]
) -> None:
    slack.sockets.ack_seconds = 0.3
    async with receiving(slack, links=1) as bot:
        await bot.until_linked(1)
        assert not (await slack.send("interactive", {"type": "block_actions", **payload})).ok
        slack.sockets.ack_seconds = 10
        await bot.is_reached()
        assert not bot.running.done()


async def test_an_ack_carries_what_the_app_says(slack: PretendSlack) -> None:
    async with receiving(slack) as bot:
        await bot.until_linked(2)
        for text in ("json", "words"):
            ack = await slack.send(
                "slash_commands",
                {"command": "/vro", "text": text, "team_id": "T0HARBOUR", "user_id": "U0ADA"},
            )
            assert ack.body == {"text": "acked"}


async def test_half_an_emoji_does_not_lose_the_payload(slack: PretendSlack) -> None:
    async with receiving(slack) as bot:
        await bot.until_linked(2)
        await bot.is_reached(1)
        payload = {"command": "/vro", "text": "ok \ud83d", "team_id": "T0HARBOUR", "user_id": "U0ADA"}
        assert (await slack.send("slash_commands", payload)).ok


async def test_stopping_lets_acks_out_and_closes_every_socket(slack: PretendSlack) -> None:
    async with receiving(slack) as bot:
        await bot.until_linked(2)
        sent = await bot.held_command()
        bot.running.cancel()
        await asyncio.sleep(0.05)
        bot.gate.set()
        assert (await sent).ok
        await slack.until(lambda: not slack.sockets.connections, timeout=PATIENCE)


async def test_stopping_in_the_middle_of_a_try_leaves_no_socket(slack: PretendSlack) -> None:
    slack.faults.hang("hello", times=None)
    async with receiving(slack, timings=CALM) as bot:
        await slack.until(lambda: len(slack.sockets.connections) == 2, timeout=PATIENCE)
        bot.running.cancel()
        await slack.until(lambda: not slack.sockets.connections, timeout=PATIENCE)


async def test_the_pretend_slack_refuses_a_stale_ticket_and_a_used_one(slack: PretendSlack) -> None:
    slack.sockets.ticket_seconds = 0.05
    async with aiohttp.ClientSession() as session:
        client = SlackClient(base_url=slack.api_url, session=session)
        address = (await client.apps_connections_open(app_token=slack.app_token))["url"]
        await asyncio.sleep(0.1)
        for status in (408, 403):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(address)
            assert refused.value.status == status
