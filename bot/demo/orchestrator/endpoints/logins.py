"""The logins in front of Orchestrator: Aria's token exchange and VCF's OAuth endpoint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

from bot.demo.orchestrator.refusals import ErrorAnswer, complaint
from bot.demo.orchestrator.state import SERVER_STATE

if TYPE_CHECKING:
    from bot.demo.orchestrator.state import ServerState
    from bot.demo.orchestrator.values import Obj

_FORM = "application/x-www-form-urlencoded"


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [
        web.post("/csp/gateway/am/api/login", _csp_login),
        web.post("/iaas/api/login", _iaas_login),
        web.post("/csp/gateway/am/api/auth/api-tokens/authorize", _csp_authorize),
        web.post("/tm/oauth/tenant/{tenant}/token", _oauth_token),
        web.post("/oauth/tenant/{tenant}/token", _oauth_token),
        web.post("/tm/oauth/provider/token", _oauth_token),
        web.post("/oauth/provider/token", _oauth_token),
    ]


async def _csp_login(request: web.Request) -> web.Response:
    """With `?access_token` in the address the answer is a refresh token, without it a mere session."""
    server = _server(request, "csp")
    body = await _json(request, {"username", "password", "domain"})
    account = server.logins.by_password(
        username=body.get("username"), password=body.get("password"), domain=body.get("domain")
    )
    if account is None:
        return complaint(401, "Invalid credentials")
    if "access_token" not in request.query:
        return web.json_response({"cspAuthToken": "session-without-api-rights"})
    return web.json_response({"refresh_token": server.logins.refresh_token(account)})


async def _iaas_login(request: web.Request) -> web.Response:
    server = _server(request, "csp")
    body = await _json(request, {"refreshToken"})
    exchanged = server.logins.exchange(body.get("refreshToken"))
    if exchanged is None:
        return complaint(404, "Token not found", path="/session-service")
    return web.json_response({"tokenType": "Bearer", "token": exchanged[1]})


async def _csp_authorize(request: web.Request) -> web.Response:
    server = _server(request, "csp")
    refresh = (await _form(request)).get("refresh_token")
    exchanged = server.logins.exchange(refresh)
    if exchanged is None:
        return complaint(400, "invalid_grant: Invalid refresh token")
    return web.json_response(
        _granted(exchanged[1], server) | {"refresh_token": refresh, "scope": "", "id_token": ""}
    )


async def _oauth_token(request: web.Request) -> web.Response:
    server = _server(request, "oauth")
    form = await _form(request)
    if form.get("grant_type") != "refresh_token":
        return web.json_response({"error": "unsupported_grant_type"}, status=400)
    if request.match_info.get("tenant") not in (None, *(each.tenant for each in server.logins.accounts)):
        return complaint(401, "No such organization")
    exchanged = server.logins.exchange(form.get("refresh_token"))
    if exchanged is None:
        return web.json_response({"error": "invalid_grant"}, status=400)
    account, token = exchanged
    rotated: Obj = {"refresh_token": server.logins.refresh_token(account)} if server.logins.rotates else {}
    return web.json_response(_granted(token, server) | rotated)


def _server(request: web.Request, kind: str) -> ServerState:
    server = request.app[SERVER_STATE]
    if kind not in server.habits.logins:
        raise ErrorAnswer(404, "No such resource")
    return server


def _granted(token: str, server: ServerState) -> Obj:
    seconds = int(server.logins.life.total_seconds())
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds}


async def _json(request: web.Request, known: set[str]) -> Obj:
    if request.content_type != "application/json":
        raise ErrorAnswer(415, "Unsupported media type")
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise ErrorAnswer(400, "the body is not JSON") from None
    if not isinstance(body, dict) or not body.keys() <= known:
        raise ErrorAnswer(400, "Unrecognized field")
    return body


async def _form(request: web.Request) -> dict[str, str]:
    if request.content_type != _FORM:
        raise ErrorAnswer(415, "Unsupported media type")
    return {key: str(value) for key, value in (await request.post()).items()}
