"""Questions of waiting runs: read, answered, cancelled and listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.demo.orchestrator.answers import answer, nothing
from bot.demo.orchestrator.contexts import read_context
from bot.demo.orchestrator.endpoints.executions import require_json, the_execution
from bot.demo.orchestrator.endpoints.lists import listed
from bot.demo.orchestrator.refusals import ErrorAnswer
from bot.demo.orchestrator.reporting import execution_path, question_body, question_pairs
from bot.demo.orchestrator.state import SERVER_STATE
from bot.demo.orchestrator.wire import link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.demo.orchestrator.executions import PretendRun
    from bot.demo.orchestrator.scripts import WaitingQuestion
    from bot.demo.orchestrator.state import ServerState
    from bot.demo.orchestrator.values import Obj

_ONE = "/vco/api/workflows/{workflow}/executions/{execution}/interaction{slash:/?}"


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [
        web.get(_ONE, _read),
        web.post(_ONE, _answer),
        web.delete(_ONE, _cancel),
        web.get("/vco/api/interactions{slash:/?}", _list),
        web.get("/vco/api/workflows/{workflow}/interactions{slash:/?}", _list_of_workflow),
    ]


def pending(
    executions: Iterable[PretendRun], server: ServerState
) -> list[tuple[PretendRun, WaitingQuestion]]:
    """The runs that wait for an answer, with what they ask."""
    now = server.now()
    asked = ((each, each.current(now).question) for each in executions)
    return [(execution, question) for execution, question in asked if question is not None]


def interaction_links(executions: Iterable[PretendRun], server: ServerState) -> list[Obj]:
    """A line for each pending question; its `href` is where it is answered."""
    return [
        link(
            server.href(f"{execution_path(execution)}interaction/"),
            habits=server.habits,
            pairs=question_pairs(execution, question, server),
        )
        for execution, question in pending(executions, server)
    ]


def _asked(request: web.Request) -> tuple[PretendRun, WaitingQuestion]:
    execution = the_execution(request)
    question = execution.current(request.app[SERVER_STATE].now()).question
    if question is None:
        raise ErrorAnswer(404, "Cannot find an user interaction for the workflow run")
    return execution, question


async def _read(request: web.Request) -> web.Response:
    return answer(request, question_body(*_asked(request), request.app[SERVER_STATE]))


async def _answer(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    require_json(request)
    raw = await request.read()
    execution, question = _asked(request)
    context = read_context(raw, declared=question.inputs, habits=server.habits)
    execution.answer(context.given, now=server.now())
    server.runs.moved(execution)
    return nothing()


async def _cancel(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    if not server.habits.cancels_interaction:
        raise ErrorAnswer(405, request.method)
    execution, _ = _asked(request)
    execution.cancel(now=server.now(), takes=server.cancel_takes)
    server.runs.moved(execution)
    return nothing()


async def _list(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    return _listed(request, list(server.runs))


async def _list_of_workflow(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    return _listed(request, server.runs.of(server.workflow(request.match_info["workflow"]).id))


def _listed(request: web.Request, executions: list[PretendRun]) -> web.Response:
    server = request.app[SERVER_STATE]
    if not server.habits.interaction_lists:
        raise ErrorAnswer(404, "No such resource")
    links = interaction_links(executions, server)
    return answer(request, listed(links, len(links), server.habits))
