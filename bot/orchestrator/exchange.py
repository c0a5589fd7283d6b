"""One request and its answer, bounded in size, with a record of how far it got."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from bot.domain.errors import AnswerLost, UnreadableAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
DROPPED = (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError)


@dataclass(frozen=True, kw_only=True)
class ApiAnswer:
    """A status and what came with it; `fault` says why the body is not whole."""

    status: int
    headers: httpx.Headers
    body: bytes = field(default=b"", repr=False)
    fault: AnswerLost | None = None

    @property
    def is_success(self) -> bool:
        """Whether the status is of the 2xx kind."""
        return httpx.codes.is_success(self.status)

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The charset the content type names; empty where it names none."""
        found = _CHARSET.search(str(self.headers.get("content-type", "")))
        return found[1] if found else ""


@dataclass(kw_only=True)
class Journey:
    """How far a request got: whether a byte of it may have left, and what of an answer is here."""

    sent: bool = False
    answer: ApiAnswer | None = None

    async def trace(self, event: str, info: Mapping[str, object]) -> None:
        """Listen to httpcore's trace events; opening a tunnel through a proxy sends nothing of ours."""
        if event.endswith(".send_request_headers.started"):
            self.sent = self.sent or getattr(info.get("request"), "method", b"") != b"CONNECT"

    def had_no_effect(self) -> None:
        """Forget the attempt so far: its answer says that it was not executed."""
        self.sent, self.answer = False, None


async def exchange(
    http: httpx.AsyncClient, request: httpx.Request, *, most: int, journey: Journey
) -> ApiAnswer:
    """Send the request once and read at most `most` bytes of the answer.

    Raises httpx's errors until the headers are here; whatever goes wrong after them is the answer's `fault`.
    """
    request.extensions["trace"] = journey.trace
    journey.answer = None
    response = await http.send(request, stream=True)
    try:
        lost = AnswerLost("Orchestrator's answer stopped half way. Nobody knows whether it had an effect.")
        journey.answer = ApiAnswer(status=response.status_code, headers=response.headers, fault=lost)
        body, fault = await _read(response, most=most)
    finally:
        await response.aclose()
    journey.answer = ApiAnswer(status=response.status_code, headers=response.headers, body=body, fault=fault)
    return journey.answer


async def _read(response: httpx.Response, *, most: int) -> tuple[bytes, AnswerLost | None]:
    body = bytearray()
    too_large = UnreadableAnswer(f"Orchestrator's answer is larger than {most:,} bytes.")
    if _announced(response) > most:  # none of it is read, the connection is closed instead
        return b"", too_large
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > most:
                return b"", too_large
    except httpx.HTTPError as exc:
        fault = UnreadableAnswer("Orchestrator's answer was cut off. Nobody knows whether it had an effect.")
        fault.__cause__ = exc
        return bytes(body), fault
    return bytes(body), None


def _announced(response: httpx.Response) -> int:
    """The length in bytes that the headers announce; 0 where they announce none."""
    length = str(response.headers.get("content-length", ""))
    return int(length[:18]) if length.isascii() and length.isdecimal() else 0
