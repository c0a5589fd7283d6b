"""Starting, reading, listing, cancelling and deleting runs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from bot.demo.orchestrator.answers import answer, nothing
from bot.demo.orchestrator.conditions import read_query
from bot.demo.orchestrator.contexts import read_context
from bot.demo.orchestrator.endpoints.lists import selected
from bot.demo.orchestrator.gateway import STARTED, caller
from bot.demo.orchestrator.refusals import ErrorAnswer
from bot.demo.orchestrator.rendering import workflow_path
from bot.demo.orchestrator.reporting import (
    execution_body,
    execution_pairs,
    execution_path,
    executions_body,
    started_body,
)
from bot.demo.orchestrator.scripts import TERMINAL
from bot.demo.orchestrator.state import SERVER_STATE
from bot.demo.orchestrator.wire import state

if TYPE_CHECKING:
    from bot.demo.orchestrator.executions import PretendRun
    from bot.demo.orchestrator.state import ServerState

_ALL = "/vco/api/workflows/{workflow}/executions{slash:/?}"
_ONE = "/vco/api/workflows/{workflow}/executions/{execution}{slash:/?}"
_STATE = "/vco/api/workflows/{workflow}/executions/{execution}/state{slash:/?}"


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [
        web.get(_STATE, _read_state),
        web.post(_ALL, _start),
        web.get(_ONE, _read),
        web.get(_ALL, _list),
        web.delete(_STATE, _cancel),
        web.delete(_ONE, _delete),
    ]


def the_execution(request: web.Request) -> PretendRun:
    """The run the path names, or a 404."""
    return request.app[SERVER_STATE].execution(
        request.match_info["workflow"], request.match_info["execution"]
    )


def require_json(request: web.Request) -> None:
    """Refuse a body that does not call itself JSON."""
    if request.can_read_body and request.content_type != "application/json":
        raise ErrorAnswer(415, f"Content-Type '{request.content_type}' is not supported")


async def _start(request: web.Request) -> web.Response:
    """A workflow the caller may not run is as good as missing."""
    server = request.app[SERVER_STATE]
    require_json(request)
    raw = await request.read()
    workflow = server.workflow(request.match_info["workflow"])
    if not workflow.can_execute:
        raise ErrorAnswer(404, f"Cannot find workflow with id {workflow.id}")
    context = read_context(raw, declared=workflow.inputs, habits=server.habits)
    execution, start = server.begin(workflow, context, by=caller(request))
    response = _accepted(request, execution, server)
    response[STARTED] = start
    return response


def _accepted(request: web.Request, execution: PretendRun, server: ServerState) -> web.Response:
    habits = server.habits
    headers = {}
    if habits.start_location:
        place = server.href(execution_path(execution))
        headers["Location"] = place if habits.location_slash else place.rstrip("/")
    if not habits.start_body:
        return nothing(habits.start_status, headers)
    return answer(request, started_body(execution, server), status=habits.start_status, headers=headers)


async def _list(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    workflow = server.workflow(request.match_info["workflow"])
    query = read_query(request.query)
    heard = query if server.habits.sorts_executions else replace(query, orders=())
    runs = server.runs.of(workflow.id)
    pairs_of = partial(execution_pairs, server=server)
    found = selected(runs, heard, pairs_of, pages=server.habits.pages_workflows)
    body = executions_body(found, len(runs), workflow=workflow_path(workflow), server=server)
    return answer(request, body)


async def _read(request: web.Request) -> web.Response:
    details = request.query.get("showDetails") == "true"
    execution = the_execution(request)
    return answer(request, execution_body(execution, request.app[SERVER_STATE], details=details))


async def _read_state(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    current = the_execution(request).current(server.now())
    return answer(request, {server.habits.state_key: state(current.state, server.habits)})


async def _cancel(request: web.Request) -> web.Response:
    """204 at once; the run gives way a little later."""
    server = request.app[SERVER_STATE]
    execution, now = the_execution(request), server.now()
    if execution.current(now).state in TERMINAL:
        if server.habits.cancel_of_finished != web.HTTPNoContent.status_code:
            raise ErrorAnswer(server.habits.cancel_of_finished, "The workflow run is not running")
        return nothing()
    execution.cancel(now=now, takes=server.cancel_takes)
    server.runs.moved(execution)
    return nothing()


async def _delete(request: web.Request) -> web.Response:
    request.app[SERVER_STATE].runs.delete(the_execution(request))
    return nothing()
