"""GET logs, and syslogs by the verb the version knows."""

from __future__ import annotations

import json

from aiohttp import web

from bot.demo.orchestrator.answers import answer
from bot.demo.orchestrator.conditions import read_query
from bot.demo.orchestrator.endpoints.executions import require_json, the_execution
from bot.demo.orchestrator.logs import Line, at_least, event_entry, events, system_entry, system_lines
from bot.demo.orchestrator.refusals import ErrorAnswer
from bot.demo.orchestrator.state import SERVER_STATE
from bot.demo.orchestrator.wire import date, epoch_ms

_BASE = "/vco/api/workflows/{workflow}/executions/{execution}"
_POSTED_KEYS = {"severity", "older-than"}


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [
        web.get(f"{_BASE}/logs{{slash:/?}}", _events),
        web.get(f"{_BASE}/syslogs{{slash:/?}}", _syslogs),
        web.post(f"{_BASE}/syslogs{{slash:/?}}", _posted_syslogs),
    ]


async def _events(request: web.Request) -> web.Response:
    """Newest first."""
    server, execution = request.app[SERVER_STATE], the_execution(request)
    lines = reversed(events(execution, now=server.now()))
    user = execution.started_by
    return answer(
        request,
        {"logs": [event_entry(line, user=user, dated=date(line.at, server.habits)) for line in lines]},
    )


async def _syslogs(request: web.Request) -> web.Response:
    """`severity=` is the least grave to show, `timestamp>` milliseconds."""
    server = request.app[SERVER_STATE]
    if server.habits.syslogs_by_post:
        raise ErrorAnswer(405, request.method)
    query = read_query(request.query)
    lines = system_lines(the_execution(request), now=server.now())
    for condition in query.conditions:
        if condition.attribute == "severity":
            lines = at_least(condition.value, lines)
        else:
            lines = [each for each in lines if condition.holds({"timestamp": str(epoch_ms(each.at))})]
    if server.habits.newest_syslogs_first:
        lines.reverse()
    return answer(request, {"logs": [system_entry(each) for each in lines[: query.limit]]})


async def _posted_syslogs(request: web.Request) -> web.Response:
    """Up to 7.5: what is `older-than` by name is newer in fact, and the server's own events always come."""
    server = request.app[SERVER_STATE]
    if not server.habits.syslogs_by_post:
        raise ErrorAnswer(405, request.method)
    require_json(request)
    severity, after = _posted(await request.read())
    lines = system_lines(the_execution(request), now=server.now())
    wanted = at_least(severity, [each for each in lines if epoch_ms(each.at) > after])
    return answer(request, {"logs": [system_entry(each) for each in lines if _comes(each, wanted)]})


def _comes(line: Line, wanted: list[Line]) -> bool:
    return line.origin == "server" or line in wanted


def _posted(raw: bytes) -> tuple[str, float]:
    try:
        body = json.loads(raw)
    except ValueError:
        raise ErrorAnswer(400, "the body is not JSON", malformed=True) from None
    if not isinstance(body, dict) or not body.keys() <= _POSTED_KEYS:
        raise ErrorAnswer(400, "Unrecognized field", malformed=True)
    after = body.get("older-than", 0)
    if not isinstance(after, int | float):
        raise ErrorAnswer(400, "older-than is a number of milliseconds", malformed=True)
    return str(body.get("severity", "debug")), after
