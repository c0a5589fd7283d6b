"""A server that answers with exactly the bytes a test gives it, and breaks where told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import TracebackType


class Then(Enum):
    """What happens to the connection after the bytes."""

    KEEP = "keep"
    CLOSE = "close"
    RESET = "reset"
    HOLD = "hold"  # nothing more comes, and nothing ends


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Bytes, and what follows them."""

    data: bytes = b""
    then: Then = Then.KEEP


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request as it came in."""

    line: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(kw_only=True)
class RawServer:
    """Gives its replies in order, the last one for ever; `seen` has the requests."""

    replies: deque[Reply]
    tls: ssl.SSLContext | None = None
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)  # set once a request has come
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"{'https' if self.tls else 'http'}://localhost:{port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accept, "localhost", 0, ssl=self.tls, family=socket.AF_INET
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._answered(reader, writer):
                pass
        writer.close()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self.seen.append(await _request(reader))
        self.asked.set()
        reply = self.replies.popleft() if len(self.replies) > 1 else self.replies[0]
        writer.write(reply.data)
        await writer.drain()
        if reply.then is Then.HOLD:
            await reader.read()
        if reply.then is Then.RESET:
            connection = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        return reply.then is Then.KEEP


async def _request(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(line=head[0], headers=headers, body=body)


def responder(*replies: Reply, tls: ssl.SSLContext | None = None) -> RawServer:
    """A server with these replies."""
    return RawServer(replies=deque(replies), tls=tls)


def http(
    status: int = 200,
    body: bytes | object = b"",
    *,
    kind: str = "application/json",
    then: Then = Then.KEEP,
    cut: int = 0,
    **headers: str,
) -> Reply:
    """A well-formed answer, whose body is cut by so many bytes; header names are written with underscores."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Type": kind, "Content-Length": str(len(data))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return Reply(data=f"HTTP/1.1 {status} \r\n{head}\r\n".encode() + data[: len(data) - cut], then=then)
