"""GET /workflows/{id}/content: a workflow's definition as its author's tools see it (8 and later)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.demo.orchestrator.answers import answer
from bot.demo.orchestrator.refusals import ErrorAnswer
from bot.demo.orchestrator.rendering import declared
from bot.demo.orchestrator.state import SERVER_STATE

if TYPE_CHECKING:
    from bot.demo.orchestrator.presentation import PField
    from bot.demo.orchestrator.values import Obj


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [web.get("/vco/api/workflows/{workflow}/content{slash:/?}", _read)]


async def _read(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    workflow = server.workflow(request.match_info["workflow"])
    if not server.habits.content:
        raise ErrorAnswer(404, "Not found")
    steps = [
        {
            "title": step.title,
            "p-group": [
                {"title": group.title, "p-param": [_parameter(each) for each in group.fields]}
                for group in step.groups
            ],
        }
        for step in workflow.steps
    ]
    body = {
        "name": workflow.name,
        "version": workflow.version,
        "input": {"param": declared(workflow.inputs)},
        "presentation": {"p-step": steps},
    }
    return answer(request, body)


def _parameter(field: PField) -> Obj:
    """An input with its qualifiers; one that has none has no key for them."""
    named: Obj = {"name": field.name, "desc": field.label}
    static = {"kind": "static", "name": "mandatory", "type": "boolean", "value": "true"}
    return named | {"p-qual": [static]} if field.mandatory else named
