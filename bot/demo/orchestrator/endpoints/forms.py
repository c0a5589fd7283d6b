"""Custom forms of 8 and 9: read, and their sources evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import uuid4

from aiohttp import web

from bot.demo.orchestrator.actions import ActionFault, PretendAction, Thrown
from bot.demo.orchestrator.answers import answer
from bot.demo.orchestrator.contexts import read_inputs, read_object
from bot.demo.orchestrator.endpoints.executions import require_json
from bot.demo.orchestrator.refusals import ErrorAnswer, login_page
from bot.demo.orchestrator.rendering import declared
from bot.demo.orchestrator.sources import action_ids, schema_of
from bot.demo.orchestrator.state import SERVER_STATE, ServerState
from bot.demo.orchestrator.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.demo.orchestrator.values import Obj
    from bot.demo.orchestrator.workflows import PretendWorkflow

_BATCH_KEYS = {"token", "executions"}
_EXECUTION_KEYS = {"actionId", "inputs", "error"}


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [
        web.post("/vco/api/forms/evaluations{slash:/?}", _evaluate),
        web.post("/vco/api/forms/{workflow}/evaluations{slash:/?}", _evaluate),
        web.get("/vco/api/forms/{workflow}/evaluationContext{slash:/?}", _context),
        web.get("/vco/api/forms/{workflow}{slash:/?}", _form),
    ]


async def _form(request: web.Request) -> web.Response:
    """404 as well for a workflow whose form is the default one."""
    return answer(request, _drawn(request)[1])


async def _context(request: web.Request) -> web.Response:
    """A token to evaluate with, the actions the form's sources name, and what stands in it at first."""
    server = request.app[SERVER_STATE]
    workflow, form = _drawn(request)
    token = str(uuid4())
    server.form_tokens[token] = workflow.id
    named = {each: server.actions.find(each) for each in sorted(action_ids(form))}
    body = {
        "token": token,
        "actions": {name: _described(action) for name, action in named.items() if action is not None},
        "context": list(_first_values(form)),
        "parameters": declared(workflow.inputs),
    }
    return answer(request, body)


async def _evaluate(request: web.Request) -> web.Response:
    """Each action in turn, as listed: one that hangs holds up the rest."""
    server = request.app[SERVER_STATE]
    if not server.habits.forms:
        raise ErrorAnswer(404, "No such resource")
    require_json(request)
    batch = read_object(await request.read(), _BATCH_KEYS, where="BatchExecution")
    _check_token(batch.get("token"), request)
    executions = batch.get("executions", [])
    if not isinstance(executions, list) or not all(isinstance(each, dict) for each in executions):
        raise ErrorAnswer(400, "executions must be an array of objects", malformed=True)
    if any(_is_html(each, server) for each in executions):
        return login_page()
    return answer(request, {"results": [await _result(each, server) for each in executions]})


def _drawn(request: web.Request) -> tuple[PretendWorkflow, Mapping[str, object]]:
    server = request.app[SERVER_STATE]
    if not server.habits.forms:
        raise ErrorAnswer(404, "No such resource")
    workflow = server.workflow(request.match_info["workflow"])
    if workflow.form is None:
        raise ErrorAnswer(404, "Cannot find form")
    return workflow, workflow.form


def _described(action: PretendAction) -> Obj:
    return {
        "id": action.id,
        "name": action.name,
        "module": action.module,
        "fqn": action.fqn,
        "version": "1.0.0",
        "output-type": action.output,
        "input-parameters": declared(action.inputs),
    }


def _first_values(form: Mapping[str, object]) -> Iterator[Obj]:
    for name, drawn in schema_of(form).items():
        default = drawn.get("default")
        value = None if isinstance(default, Mapping) else default
        yield {"id": name, "value": value, "type": drawn.get("type")}


def _check_token(token: object, request: web.Request) -> None:
    """What the token is good for is documented nowhere; one that was never given is refused."""
    given_for = request.app[SERVER_STATE].form_tokens.get(str(token))
    asked_for = request.match_info.get("workflow", given_for)
    if given_for is None or asked_for != given_for:
        raise ErrorAnswer(400, "Invalid evaluation token")


def _is_html(execution: Mapping[str, object], server: ServerState) -> bool:
    action = server.actions.find(str(execution.get("actionId")))
    return action is not None and server.actions.trouble_of(action) is ActionFault.HTML


async def _result(execution: Mapping[str, object], server: ServerState) -> Obj:
    if not execution.keys() <= _EXECUTION_KEYS:
        raise ErrorAnswer(400, "Unrecognized field (Execution)", malformed=True)
    name = str(execution.get("actionId"))
    inputs = execution.get("inputs") or {}
    if not isinstance(inputs, Mapping):
        raise ErrorAnswer(400, "inputs must be an execution-context", malformed=True)
    action = server.actions.find(name)
    if action is None:
        return {"result": None, "error": f"Cannot find action {name}"}
    given = read_inputs(inputs.get("parameters", []))
    try:
        _, value = await server.actions.run(action, {key: plain(each) for key, each in given.items()})
    except Thrown as thrown:
        return {"result": None, "error": str(thrown)}
    return {"result": value if server.habits.evaluates_to_envelopes else plain(value), "error": None}
