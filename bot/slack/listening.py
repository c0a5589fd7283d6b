"""How Slack reaches the bot: a Socket Mode connection, or signed requests to one address."""

from __future__ import annotations

import asyncio
import logging
import time
from binascii import a2b_qp
from collections import OrderedDict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web
from pydantic_core import from_json
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

PATH = "/slack/events"
_REMEMBERED = 300.0  # seconds; Slack's signatures are not accepted beyond that
_WATCH_SECONDS = 15
_PAYLOAD = b"payload="


class Replays:
    """Remembers the signatures of accepted requests for as long as they are valid."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, float] = OrderedDict()

    def is_new(self, signature: str) -> bool:
        """Whether this signature comes for the first time."""
        now = time.monotonic()
        while self._seen and next(iter(self._seen.values())) < now - _REMEMBERED:
            self._seen.popitem(last=False)
        if signature in self._seen:
            return False
        self._seen[signature] = now
        return True


class HttpDoor:
    """Slack's signed requests, at PATH: verified over the raw bytes, then dispatched like a socket's."""

    def __init__(self, bolt: AsyncApp, *, signing_secret: str) -> None:
        self._bolt = bolt
        self._verifier = SignatureVerifier(signing_secret)
        self._replays = Replays()

    async def received(self, request: web.BaseRequest) -> web.Response:
        """Answer one request; 401 if it is unsigned, badly signed, stale or comes a second time."""
        raw = await request.read()
        if not self._is_genuine(raw, request.headers):
            return web.Response(status=401, text="This request is not signed by Slack, or it is not new.")
        try:
            body = read_body(raw, request.content_type)
        except ValueError:
            return web.Response(status=400, text="This request cannot be read.")
        asked = AsyncBoltRequest(mode="socket_mode", body=body)  # verified already
        answer = await self._bolt.async_dispatch(asked)
        return web.Response(status=answer.status, body=answer.body.encode(), headers=answer.first_headers())

    def _is_genuine(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        signature = headers.get("X-Slack-Signature", "")
        sent_at = headers.get("X-Slack-Request-Timestamp", "")
        if not signature or not sent_at.isdecimal():
            return False
        return self._verifier.is_valid(raw, sent_at, signature) and self._replays.is_new(signature)


def read_body(raw: bytes, content_type: str) -> dict[str, Any]:
    """A request's body: JSON for events, a form for commands, JSON in a form for the rest."""
    if content_type == "application/json":
        body = from_json(raw)
    elif raw.startswith(_PAYLOAD) and raw.find(b"&") < 0:
        body = from_json(_decoded(raw[len(_PAYLOAD) :]))
    else:
        form = dict(parse_qsl(raw.decode(), keep_blank_values=True))
        body = from_json(form["payload"]) if "payload" in form else form
    if not isinstance(body, dict):
        raise ValueError("not an object")  # noqa: TRY004 - bad input, as the others above
    return body


def _decoded(quoted: bytes) -> bytes:
    """Decode one form value in C: quoted-printable is the same code with another sign."""
    if b"=" in quoted or b"\n" in quoted:
        raise ValueError("not a form")
    return a2b_qp(quoted.replace(b"+", b" ").replace(b"%", b"="))


class SocketDoor:
    """Slack's Socket Mode, watched: a connection that has gone silent is made anew."""

    def __init__(self, bolt: AsyncApp, *, app_token: str, client: AsyncWebClient) -> None:
        self._handler = AsyncSocketModeHandler(bolt, app_token, web_client=client)

    async def run(self) -> None:
        """Connect, and stay connected until cancelled."""
        await self._handler.client.connect()  # type: ignore[no-untyped-call]
        try:
            while True:
                await asyncio.sleep(_WATCH_SECONDS)
                if not await self.is_connected():
                    log.warning("Slack's socket is silent; connecting anew")
                    await self._handler.client.connect_to_new_endpoint(force=True)
        finally:
            await self._handler.client.close()  # type: ignore[no-untyped-call]

    async def is_connected(self) -> bool:
        """Whether Slack can reach the bot now."""
        return await self._handler.client.is_connected()
