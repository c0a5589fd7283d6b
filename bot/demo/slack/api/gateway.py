"""The door of the Web API: reads a call, checks token, scope and rate, and answers as Slack does."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from bot.demo.slack.api import chat, conversations, files, people, views
from bot.demo.slack.api.methods import Arguments, Desk, Method
from bot.demo.slack.api.rates import RateLimits
from bot.demo.slack.errors import SlackRefusalError
from bot.demo.slack.faults import CallFault, CallFaults, Garbage
from bot.demo.slack.recording import RecordedCall, Recording
from bot.demo.slack.wire import Json

METHODS: Mapping[str, Method] = {
    **people.METHODS,
    **chat.METHODS,
    **views.METHODS,
    **conversations.METHODS,
    **files.METHODS,
}
_TOO_MANY = 429


@dataclass(kw_only=True)
class Tokens:
    """The tokens that open the door; a revoked bot token stays known as such."""

    bot: str
    app: str
    is_revoked: bool = False


class WebApi:
    """Answers /api/<method>."""

    def __init__(
        self, *, desk: Desk, tokens: Tokens, rates: RateLimits, faults: CallFaults, recording: Recording
    ) -> None:
        self.desk = desk
        self.tokens = tokens
        self._rates = rates
        self._faults = faults
        self._recording = recording

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        name = request.match_info["method"]
        call = RecordedCall(method=name, raw=await request.read(), at=self.desk.workspace.now())
        self._recording.calls.append(call)
        self.desk.workspace.feed.wake()
        try:
            call.arguments = _read_arguments(request, call.raw)
        except SlackRefusalError as refusal:
            return web.json_response(refused(refusal))
        fault = self._faults.take(name, channel=str(call.arguments.get("channel", "")))
        response = await spoiled(fault, self._faults, request)
        if response is None:
            response = self._answer(request, call)
        call.status = response.status
        self.desk.workspace.feed.wake()
        if fault is not None and fault.kind == "garble":
            return garbled(fault.garbage, call.answer or {})
        return dropped(request) if fault is not None and fault.kind == "lose" else response

    def _answer(self, request: web.Request, call: RecordedCall) -> web.Response:
        headers = {"x-oauth-scopes": ",".join(sorted(self.desk.scopes))}
        try:
            method = _method(call.method)
            headers["x-accepted-oauth-scopes"] = method.scope
            self._check(request, call, method)
            if (wait := self._must_wait(call, method)) is not None:
                call.answer = {"ok": False, "error": "ratelimited"}
                return limited(wait)
            call.answer = {"ok": True, **method.run(self.desk, Arguments(values=call.arguments))}
        except SlackRefusalError as refusal:
            call.answer = refused(refusal)
        return web.json_response(call.answer, headers=headers)

    def _check(self, request: web.Request, call: RecordedCall, method: Method) -> None:
        self._check_token(request, call.arguments, method)
        if method.scope and method.token == "bot":
            self.desk.need(method.scope)
        strange = sorted(call.arguments.keys() - method.known_arguments)
        self.desk.workspace.violated(call.method, [f"unknown argument: {name}" for name in strange])

    def _check_token(self, request: web.Request, arguments: Json, method: Method) -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        token = given.strip() if scheme.lower() == "bearer" else arguments.get("token")
        if not token:
            raise SlackRefusalError("not_authed")
        if token not in {self.tokens.bot, self.tokens.app}:
            raise SlackRefusalError("invalid_auth")
        wanted = self.tokens.app if method.token == "app" else self.tokens.bot
        if token != wanted:
            raise SlackRefusalError("not_allowed_token_type")
        if self.tokens.is_revoked:
            raise SlackRefusalError("token_revoked")

    def _must_wait(self, call: RecordedCall, method: Method) -> int | None:
        channel = str(call.arguments.get("channel", ""))
        return self._rates.seconds_to_wait(call.method, channel=channel, per_minute=method.per_minute)


async def spoiled(fault: CallFault | None, faults: CallFaults, request: web.Request) -> web.Response | None:
    """The answer of a fault that answers instead of the method; None where the method goes on."""
    if fault is None:
        return None
    match fault.kind:
        case "lose" | "garble":
            return None
        case "slow":
            await asyncio.sleep(fault.seconds)
            return None
        case "refuse":
            return web.json_response({"ok": False, **fault.body})
        case "status":
            return web.Response(status=fault.status, text="upstream failure")
        case "answer":
            return web.Response(body=fault.raw, status=fault.status, content_type=fault.content_type)
        case "limit":
            return limited(int(fault.seconds))
        case "hang":
            await faults.hold()
            return dropped(request)
        case "drop":
            return dropped(request)


def garbled(garbage: Garbage, answer: Json) -> web.Response:
    """An answer with status 200 that is not Slack's."""
    nulls = {name: value if name == "ok" else None for name, value in answer.items()}
    match garbage:
        case "html":
            return web.Response(text="<html>Please sign in</html>", content_type="text/html")
        case "text":
            return web.Response(text="upstream connect error")
        case "nulls":
            return web.json_response(nulls)
        case "list":
            return web.json_response([answer])
        case "null":
            return web.json_response(None)
        case "cut":
            whole = json.dumps(answer)
            return web.Response(text=whole[: len(whole) // 2], content_type="application/json")


def dropped(request: web.Request) -> web.Response:
    """Cut the connection; the response that is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def limited(seconds: int) -> web.Response:
    """Too many calls."""
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=_TOO_MANY, headers={"Retry-After": str(seconds)})


def refused(refusal: SlackRefusalError) -> Json:
    """The body of an answer that says no."""
    details = {"response_metadata": {"messages": list(refusal.messages)}} if refusal.messages else {}
    return {"ok": False, "error": refusal.code, **refusal.more, **details}


def _method(name: str) -> Method:
    if name not in METHODS:
        raise SlackRefusalError("unknown_method", req_method=name)
    return METHODS[name]


def _read_arguments(request: web.Request, raw: bytes) -> Json:
    arguments: Json = dict(request.query)
    if not raw:
        return arguments
    if request.content_type == "application/json":
        try:
            body = json.loads(raw)
        except ValueError:
            raise SlackRefusalError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackRefusalError("json_not_object")
        return arguments | body
    if request.content_type == "application/x-www-form-urlencoded":
        return arguments | dict(parse_qsl(raw.decode(), keep_blank_values=True))
    raise SlackRefusalError("invalid_post_type")
