"""One WebSocket of Socket Mode, from its ticket to its close.

Source: docs.slack.dev/apis/events-api/using-socket-mode. A ticket is the address of one connection: good
for one handshake, and only for a short while, so no try may use the ticket of another.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from bot.slack.answers import SlackAnswer
from bot.slack.web_api import SlackAway, asked, retry_after

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.slack.answers import SlackClient

CLOSED = "closed"  # why a link ended that Slack did not speak of


@dataclass(frozen=True, kw_only=True)
class Timings:
    """How long each step of a link may take, in seconds."""

    ticket: float = 10.0
    handshake: float = 15.0
    hello: float = 10.0
    heartbeat: float = 15.0  # between two pings; a pong is awaited half as long
    close: float = 2.0  # for the other side's part of the closing handshake
    ack: float = 3.0  # that Slack waits for an ack
    drain: float = 3.0  # that a link reads on beside its successor
    settled: float = 60.0  # a link that lived as long was no failure
    first_pause: float = 1.0  # of the backoff
    longest_pause: float = 60.0
    start_apart: float = 2.0  # between the first tries of two links: simultaneous handshakes end in 409


class Ticket(SlackAnswer):
    """The answer of `apps.connections.open`."""

    url: str


class SocketLink:
    """An open WebSocket; it counts only once Slack has said hello on it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        loop = asyncio.get_running_loop()
        self._socket = socket
        self._opened_at = time.monotonic()
        self.greeted: asyncio.Future[None] = loop.create_future()
        self.ending: asyncio.Future[str] = loop.create_future()  # Slack's reason, or CLOSED
        self.closed: asyncio.Future[None] = loop.create_future()
        self._unacked = 0
        self._is_acked = asyncio.Event()
        self._is_acked.set()

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return time.monotonic() - self._opened_at

    async def frames(self) -> AsyncIterator[str]:
        """Every text frame until the socket ends, however it does."""
        async for frame in self._socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                yield frame.data

    async def send(self, text: str) -> bool:
        """Whether it left; a socket that is closing takes nothing."""
        if self._socket.closed:
            return False
        try:
            await self._socket.send_str(text)
        except (aiohttp.ClientError, OSError):
            return False
        return True

    def is_greeted(self) -> None:
        """Slack has said hello."""
        if not self.greeted.done():
            self.greeted.set_result(None)

    def is_ending(self, reason: str) -> None:
        """Slack announces the end, or it came; only the first word counts."""
        if not self.ending.done():
            self.ending.set_result(reason)

    def envelope_came(self) -> None:
        """One more that has to be acked."""
        self._unacked += 1
        self._is_acked.clear()

    def envelope_answered(self) -> None:
        """One less."""
        self._unacked -= 1
        if not self._unacked:
            self._is_acked.set()

    async def drained(self) -> None:
        """Wait until all that came on it is acked."""
        await self._is_acked.wait()

    async def close(self) -> None:
        """Close the socket, whatever state it is in; its reader ends."""
        await self._socket.close()


async def connect(
    client: SlackClient, session: aiohttp.ClientSession, *, app_token: str, timings: Timings
) -> SocketLink:
    """Open one WebSocket with a ticket of its own; SlackRefuses, or SlackAway with what did not work."""
    try:
        async with asyncio.timeout(timings.ticket):
            ticket = await asked(client.apps_connections_open(app_token=app_token), Ticket)
    except TimeoutError:
        raise SlackAway("apps.connections.open does not answer.") from None
    try:
        async with asyncio.timeout(timings.handshake):
            socket = await session.ws_connect(
                ticket.url,
                heartbeat=timings.heartbeat,
                timeout=aiohttp.ClientWSTimeout(ws_close=timings.close),
            )
    except aiohttp.WSServerHandshakeError as error:
        wait = retry_after(error.headers)
        raise SlackAway(f"the WebSocket is refused with {error.status}.", retry_after=wait) from None
    except TimeoutError:
        raise SlackAway("the WebSocket's handshake does not end.") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:  # ValueError: an address that is none
        raise SlackAway(f"the WebSocket cannot be opened ({type(error).__name__}).") from None
    return SocketLink(socket)
