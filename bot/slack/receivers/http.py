"""Slack's signed requests to one address of the bot."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import time
from binascii import a2b_qp
from collections import OrderedDict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.slack.receivers.dispatching import dispatch, read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slack_bolt.async_app import AsyncApp

log = logging.getLogger(__name__)

PATH = "/slack/events"
LARGEST = 1024 * 1024  # bytes of a body; a view, Slack's largest payload, is 250 kB
_BODY_SECONDS = 5.0  # that a body may take to come; Slack itself waits 3 for the whole answer
_SIGNED_WITHIN = 300  # seconds; docs.slack.dev/authentication/verifying-requests-from-slack
_SAID_EVERY = 60.0  # seconds between two log lines about refused requests
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_PAYLOAD = b"payload="


class Replays:
    """Remembers the signatures of accepted requests for as long as they are valid."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def is_new(self, signature: bytes) -> bool:
        """Whether this signature comes for the first time."""
        now = time.monotonic()
        while self._seen and next(iter(self._seen.values())) < now - 2 * _SIGNED_WITHIN:
            self._seen.popitem(last=False)
        if signature in self._seen:
            return False
        self._seen[signature] = now
        return True


class HttpReceiver:
    """Receives Slack's requests at PATH: verified over the raw bytes, then dispatched like a socket's.

    Nothing of a request is decoded before its signature was checked, and nothing of it is logged.
    """

    deaf_seconds = 0.0  # whether Slack can reach an address cannot be told from behind it

    def __init__(
        self,
        bolt: AsyncApp,
        *,
        signing_secret: str,
        body_seconds: float = _BODY_SECONDS,
        refused: Callable[[str], None] = lambda _: None,  # takes note of why a request was refused
    ) -> None:
        if not signing_secret:
            raise ValueError("without a signing secret anybody could sign")
        self._bolt = bolt
        self._secret = signing_secret.encode()
        self._body_seconds = body_seconds
        self._note_refused = refused
        self._replays = Replays()
        self._said_at = -_SAID_EVERY
        self._unsaid = 0

    async def run(self) -> None:
        """Nothing to do: requests come by themselves."""

    async def received(self, request: web.BaseRequest) -> web.Response:
        """Answer one request.

        401 if it is unsigned, badly signed, stale or comes a second time; 413, 408 and 400 for a body that
        is too large, too slow or broken.
        """
        try:
            async with asyncio.timeout(self._body_seconds):
                raw = await _body(request)
        except TimeoutError:
            return self._refused(408, "Its body took too long.")
        except (web.RequestPayloadError, HttpProcessingError, OSError):
            return self._refused(400, "Its body is broken.")
        if raw is None:
            return self._refused(413, "Its body is too large.")
        if not self._is_genuine(raw, request.headers):
            return self._refused(401, "It is not signed by Slack, or it is not new.")
        try:
            body = read_body(raw, request.content_type)
        except ValueError:
            return self._refused(400, "It cannot be read.")
        answer = await dispatch(self._bolt, body)
        return web.Response(status=answer.status, body=answer.body.encode(), headers=answer.first_headers())

    def _is_genuine(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        sent_at = headers.get("X-Slack-Request-Timestamp", "")
        if not _TIMESTAMP.fullmatch(sent_at) or abs(time.time() - int(sent_at)) > _SIGNED_WITHIN:
            return False
        given = headers.get("X-Slack-Signature", "").encode("utf-8", "surrogateescape")
        digest = hmac.new(self._secret, b"v0:%b:%b" % (sent_at.encode(), raw), hashlib.sha256).hexdigest()
        signature = b"v0=" + digest.encode()
        return hmac.compare_digest(signature, given) and self._replays.is_new(signature)

    def _refused(self, status: int, why: str) -> web.Response:
        """Refuse a request and close its connection, with at most one log line a minute."""
        self._note_refused(why)
        now = time.monotonic()
        self._unsaid += 1
        if now - self._said_at >= _SAID_EVERY:
            log.warning("refused %d request(s) to %s, the last with %d: %s", self._unsaid, PATH, status, why)
            self._said_at, self._unsaid = now, 0
        answer = web.Response(status=status, text=f"This request was refused. {why}")
        answer.force_close()
        return answer


async def _body(request: web.BaseRequest) -> bytes | None:
    """The bytes of a body, None if there are more than LARGEST; what is over is never held in memory."""
    parts = bytearray()
    async for part in request.content.iter_any():
        parts += part
        if len(parts) > LARGEST:
            return None
    return bytes(parts)


def read_body(raw: bytes, content_type: str) -> dict[str, Any]:
    """A request's body: JSON for events, a form for commands, JSON in a form for the rest; or ValueError."""
    if content_type == "application/json":
        body = read_json(raw)
    elif raw.startswith(_PAYLOAD) and raw.find(b"&") < 0:
        body = read_json(_decoded(raw[len(_PAYLOAD) :]))
    else:
        form = dict(parse_qsl(raw.decode(), keep_blank_values=True))
        body = read_json(form["payload"]) if "payload" in form else form
    if not isinstance(body, dict):
        raise ValueError("not an object")  # noqa: TRY004 - bad input, as the others above
    return body


def _decoded(quoted: bytes) -> bytes:
    """Decode one form value in C: quoted-printable is the same code with another sign."""
    if b"=" in quoted or b"\n" in quoted:
        raise ValueError("not a form")
    return a2b_qp(quoted.replace(b"+", b" ").replace(b"%", b"="))
