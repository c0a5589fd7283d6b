"""What can be made to go wrong with the Web API and the response URLs."""

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from bot.demo.slack.wire import Json

FaultKind = Literal["refuse", "status", "limit", "answer", "slow", "hang", "drop", "lose", "garble"]
Garbage = Literal["html", "nulls", "list", "null", "cut", "text"]
ANY = "*"
SOCKETS = frozenset({"handshake", "hello"})


@dataclass(kw_only=True)
class CallFault:
    """One thing that goes wrong; `left` is how often still, None for ever."""

    kind: FaultKind
    method: str
    left: int | None
    channel: str = ""  # only calls for this conversation or person; empty: all
    body: Json = field(default_factory=dict)
    status: int = 200
    seconds: float = 0.0
    garbage: Garbage = "html"
    raw: bytes = b""
    content_type: str = "application/json"


class CallFaults:
    """Faults waiting for their calls; the oldest that fits is taken first.

    `method` is a Web API method, `response_url`, `upload`, or `*` for any of them; `handshake` is that of a
    WebSocket, and `hello` what Slack says first on one: these two are not in `*`. `times=None` is for ever.
    """

    def __init__(self) -> None:
        self._waiting: list[CallFault] = []
        self._released = asyncio.Event()

    def fail(
        self,
        method: str,
        error: str = "internal_error",
        *,
        times: int | None = 1,
        channel: str = "",
        **more: object,
    ) -> None:
        """Answer with this Slack error and do nothing; with `channel`, only there."""
        body = {"error": error, **more}
        self._add(CallFault(kind="refuse", method=method, left=times, channel=channel, body=body))

    def status(self, method: str, status: int = 500, *, times: int | None = 1) -> None:
        """Answer with an HTTP status and do nothing."""
        self._add(CallFault(kind="status", method=method, left=times, status=status))

    def garble(self, method: str, garbage: Garbage, *, times: int | None = 1) -> None:
        """Do it, but answer what Slack never would: as a gateway's page, nulls for objects, cut JSON."""
        self._add(CallFault(kind="garble", method=method, left=times, garbage=garbage))

    def limit(self, method: str, *, times: int | None = 1, retry_after: int = 1) -> None:
        """Answer 429 with Retry-After (seconds) and do nothing."""
        self._add(CallFault(kind="limit", method=method, left=times, seconds=retry_after))

    def answer(
        self,
        method: str,
        raw: bytes,
        *,
        content_type: str = "application/json",
        status: int = 200,
        times: int | None = 1,
    ) -> None:
        """Answer with these bytes, such as a proxy's page, `null` or half a document, and do nothing."""
        self._add(
            CallFault(
                kind="answer", method=method, left=times, raw=raw, content_type=content_type, status=status
            )
        )

    def slow(self, method: str, *, seconds: float, times: int | None = 1, channel: str = "") -> None:
        """Do it, but only after this many seconds of real time; with `channel`, only there."""
        self._add(CallFault(kind="slow", method=method, left=times, channel=channel, seconds=seconds))

    def hang(self, method: str, *, times: int | None = 1) -> None:
        """Never do it and never answer, until `clear` is called; then the connection drops."""
        self._add(CallFault(kind="hang", method=method, left=times))

    def drop(self, method: str, *, times: int | None = 1) -> None:
        """Drop the connection and do nothing."""
        self._add(CallFault(kind="drop", method=method, left=times))

    def lose_answer(self, method: str, *, times: int | None = 1, channel: str = "") -> None:
        """Do it, then drop the connection instead of answering; with `channel`, only there."""
        self._add(CallFault(kind="lose", method=method, left=times, channel=channel))

    def clear(self) -> None:
        """End all faults and let go of everything that hangs."""
        self._waiting.clear()
        self._released.set()
        self._released = asyncio.Event()

    def take(self, method: str, *, channel: str = "") -> CallFault | None:
        """The fault for this call, if there is one."""
        wanted = {method} if method in SOCKETS else {ANY, method}
        places = {"", channel}
        fits = (each for each in self._waiting if each.method in wanted and each.channel in places)
        fault = next(fits, None)
        if fault is not None and fault.left is not None:
            fault.left -= 1
            if fault.left == 0:
                self._waiting.remove(fault)
        return fault

    async def hold(self) -> None:
        """Wait until `clear` is called."""
        await self._released.wait()

    def _add(self, fault: CallFault) -> None:
        self._waiting.append(fault)
