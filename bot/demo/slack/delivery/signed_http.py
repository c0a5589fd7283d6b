"""Signed requests: payloads posted to the bot's own address."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

import aiohttp

from bot.demo.slack.delivery.envelope import DISPATCH_FAILED, TIMED_OUT, Ack, Delivery, Retry
from bot.demo.slack.recording import Recording, Sent
from bot.demo.slack.state.workspace import Workspace
from bot.demo.slack.wire import Json

Signing = Literal["good", "missing", "wrong", "stale"]
_STALE_SECONDS = 301
_GOOD = range(200, 300)


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    """What the bot's address answered."""

    status: int
    headers: Mapping[str, str]
    raw: bytes


class SignedRequests:
    """Posts payloads to one address.

    Source: docs.slack.dev/authentication/verifying-requests-from-slack.
    """

    def __init__(
        self, *, workspace: Workspace, recording: Recording, signing_secret: str, ack_seconds: float
    ) -> None:
        self._workspace = workspace
        self._recording = recording
        self._secret = signing_secret
        self._ack_seconds = ack_seconds
        self._session: aiohttp.ClientSession | None = None
        self.url = ""

    async def carry(self, delivery: Delivery, *, retry: Retry | None = None) -> Ack:
        """Post a payload; the answer is the acknowledgement."""
        body, content_type = body_of(delivery)
        again = (
            {"X-Slack-Retry-Num": str(retry.number), "X-Slack-Retry-Reason": retry.reason} if retry else {}
        )
        try:
            answer = await self.post(body, content_type=content_type, headers=again)
        except TimeoutError:
            return Ack(error=TIMED_OUT)
        except aiohttp.ClientError:
            return Ack(error=DISPATCH_FAILED)
        if answer.status not in _GOOD:
            return Ack(error=DISPATCH_FAILED, status=answer.status)
        return Ack(body=_ack_body(answer), status=answer.status)

    async def post(
        self,
        body: bytes,
        *,
        content_type: str = "application/x-www-form-urlencoded",
        signing: Signing = "good",
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Post raw bytes, signed well or badly; raises TimeoutError or aiohttp.ClientError."""
        sent = {"Content-Type": content_type, **self.signature(body, signing=signing), **(headers or {})}
        limit = aiohttp.ClientTimeout(total=self._ack_seconds)
        if self._session is None:
            self._session = aiohttp.ClientSession()
        async with self._session.post(
            self.url, data=body, headers=sent, timeout=limit, allow_redirects=False
        ) as response:
            raw = await response.read()
        self._recording.others.append(Sent(where="ack", raw=raw, at=self._workspace.now()))
        return HttpAnswer(status=response.status, headers=response.headers, raw=raw)

    def signature(self, body: bytes, *, signing: Signing = "good") -> dict[str, str]:
        """The two headers of a signature; its time is the real one, since that is what bots compare."""
        if signing == "missing":
            return {}
        timestamp = int(time.time()) - (_STALE_SECONDS if signing == "stale" else 0)
        secret = self._secret if signing != "wrong" else f"{self._secret}-but-not-quite"
        base = b"v0:%d:%s" % (timestamp, body)
        digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={digest}"}

    async def close(self) -> None:
        """Close the connections to the bot."""
        if self._session is not None:
            await self._session.close()


def body_of(delivery: Delivery) -> tuple[bytes, str]:
    """A payload's bytes and content type, as Slack posts this kind of payload."""
    match delivery.kind:
        case "slash_commands":
            return urlencode(delivery.payload).encode(), "application/x-www-form-urlencoded"
        case "interactive":
            form = urlencode({"payload": json.dumps(delivery.payload)})
            return form.encode(), "application/x-www-form-urlencoded"
        case "events_api":
            return json.dumps(delivery.payload).encode(), "application/json"


def _ack_body(answer: HttpAnswer) -> Json:
    words = answer.raw.decode(errors="replace").strip()
    if not words:
        return {}
    if answer.headers.get("Content-Type", "").startswith("application/json"):
        parsed = json.loads(words)
        return parsed if isinstance(parsed, dict) else {"text": words}
    return {"text": words}
