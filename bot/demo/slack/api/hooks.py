"""Response URLs, uploads and downloads: the addresses beside the Web API."""

import json

from aiohttp import web

from bot.demo.slack.api.gateway import Tokens, dropped, refused, spoiled
from bot.demo.slack.api.methods import Desk
from bot.demo.slack.api.posting import Content, bot_message, checked_blocks
from bot.demo.slack.errors import SlackRefusalError
from bot.demo.slack.faults import CallFaults
from bot.demo.slack.recording import Recording, Sent
from bot.demo.slack.state.files import MOST_FILE_BYTES
from bot.demo.slack.state.response_urls import ResponseUrl
from bot.demo.slack.wire import Json

_CONTENT = {"text", "blocks", "attachments", "metadata", "thread_ts", "reply_broadcast"}
_MANNER = {"response_type", "replace_original", "delete_original"}
_LOOK = {"mrkdwn", "unfurl_links", "unfurl_media", "parse", "link_names"}
_KNOWN = _CONTENT | _MANNER | _LOOK
_NOT_FOUND, _BAD_REQUEST = 404, 400


class Hooks:
    """Answers the addresses that Slack gives out."""

    def __init__(self, *, desk: Desk, tokens: Tokens, faults: CallFaults, recording: Recording) -> None:
        self._desk = desk
        self._tokens = tokens
        self._faults = faults
        self._recording = recording

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Take one answer to a response URL."""
        raw = await self._noted(request, "response_url")
        fault = self._faults.take("response_url")
        early = await spoiled(fault, self._faults, request)
        if early is not None:
            return early
        response = self._responded(request.match_info["name"], raw)
        return dropped(request) if fault is not None and fault.kind == "lose" else response

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take a file's bytes."""
        raw = await self._noted(request, "upload")
        early = await spoiled(self._faults.take("upload"), self._faults, request)
        if early is not None:
            return early
        stored = self._desk.workspace.files.find(request.match_info["file_id"])
        if stored is None or stored.content is not None:
            return web.Response(status=_NOT_FOUND, text="no such upload")
        if len(raw) != stored.length or len(raw) > MOST_FILE_BYTES:
            return web.Response(status=_BAD_REQUEST, text="the length differs from what was announced")
        stored.content = raw
        return web.Response(text=f"OK - {len(raw)}")

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Give a file's bytes to the bot; anybody else gets a page to sign in, as on Slack."""
        stored = self._desk.workspace.files.find(request.match_info["file_id"])
        if stored is None or stored.content is None:
            return web.Response(status=_NOT_FOUND)
        allowed = request.headers.get("Authorization") == f"Bearer {self._tokens.bot}"
        if not allowed or "files:read" not in self._desk.scopes:
            return web.Response(text="<html><body>Sign in</body></html>", content_type="text/html")
        return web.Response(body=stored.content, content_type=stored.mimetype)

    async def _noted(self, request: web.Request, where: str) -> bytes:
        raw = await request.read()
        self._recording.others.append(Sent(where=where, raw=raw, at=self._desk.workspace.now()))
        self._desk.workspace.feed.wake()
        return raw

    def _responded(self, name: str, raw: bytes) -> web.Response:
        try:
            body = json.loads(raw)
        except ValueError:
            return web.Response(status=_BAD_REQUEST, text="invalid_payload")
        if not isinstance(body, dict):
            return web.Response(status=_BAD_REQUEST, text="invalid_payload")
        try:
            spent = self._desk.workspace.response_urls.use(name)
        except SlackRefusalError as refusal:
            return web.json_response(refused(refusal), status=_NOT_FOUND)
        try:
            self._apply(spent, body)
        except SlackRefusalError as refusal:
            return web.json_response(refused(refusal), status=_BAD_REQUEST)
        return web.Response(text="ok")

    def _apply(self, spent: ResponseUrl, body: Json) -> None:
        strange = sorted(body.keys() - _KNOWN)
        self._desk.workspace.violated("response_url", [f"unknown property: {name}" for name in strange])
        if body.get("delete_original"):
            self._remove(spent)
            return
        message = self._message(body)
        if body.get("replace_original") and spent.ts is not None:
            self._replace(spent, message)
        else:
            self._post(spent, body, message)

    def _message(self, body: Json) -> Json:
        blocks = checked_blocks(self._desk.workspace, body.get("blocks"), where="response_url")
        content = Content(
            text=str(body.get("text") or ""), blocks=blocks, attachments=body.get("attachments")
        )
        if not (content.text or content.blocks or content.attachments):
            raise SlackRefusalError("no_text")
        return bot_message(self._desk, content)

    def _remove(self, spent: ResponseUrl) -> None:
        messages = self._desk.workspace.messages
        if spent.ts is None:
            raise SlackRefusalError("no_original")
        if spent.is_ephemeral:
            messages.unwhisper(spent.channel, spent.user, spent.ts)
        elif messages.find(spent.channel, spent.ts) is not None:
            messages.remove(spent.channel, spent.ts)

    def _replace(self, spent: ResponseUrl, message: Json) -> None:
        messages = self._desk.workspace.messages
        if spent.is_ephemeral:
            messages.whisper(spent.channel, spent.user, message, ts=spent.ts)
            return
        original = messages.find(spent.channel, str(spent.ts))
        if original is None:
            raise SlackRefusalError("message_not_found")
        kept = {name: value for name, value in original.items() if name not in {"blocks", "attachments"}}
        messages.replace(spent.channel, {**kept, **message, "ts": original["ts"]})

    def _post(self, spent: ResponseUrl, body: Json, message: Json) -> None:
        messages = self._desk.workspace.messages
        thread = {"thread_ts": body["thread_ts"]} if body.get("thread_ts") else {}
        if body.get("response_type") == "in_channel":
            messages.post(spent.channel, {**message, **thread})
        else:
            messages.whisper(spent.channel, spent.user, {**message, **thread})
