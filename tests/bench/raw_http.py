"""The least HTTP/1.1 that measures: a server that answers from a function, and one kept client connection."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


def split(data: bytes | bytearray) -> tuple[bytes, bytes, int] | None:
    """The head and body of the message that `data` begins with, and its whole length; None if it goes on."""
    end = data.find(_END)
    if end < 0:
        return None
    head = bytes(data[:end])
    found = _LENGTH.search(head)
    whole = end + len(_END) + (int(found[1]) if found else 0)
    return None if len(data) < whole else (head, bytes(data[end + len(_END) : whole]), whole)


def answer(body: bytes = b"", *, status: str = "200 OK", kind: str = "application/json") -> bytes:
    """An answer as it goes over the wire."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Server(asyncio.Protocol):
    """Answers each request with what `handle` makes of its method, target and body."""

    def __init__(self, handle: Callable[[str, str, bytes], bytes]) -> None:
        self._handle = handle
        self._data = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while found := split(self._data):
            head, body, whole = found
            del self._data[:whole]
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            if self._transport is not None:
                self._transport.write(self._handle(method, target, body))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, and when its last byte was here (`time.perf_counter`)."""

    status: int
    body: bytes
    at: float


class Queue(asyncio.Protocol):
    """One kept connection, for one request at a time."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        found = split(self._data)
        if found is None or self._waiting is None:
            return
        head, body, whole = found
        del self._data[:whole]
        self._waiting.set_result(Answer(status=int(head[9:12]), body=body, at=time.perf_counter()))
        self._waiting = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None:
            self._waiting.set_exception(exc or ConnectionResetError("closed before it answered"))

    async def ask(self, request: bytes, *, seconds: float = 30) -> Answer:
        """Send a request and wait for its answer; TimeoutError or ConnectionError if there is none."""
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        async with asyncio.timeout(seconds):
            return await self._waiting

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()


async def connect(port: int) -> Queue:
    """Open a connection to a port of this machine."""
    _, line = await asyncio.get_running_loop().create_connection(Queue, "127.0.0.1", port)
    return line


def post(body: bytes, headers: dict[str, str], *, port: int, path: str = "/slack/events") -> bytes:
    """A POST as it goes over the wire."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
    return head.encode() + body


async def get(port: int, path: str) -> bytes:
    """The body of a GET over a connection of its own."""
    line = await connect(port)
    try:
        answered = await line.ask(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    finally:
        line.close()
    return answered.body
