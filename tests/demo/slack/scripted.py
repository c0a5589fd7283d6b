"""A bot with no code of its own: it acknowledges what the test tells it to, over a real WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack import PretendSlack

Json = dict[str, Any]
SILENCE: Json = {"never": "acknowledged"}


@dataclass(kw_only=True)
class Clock:
    at: datetime = field(default_factory=lambda: datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(kw_only=True)
class ScriptedBot:
    client: AsyncWebClient
    replies: dict[str, Json | Callable[[Json], Json]] = field(default_factory=dict)
    envelopes: list[Json] = field(default_factory=list)

    def last(self, kind: str) -> Json:
        """The newest payload of a type."""
        payloads: list[Json] = [e["payload"] for e in self.envelopes if _name(e["payload"]) == kind]
        return payloads[-1]

    async def serve(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            envelope = json.loads(message.data)
            if "envelope_id" in envelope:
                self.envelopes.append(envelope)
                await self._acknowledge(socket, envelope)

    async def _acknowledge(self, socket: aiohttp.ClientWebSocketResponse, envelope: Json) -> None:
        payload = envelope["payload"]
        reply = self.replies.get(_name(payload), {})
        said = reply(payload) if callable(reply) else reply
        if said is not SILENCE:
            body = {"payload": said} if said else {}
            await socket.send_json({"envelope_id": envelope["envelope_id"], **body})


def _name(payload: Json) -> str:
    event = payload.get("event") or {}
    return str(event.get("type") or payload.get("command") or payload["type"])


@asynccontextmanager
async def connected(slack: PretendSlack, client: AsyncWebClient) -> AsyncIterator[ScriptedBot]:
    """A scripted bot on one Socket Mode connection."""
    address = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        bot = ScriptedBot(client=client)
        serving = asyncio.create_task(bot.serve(socket))
        await slack.until(lambda: slack.sockets.connections)
        try:
            yield bot
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(text: str, value: str | None = None) -> Json:
    return {"text": plain(text), "value": value or text.lower()}


def section(text: str, **more: object) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(text: str, action_id: str, **more: object) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def input_block(label: str, element: Json, **more: object) -> Json:
    block_id = label.lower().replace(" ", "_")
    with_id = {"action_id": "answer", **element}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": with_id, **more}


def modal(*blocks: Json, callback_id: str = "form", **more: object) -> Json:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain("A form"),
        "submit": plain("Send"),
        "close": plain("Cancel"),
        "blocks": list(blocks),
        **more,
    }


def home(*blocks: Json) -> Json:
    return {"type": "home", "blocks": list(blocks)}
