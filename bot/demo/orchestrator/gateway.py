"""The one way in: faults first, then the login, then the handler, then the delivery."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from aiohttp import web

from bot.demo.orchestrator.fault_injection import suffer
from bot.demo.orchestrator.refusals import ErrorAnswer, method_not_allowed, refused, unauthorized
from bot.demo.orchestrator.state import SERVER_STATE, Start

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from bot.demo.orchestrator.login import Account

_API = "/vco/api"
_OPEN = frozenset({_API, f"{_API}/about", f"{_API}/healthstatus", f"{_API}/versions"})
STARTED: web.ResponseKey[Start] = web.ResponseKey("started", Start)  # on the true answer to a start
_CALLER: web.RequestKey[str] = web.RequestKey("caller", str)


def caller(request: web.Request) -> str:
    """Who asks, as runs name who started them."""
    return request[_CALLER]


@web.middleware
async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request in, or make it suffer."""
    server = request.app[SERVER_STATE]
    server.requests.append(f"{request.method} {request.path_qs}")

    async def proceed() -> web.StreamResponse:
        return await _served(request, handler)

    armed = server.faults.take(request.method, request.path)
    if armed is None:
        response = await proceed()
    else:
        response = await suffer(armed, request, habits=server.habits, proceed=proceed)
    return await _delivered(request, response)


async def _served(request: web.Request, handler: Handler) -> web.StreamResponse:
    habits = request.app[SERVER_STATE].habits
    if _needs_login(request.path):
        account = _account(request)
        if account is None:
            return unauthorized(habits)
        request[_CALLER] = account.shown
    try:
        return await handler(request)
    except ErrorAnswer as refusal:
        return refused(refusal, habits=habits)
    except web.HTTPMethodNotAllowed as misused:
        return method_not_allowed(misused.method)
    except web.HTTPNotFound:
        return refused(ErrorAnswer(404, "No such resource"), habits=habits)


def _needs_login(path: str) -> bool:
    return path.startswith(_API) and path.rstrip("/") not in _OPEN


def _account(request: web.Request) -> Account | None:
    server = request.app[SERVER_STATE]
    authorization = request.headers.get("Authorization", "")
    return server.logins.account_of(authorization, basic="basic" in server.habits.logins)


async def _delivered(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Write the answer to a start here, to know whether it went out; the clock may be a wrong one."""
    drift = request.app[SERVER_STATE].drift
    if drift and not response.prepared:
        response.headers["Date"] = format_datetime(datetime.now(UTC) + drift, usegmt=True)
    if STARTED in response:
        await response.prepare(request)
        await response.write_eof()
        response[STARTED].delivered = True
    return response
