"""What a request that an armed fault hits goes through."""

from __future__ import annotations

import json
import re
import socket
import struct
from typing import TYPE_CHECKING

from aiohttp import web

from bot.demo.orchestrator.faults import Armed, ArmedFault
from bot.demo.orchestrator.refusals import (
    ErrorAnswer,
    complaint,
    login_page,
    login_redirect,
    method_not_allowed,
    refused,
    unauthorized,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Mapping
    from typing import TypeAlias

    from bot.demo.orchestrator.dialects import Habits

    Proceed: TypeAlias = Callable[[], Awaitable[web.StreamResponse]]

_HUGE = 5 * 1024 * 1024  # bytes
_TRACE = [
    "ch.dunes.model.sdk.SDKException: cannot obtain connection",
    "\tat com.vmware.o11n.web.rest.WorkflowRunController.start(WorkflowRunController.java:212)",
    "\tat java.base/java.lang.Thread.run(Thread.java:840)",
]


async def suffer(
    armed: Armed, request: web.Request, *, habits: Habits, proceed: Proceed
) -> web.StreamResponse:
    """Answer, or not, as the fault has it; `proceed` executes the request."""
    instead = _INSTEAD.get(armed.kind)
    if instead is not None:
        return instead(armed, request, habits)
    return await _THROUGH[armed.kind](armed, request, proceed)


def _error(armed: Armed, _request: web.Request, _habits: Habits) -> web.Response:
    more = {"messageId": "com.vmware.o11n.error", "errorCode": 10001, "stackTrace": _TRACE}
    return complaint(armed.status, "cannot obtain connection", **more)


def _later(status: int, message: str) -> Callable[[Armed, web.Request, Habits], web.Response]:
    def answer(armed: Armed, _request: web.Request, _habits: Habits) -> web.Response:
        response = complaint(status, message)
        response.headers["Retry-After"] = armed.retry_after
        return response

    return answer


def _token_expired(_armed: Armed, _request: web.Request, _habits: Habits) -> web.Response:
    response = complaint(403, "Token expired")
    response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return response


def _malformed(_armed: Armed, _request: web.Request, habits: Habits) -> web.Response:
    return refused(ErrorAnswer(400, "Bad Request", malformed=True), habits=habits)


def _drop(request: web.Request, *, abort: bool = False) -> web.Response:
    """Close or reset the connection; the response returned has nowhere to go."""
    transport = request.transport
    if transport is not None and abort:
        _linger_not(transport)
        transport.abort()
    elif transport is not None:
        transport.close()
    return web.Response()


def _linger_not(transport: asyncio.Transport) -> None:
    """Have the kernel send a reset rather than an orderly end."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def _silence(armed: Armed, request: web.Request, _proceed: Proceed) -> web.StreamResponse:
    await armed.held()
    return _drop(request)


async def _silence_after(armed: Armed, request: web.Request, proceed: Proceed) -> web.StreamResponse:
    await proceed()
    return await _silence(armed, request, proceed)


async def _drop_after(_armed: Armed, request: web.Request, proceed: Proceed) -> web.StreamResponse:
    await proceed()
    return _drop(request)


async def _error_after(armed: Armed, request: web.Request, proceed: Proceed) -> web.StreamResponse:
    await proceed()
    return complaint(armed.status, "upstream request timeout", path=request.path)


async def _cut_json(_armed: Armed, _request: web.Request, proceed: Proceed) -> web.StreamResponse:
    whole = _body(await proceed())
    return web.Response(body=whole[: len(whole) // 2], content_type="application/json")


async def _cut_stream(_armed: Armed, request: web.Request, proceed: Proceed) -> web.StreamResponse:
    whole = _body(await proceed()) or b"{}"
    stream = web.StreamResponse(
        headers={"Content-Type": "application/json", "Content-Length": str(len(whole))}
    )
    await stream.prepare(request)
    await stream.write(whole[: len(whole) // 2])
    _drop(request)
    return stream


async def _huge(_armed: Armed, _request: web.Request, proceed: Proceed) -> web.StreamResponse:
    true = await proceed()
    body = b'{"padding":"' + b"x" * _HUGE + b'"}'
    return web.Response(status=true.status, body=body, content_type="application/json")


async def _echo(_armed: Armed, request: web.Request, _proceed: Proceed) -> web.StreamResponse:
    given = json.loads(await request.read())["parameters"]
    values = " ".join(json.dumps(each.get("value"), ensure_ascii=False) for each in reversed(given))
    return complaint(400, f"Cannot convert {values}")


def _dressed(
    dress: Callable[[str], bytes], kind: str
) -> Callable[[Armed, web.Request, Proceed], Awaitable[web.StreamResponse]]:
    """The true answer, its text turned to bytes by `dress` and called `kind`."""

    async def answer(_armed: Armed, _request: web.Request, proceed: Proceed) -> web.StreamResponse:
        true = await proceed()
        body = dress(_body(true).decode())
        return web.Response(status=true.status, body=body, headers={"Content-Type": kind})

    return answer


_SAID = re.compile(r'("content-exception":"|"string":\{"value":")([^"\\]*)"')


def _halved(text: str) -> bytes:
    """Errors and values end in half a surrogate pair, as texts do that a workflow cuts by their length."""
    return _SAID.sub(r'\1\2 \\ud83d"', text).encode()


def _instead_ok(body: bytes) -> Callable[[Armed, web.Request, Habits], web.Response]:
    return lambda _armed, _request, _habits: web.Response(body=body, content_type="application/json")


async def _slow(armed: Armed, _request: web.Request, proceed: Proceed) -> web.StreamResponse:
    true = await proceed()
    await armed.held()
    return true


async def _slow_before(armed: Armed, _request: web.Request, proceed: Proceed) -> web.StreamResponse:
    await armed.held()
    return await proceed()


def _body(response: web.StreamResponse) -> bytes:
    return (
        bytes(response.body)
        if isinstance(response, web.Response) and isinstance(response.body, bytes)
        else b""
    )


_INSTEAD: Mapping[ArmedFault, Callable[[Armed, web.Request, Habits], web.Response]] = {
    ArmedFault.RESET: lambda _armed, request, _habits: _drop(request, abort=True),
    ArmedFault.DROP_BEFORE: lambda _armed, request, _habits: _drop(request),
    ArmedFault.ERROR: _error,
    ArmedFault.HTML_OK: lambda _armed, _request, _habits: login_page(),
    ArmedFault.COMPLAINT_OK: _instead_ok(b'{"message":"Service Unavailable","statusCode":503}'),
    ArmedFault.NULL_OK: _instead_ok(b"null"),
    ArmedFault.ARRAY_OK: _instead_ok(b"[]"),
    ArmedFault.EMPTY_OK: _instead_ok(b"{}"),
    ArmedFault.LOGIN_REDIRECT: lambda _armed, _request, _habits: login_redirect(),
    ArmedFault.TOO_MANY: _later(429, "Too many requests"),
    ArmedFault.UNAVAILABLE: _later(503, "Service unavailable"),
    ArmedFault.UNAUTHORIZED: lambda _armed, _request, habits: unauthorized(habits),
    ArmedFault.FORBIDDEN: lambda _armed, _request, _habits: complaint(403, "Forbidden"),
    ArmedFault.TOKEN_EXPIRED: _token_expired,
    ArmedFault.NOT_FOUND: lambda _armed, _request, habits: refused(
        ErrorAnswer(404, "Not found"), habits=habits
    ),
    ArmedFault.BAD_REQUEST: _malformed,
    ArmedFault.NOT_ALLOWED: lambda _armed, request, _habits: method_not_allowed(request.method),
    ArmedFault.CONFLICT: lambda _armed, _request, _habits: complaint(409, "Conflict"),
}
_THROUGH: Mapping[ArmedFault, Callable[[Armed, web.Request, Proceed], Awaitable[web.StreamResponse]]] = {
    ArmedFault.SILENCE: _silence,
    ArmedFault.SILENCE_AFTER: _silence_after,
    ArmedFault.DROP_AFTER: _drop_after,
    ArmedFault.ERROR_AFTER: _error_after,
    ArmedFault.CUT_JSON: _cut_json,
    ArmedFault.CUT_STREAM: _cut_stream,
    ArmedFault.HUGE: _huge,
    ArmedFault.ECHO: _echo,
    ArmedFault.HALF_CHARACTER: _dressed(_halved, "application/json"),
    ArmedFault.PLAIN_TEXT: _dressed(str.encode, "text/plain"),
    ArmedFault.OCTETS: _dressed(str.encode, "application/octet-stream"),
    ArmedFault.LATIN_1: _dressed(lambda text: text.encode("latin-1"), "application/json; charset=ISO-8859-1"),
    ArmedFault.UTF_16: _dressed(lambda text: text.encode("utf-16"), "application/json"),
    ArmedFault.SLOW: _slow,
    ArmedFault.SLOW_BEFORE: _slow_before,
}
