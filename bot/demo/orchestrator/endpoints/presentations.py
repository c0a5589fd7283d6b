"""The legacy presentation, and its instances: inputs judged by the server before a start."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from aiohttp import web

from bot.demo.orchestrator.answers import answer, nothing
from bot.demo.orchestrator.contexts import read_context
from bot.demo.orchestrator.endpoints.executions import require_json
from bot.demo.orchestrator.gateway import caller
from bot.demo.orchestrator.input_validation import flaws_by_presentation
from bot.demo.orchestrator.presenting import defaults_of, outputs_of, presentation_body, steps_body
from bot.demo.orchestrator.refusals import ErrorAnswer
from bot.demo.orchestrator.rendering import workflow_path
from bot.demo.orchestrator.state import SERVER_STATE
from bot.demo.orchestrator.values import plain
from bot.demo.orchestrator.wire import date

if TYPE_CHECKING:
    from bot.demo.orchestrator.values import Obj
    from bot.demo.orchestrator.workflows import PretendWorkflow

_ALL = "/vco/api/workflows/{workflow}/presentation/instances{slash:/?}"
_ONE = "/vco/api/workflows/{workflow}/presentation/instances/{instance}{slash:/?}"


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [
        web.get("/vco/api/workflows/{workflow}/presentation{slash:/?}", _read),
        web.post(_ALL, _begin),
        web.get(_ONE, _read_instance),
        web.post(_ONE, _go_on),
        web.put(_ONE, _go_on),
        web.delete(_ONE, _forget),
    ]


async def _read(request: web.Request) -> web.Response:
    return answer(request, presentation_body(_workflow(request), request.app[SERVER_STATE]))


async def _begin(request: web.Request) -> web.Response:
    """Values may be missing; what is wrong is said in the answer, not by its status."""
    server, workflow = request.app[SERVER_STATE], _workflow(request)
    identity = str(uuid4())
    server.instances[workflow.id, identity] = defaults_of(workflow) | await _posted(request, workflow)
    return answer(request, _body(request, workflow, identity), status=201)


async def _go_on(request: web.Request) -> web.Response:
    workflow, identity = _workflow(request), request.match_info["instance"]
    _given(request, workflow, identity).update(await _posted(request, workflow))
    return answer(request, _body(request, workflow, identity))


async def _read_instance(request: web.Request) -> web.Response:
    return answer(request, _body(request, _workflow(request), request.match_info["instance"]))


async def _forget(request: web.Request) -> web.Response:
    workflow, identity = _workflow(request), request.match_info["instance"]
    _given(request, workflow, identity)
    del request.app[SERVER_STATE].instances[workflow.id, identity]
    return nothing()


def _workflow(request: web.Request) -> PretendWorkflow:
    server = request.app[SERVER_STATE]
    if not server.habits.presentation:
        raise ErrorAnswer(404, "No such resource")
    return server.workflow(request.match_info["workflow"])


def _given(request: web.Request, workflow: PretendWorkflow, identity: str) -> dict[str, Obj | None]:
    given = request.app[SERVER_STATE].instances.get((workflow.id, identity))
    if given is None:
        raise ErrorAnswer(404, "Cannot find presentation instance")
    return given


async def _posted(request: web.Request, workflow: PretendWorkflow) -> dict[str, Obj | None]:
    require_json(request)
    context = read_context(
        await request.read(), declared=workflow.inputs, habits=request.app[SERVER_STATE].habits
    )
    return {each.name: each.value for each in context.given}


def _body(request: web.Request, workflow: PretendWorkflow, identity: str) -> Obj:
    server, given = request.app[SERVER_STATE], _given(request, workflow, identity)
    values = {name: plain(value) for name, value in given.items()}
    return {
        "id": identity,
        "object-id": workflow.id,
        "href": server.href(f"{workflow_path(workflow)}presentation/instances/{identity}/"),
        "valid": not flaws_by_presentation(workflow, values),
        "output-parameters": outputs_of(workflow, given),
        "steps": steps_body(workflow, given, judged=True),
        "start-date": date(server.now(), server.habits),
        "started-by": caller(request),
    }
