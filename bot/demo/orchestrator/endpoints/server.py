"""The server about itself: version, health and services, open to everybody."""

from __future__ import annotations

from aiohttp import web

from bot.demo.orchestrator.answers import answer
from bot.demo.orchestrator.state import SERVER_STATE
from bot.demo.orchestrator.wire import epoch_ms

_SERVICES = ("workflows", "actions", "packages", "catalog", "categories", "healthstatus", "about")


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [
        web.get("/vco/api{slash:/?}", _root),
        web.get("/vco/api/about{slash:/?}", _about),
        web.get("/vco/api/healthstatus{slash:/?}", _health),
        web.get("/vco/api/versions{slash:/?}", _versions),
    ]


async def _root(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    services = [{"href": server.href(f"/{each}/"), "description": f"{each} service"} for each in _SERVICES]
    return answer(request, {"service": services})


async def _about(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    version = server.habits.version
    body: dict[str, object] = {
        "version": version,
        "build-number": version.rpartition(".")[2],
        "build-date": "2024-09-10T08:15:00Z",
        "api-version": "6.0.0",
    }
    if server.habits.runtime_details:
        zone = {"id": "UTC", "displayName": "Coordinated Universal Time", "rawOffset": 0, "dstsavings": 0}
        body |= {"features": [], "id": "orchestrator", "time-zone": zone}
    return answer(request, body)


async def _health(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    health = {"state": "OK", "time": epoch_ms(server.now())}
    return answer(request, {"state": "RUNNING", "health-status": health, "instance-id": server.host})


async def _versions(request: web.Request) -> web.Response:
    return answer(request, {"version": [{"versionCode": "6.0.0", "latest": True}]})
