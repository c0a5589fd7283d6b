"""Socket Mode: the bot's WebSocket connections, and the envelopes that travel on them."""

import asyncio
import itertools
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from aiohttp import WSMsgType, web

from bot.demo.slack.delivery.envelope import DISPATCH_FAILED, TIMED_OUT, Ack, Delivery, Retry
from bot.demo.slack.recording import Recording, Sent
from bot.demo.slack.state.workspace import Workspace
from bot.demo.slack.wire import Json

MOST_CONNECTIONS = 10
DisconnectReason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]


@dataclass(kw_only=True, eq=False)
class Connection:
    """One open WebSocket; one that was told to go gets nothing new while another is open."""

    socket: web.WebSocketResponse
    request: web.Request
    is_leaving: bool = False


class SocketMode:
    """Keeps the connections and gives each payload to one of them, in turn.

    Source: docs.slack.dev/apis/events-api/using-socket-mode.
    """

    def __init__(self, *, workspace: Workspace, recording: Recording, ack_seconds: float) -> None:
        self._workspace = workspace
        self._recording = recording
        self.ack_seconds = ack_seconds
        self.connections: list[Connection] = []
        self.is_mute = False
        """While set, payloads leave but never arrive: a connection that is open and dead."""
        self._tickets: set[str] = set()
        self._pending: dict[str, asyncio.Future[Json]] = {}
        self._turn = itertools.count()

    def ticket(self) -> str:
        """What one connection is opened with."""
        ticket = uuid4().hex
        self._tickets.add(ticket)
        return ticket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="this address was used or never given")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        connection = Connection(socket=socket, request=request)
        if len(self.connections) >= MOST_CONNECTIONS:
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
                if not self.is_mute:
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

    async def disconnect(self, reason: DisconnectReason) -> None:
        """Tell every connection that it is going to end; `warning` alone leaves it in use."""
        for connection in list(self.connections):
            await _tell_to_go(connection, reason)

    async def close(self) -> None:
        """End every connection."""
        for connection in list(self.connections):
            await connection.socket.close()

    async def _serve(self, connection: Connection) -> None:
        self.connections.append(connection)
        try:
            await connection.socket.send_json(self._hello())
            self._workspace.feed.wake()
            async for message in connection.socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledged(message.data)
        except ConnectionError:
            return
        finally:
            self.connections.remove(connection)
            self._workspace.feed.wake()

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

    def _next_connection(self) -> Connection | None:
        staying = [c for c in self.connections if not c.is_leaving] or self.connections
        return staying[next(self._turn) % len(staying)] if staying else None


async def _tell_to_go(connection: Connection, reason: DisconnectReason) -> None:
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
