"""POST /actions/.../executions: an action run by itself, by name or by id."""

from __future__ import annotations

from uuid import uuid4

from aiohttp import web

from bot.demo.orchestrator.actions import ActionFault, PretendAction, Thrown
from bot.demo.orchestrator.answers import answer
from bot.demo.orchestrator.contexts import read_inputs, read_object
from bot.demo.orchestrator.endpoints.executions import require_json
from bot.demo.orchestrator.refusals import ErrorAnswer, login_page
from bot.demo.orchestrator.state import SERVER_STATE
from bot.demo.orchestrator.values import plain

_KEYS = {"executionId", "parameters", "profilerOptions", "breakpoints", "async-execution"}
_THROWN_AT = 4  # the line of the script, as good as any


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [
        web.post("/vco/api/actions/{module}/{name}/executions{slash:/?}", _run_by_name),
        web.post("/vco/api/actions/{id}/executions{slash:/?}", _run_by_id),
    ]


async def _run_by_name(request: web.Request) -> web.Response:
    return await _run(request, f"{request.match_info['module']}/{request.match_info['name']}")


async def _run_by_id(request: web.Request) -> web.Response:
    return await _run(request, request.match_info["id"])


async def _run(request: web.Request, name: str) -> web.Response:
    """Only awaited runs: `async-execution` is false."""
    actions = request.app[SERVER_STATE].actions
    action = actions.find(name)
    if action is None:
        raise ErrorAnswer(404, "Cannot find action")
    require_json(request)
    body = read_object(await request.read(), _KEYS, where="execution-context")
    inputs = {key: plain(value) for key, value in read_inputs(body.get("parameters", [])).items()}
    if actions.trouble_of(action) is ActionFault.HTML:
        return login_page()
    try:
        kind, value = await actions.run(action, inputs)
    except Thrown as thrown:
        return answer(request, _failed(action, thrown))
    ended = {"name": "result", "type": kind, "state": "completed", "execution-id": str(uuid4())}
    return answer(request, ended if value is None else ended | {"value": value})


def _failed(action: PretendAction, thrown: Thrown) -> dict[str, object]:
    return {
        "name": "result",
        "type": action.output,
        "state": "failed",
        "error": str(thrown),
        "errorLineNumber": _THROWN_AT,
        "execution-id": str(uuid4()),
    }
