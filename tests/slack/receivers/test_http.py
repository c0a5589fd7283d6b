"""The port: nothing that strangers send trips it, fills the log or shuts genuine requests out."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.slack.answers import SlackClient
from bot.slack.receivers import HttpReceiver
from bot.slack.receivers.http import LARGEST, PATH
from bot.wiring.port import listening
from tests.slack.receivers.receiving import bolt_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.world import World

COMMAND = b"command=%2Fvro&text=&team_id=T0HARBOUR&user_id=U0ADA"
FORM = "application/x-www-form-urlencoded"


pytestmark = pytest.mark.databases("sqlite")


@asynccontextmanager
async def port_of(
    world: World, *, most_unproven: int = 256, first_request: float = 10, body_seconds: float = 5
) -> AsyncIterator[int]:
    """The bot's port before an app that acks each command."""
    gate = asyncio.Event()
    gate.set()
    bolt = bolt_app(SlackClient(), gate, asyncio.Event())
    receiver = HttpReceiver(bolt, signing_secret=world.slack.signing_secret, body_seconds=body_seconds)
    bot = replace(world.bot, receiver=receiver)
    async with listening(
        world.settings, lambda: bot, most_unproven=most_unproven, first_request=first_request
    ) as port:
        yield port


def signed(body: bytes, *, key: bytes = b"demo-signing-secret", sent_at: str = "") -> dict[str, str]:
    """The headers of a genuine request."""
    sent_at = sent_at or str(int(time.time()))
    digest = hmac.new(key, b"v0:%b:%b" % (sent_at.encode(), body), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": sent_at, "X-Slack-Signature": f"v0={digest}", "Content-Type": FORM}


def request(body: bytes, headers: dict[str, str], *, method: str = "POST") -> bytes:
    """The bytes of a request; a header is written as it is, in Latin-1."""
    lines = [f"{method} {PATH} HTTP/1.1", "Host: bot"]
    lines += [f"{name}: {value}" for name, value in ({"Content-Length": str(len(body))} | headers).items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


async def status_of(port: int, raw: bytes) -> int:
    """What is answered to these bytes; 0 if the connection is closed without a word."""
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(raw)
            line = await reader.readline()
            return int(line.split()[1]) if line else 0
        except ConnectionError:
            return 0
        finally:
            writer.close()


def forged(**headers: str) -> bytes:
    """A request signed by Slack, but for these headers."""
    return request(COMMAND, signed(COMMAND) | headers)


NOT_GENUINE = {
    "no headers at all": request(COMMAND, {}),
    "bytes that are no text": request(b"payload=\xff\xfe", signed(b"x")),
    "a strange letter in the signature": forged(**{"X-Slack-Signature": "v0=\xff"}),
    "5,000 digits of time": forged(**{"X-Slack-Request-Timestamp": "9" * 5000}),
    "digits of another script": request(COMMAND, signed(COMMAND)).replace(
        b"X-Slack-Request-Timestamp: 1", b"X-Slack-Request-Timestamp: \xd9\xa1"
    ),
    "a negative time": forged(**{"X-Slack-Request-Timestamp": "-5"}),
    "a superscript time": forged(**{"X-Slack-Request-Timestamp": "\xb2"}),
    "time in words": forged(**{"X-Slack-Request-Timestamp": "now"}),
    "an old time": request(COMMAND, signed(COMMAND, sent_at="1000000000")),
    "another secret": request(COMMAND, signed(COMMAND, key=b"other")),
    "a broken content type": forged(**{"Content-Type": ";;==\xff", "X-Slack-Signature": "v0=1"}),
    "zipped, but not": request(b"\x00", {"Content-Encoding": "gzip"}),
}


async def test_nothing_throws_before_the_signature_is_checked(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with port_of(world) as port:
        got = {name: await status_of(port, raw) for name, raw in NOT_GENUINE.items()}
        assert got == dict.fromkeys(NOT_GENUINE, 401)
        assert await status_of(port, request(COMMAND, signed(COMMAND))) == 200
    said = [each for each in caplog.records if "refused" in each.getMessage()]
    assert len(said) == 1  # a minute
    assert len(said[0].getMessage()) < 200
    assert not [each for each in caplog.records if each.exc_info]


async def test_what_is_signed_but_unreadable_is_answered_calmly(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    bodies = (b"payload=\xff", b"payload=[]", b"payload=" + b"[" * 50_000, b"payload=null")
    async with port_of(world) as port:
        assert [await status_of(port, request(each, signed(each))) for each in bodies] == [400] * 4
        deep = b'{"team": 5}'
        headers = signed(deep) | {"Content-Type": "application/json"}
        assert await status_of(port, request(deep, headers)) == 500
    assert "a payload could not be handled" in caplog.text


async def test_what_is_no_http_is_refused_in_one_line(world: World, caplog: pytest.LogCaptureFixture) -> None:
    junk = (
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"POST /slack/events HTTP/9.9\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"POST http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST //[x HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    )
    async with port_of(world) as port:
        got = [await status_of(port, each) for each in junk]
        assert set(got) <= {0, 400, 404}, got
        chunked = b"POST /slack/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
        assert await status_of(port, chunked) in {0, 400}
        assert await status_of(port, request(COMMAND, signed(COMMAND))) == 200
    assert not [each for each in caplog.records if each.exc_info]


async def test_a_body_that_is_too_large_is_refused(world: World) -> None:
    large = b"x" * (LARGEST + 1)
    async with port_of(world) as port:
        assert await status_of(port, request(large, signed(large))) == 413
        fits = b"payload=" + b"x" * (LARGEST - 8)
        assert await status_of(port, request(fits, signed(b""))) == 401


async def test_a_body_that_does_not_come_is_not_waited_for(world: World) -> None:
    async with port_of(world, body_seconds=0.3) as port:
        half = request(COMMAND, signed(COMMAND))[:-5]
        assert await status_of(port, half) == 408


async def test_a_header_that_does_not_come_is_not_waited_for(world: World) -> None:
    async with port_of(world, first_request=0.3) as port:
        for half in (b"", b"POST /slack/ev", b"POST /slack/events HTTP/1.1\r\nHost: a\r\nX"):
            assert await status_of(port, half) == 0


async def test_somebody_who_hangs_up_in_the_middle_leaves_no_trace(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with port_of(world) as port:
        for _ in range(3):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request(COMMAND, signed(COMMAND))[:-5])
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.transport.abort()
        assert await status_of(port, request(COMMAND, signed(COMMAND))) == 200
    assert not [each for each in caplog.records if each.exc_info]


@pytest.mark.parametrize("half", [b"POST /slack/ev", request(COMMAND, signed(COMMAND))[:-5]])
async def test_half_open_requests_do_not_shut_genuine_ones_out(world: World, half: bytes) -> None:
    writers = []
    async with port_of(world, most_unproven=20) as port:
        kept_reader, kept = await asyncio.open_connection("127.0.0.1", port)
        writers.append(kept)
        kept.write(request(COMMAND, signed(COMMAND)))
        assert b"200" in await asyncio.wait_for(kept_reader.readline(), 20)
        for _ in range(200):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(half)
            writers.append(writer)
        body = COMMAND + b"&n=1"
        async with asyncio.timeout(10):
            assert await status_of(port, request(body, signed(body))) == 200
        again = COMMAND + b"&n=2"
        kept.write(request(again, signed(again)))  # a connection that brought a request was not given up
        answered = await asyncio.wait_for(kept_reader.readuntil(b"HTTP/1.1 200"), 20)
        assert answered
        for writer in writers:
            writer.close()


async def test_a_secret_that_is_empty_is_no_secret(world: World) -> None:
    bolt = bolt_app(SlackClient(), asyncio.Event(), asyncio.Event())
    with pytest.raises(ValueError, match="signing secret"):
        HttpReceiver(bolt, signing_secret="")
    assert world.bot.receiver.deaf_seconds == 0
