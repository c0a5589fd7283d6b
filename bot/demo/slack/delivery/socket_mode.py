"""Socket Mode: the bot's WebSocket connections, and the envelopes that travel on them."""

import asyncio
import itertools
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from aiohttp import WSMsgType, web

from bot.demo.slack.api.gateway import dropped, spoiled
from bot.demo.slack.delivery.envelope import DISPATCH_FAILED, TIMED_OUT, Ack, Delivery, Retry
from bot.demo.slack.faults import CallFaults
from bot.demo.slack.recording import Recording, Sent
from bot.demo.slack.state.workspace import Workspace
from bot.demo.slack.wire import Json

MOST_CONNECTIONS = 10
DisconnectReason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]


@dataclass(kw_only=True, eq=False)
class OpenSocket:
    """One open WebSocket; one that was told to go gets nothing new while another is open."""

    socket: web.WebSocketResponse
    request: web.Request
    is_greeted: bool = False
    is_leaving: bool = False
    is_half_open: bool = False
    """While set, nothing comes and nothing goes, not even a pong: what a lost network path looks like."""


class SocketMode:
    """Keeps the connections and gives each payload to one of them, in turn.

    Source: docs.slack.dev/apis/events-api/using-socket-mode. A ticket opens one connection, and only within
    `ticket_seconds` of real time: a stale one is answered 408, as slackapi/node-slack-sdk issue 1472 reports.
    """

    def __init__(
        self,
        *,
        workspace: Workspace,
        recording: Recording,
        faults: CallFaults,
        ack_seconds: float,
        ticket_seconds: float,
    ) -> None:
        self._workspace = workspace
        self._recording = recording
        self._faults = faults
        self.ack_seconds = ack_seconds
        self.ticket_seconds = ticket_seconds
        self.most_connections = MOST_CONNECTIONS
        self.connections: list[OpenSocket] = []
        self.is_mute = False
        """While set, payloads leave but never arrive: a connection that is open and dead."""
        self.most_open = 0
        """The most connections that were open at once."""
        self._tickets: dict[str, float] = {}
        self._pending: dict[str, asyncio.Future[Json]] = {}
        self._turn = itertools.count()

    def ticket(self) -> str:
        """What one connection is opened with."""
        ticket = uuid4().hex
        self._tickets[ticket] = time.monotonic()
        return ticket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        ticket = request.query.get("ticket", "")
        given_at = self._tickets.pop(ticket, None)
        if given_at is None:
            raise web.HTTPForbidden(text="this address was used or never given")
        refusal = await spoiled(self._faults.take("handshake"), self._faults, request)
        if refusal is not None:
            return refusal
        if time.monotonic() - given_at > self.ticket_seconds:
            raise web.HTTPRequestTimeout(text="this address is stale")
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        connection = OpenSocket(socket=socket, request=request)
        if len(self.connections) >= self.most_connections:
            await _tell_to_go(connection, "too_many_websockets")
            return socket
        await self._serve(connection)
        return socket

    async def carry(self, delivery: Delivery, *, retry: Retry | None = None) -> Ack:
        """Send an envelope on one connection and wait for its acknowledgement on any."""
        connection = self._next_connection()
        if connection is None:
            return Ack(error=DISPATCH_FAILED)
        envelope = _envelope(delivery, retry)
        envelope_id = envelope["envelope_id"]
        self._pending[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self.ack_seconds):
                if not (self.is_mute or connection.is_half_open):
                    await connection.socket.send_json(envelope)
                return Ack(body=await self._pending[envelope_id])
        except TimeoutError:
            return Ack(error=TIMED_OUT)
        except ConnectionError:
            return Ack(error=DISPATCH_FAILED)
        finally:
            del self._pending[envelope_id]

    def drop(self) -> None:
        """Cut every connection without a word."""
        for connection in self.connections:
            if connection.request.transport is not None:
                connection.request.transport.abort()

    def half_open(self) -> None:
        """Cut the path of every connection without closing it; later ones work."""
        for connection in self.connections:
            connection.is_half_open = True

    async def disconnect(self, reason: DisconnectReason) -> None:
        """Tell every connection that it is going to end; `warning` alone leaves it in use."""
        for connection in list(self.connections):
            await _tell_to_go(connection, reason)

    async def close(self) -> None:
        """End every connection."""
        for connection in list(self.connections):
            await connection.socket.close()

    async def _serve(self, connection: OpenSocket) -> None:
        self.connections.append(connection)
        self.most_open = max(self.most_open, len(self.connections))
        try:
            await self._greet(connection)
            self._workspace.feed.wake()
            async for message in connection.socket:
                if connection.is_half_open:
                    continue
                if message.type is WSMsgType.TEXT:
                    self._acknowledged(message.data)
                elif message.type is WSMsgType.PING:
                    await connection.socket.pong(message.data)
        except ConnectionError:
            return
        finally:
            self.connections.remove(connection)
            self._workspace.feed.wake()

    async def _greet(self, connection: OpenSocket) -> None:
        """Say hello, unless a fault has it otherwise; "hang" never does."""
        fault = self._faults.take("hello")
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault is not None and fault.kind == "drop":
            dropped(connection.request)
            return
        elif fault is not None:
            return
        await connection.socket.send_json(self._hello())
        connection.is_greeted = True

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {"host": "applink-demo", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._workspace.directory.app.id},
        }

    def _acknowledged(self, raw: str) -> None:
        self._recording.others.append(Sent(where="ack", raw=raw.encode(), at=self._workspace.now()))
        try:
            message = json.loads(raw)
        except ValueError:
            self._workspace.violated("ack", ["not JSON"])
            return
        envelope_id, body = message.get("envelope_id"), message.get("payload") or {}
        waiting = self._pending.get(envelope_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(body if isinstance(body, dict) else {})

    def _next_connection(self) -> OpenSocket | None:
        greeted = [c for c in self.connections if c.is_greeted]
        staying = [c for c in greeted if not c.is_leaving] or greeted
        return staying[next(self._turn) % len(staying)] if staying else None


async def _tell_to_go(connection: OpenSocket, reason: DisconnectReason) -> None:
    connection.is_leaving = reason != "warning"
    with suppress(ConnectionError):
        await connection.socket.send_json(
            {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-demo"}}
        )


def _envelope(delivery: Delivery, retry: Retry | None) -> Json:
    again = {"retry_attempt": retry.number, "retry_reason": retry.reason} if retry else {}
    if delivery.kind == "events_api" and not again:
        again = {"retry_attempt": 0, "retry_reason": ""}
    return {
        "envelope_id": str(uuid4()),
        "type": delivery.kind,
        "accepts_response_payload": delivery.takes_body,
        "payload": delivery.payload,
        **again,
    }
