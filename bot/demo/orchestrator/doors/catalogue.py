"""GET /catalog: what plug-ins find, and Orchestrator's own objects; and actions, which fill drop-downs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote
from uuid import uuid4

from aiohttp import web

from bot.demo.orchestrator.answers import answer
from bot.demo.orchestrator.conditions import read_query
from bot.demo.orchestrator.describing import (
    folder_item_pairs,
    folder_path,
    workflow_link,
    workflow_pairs,
    workflow_path,
)
from bot.demo.orchestrator.doors.executions import require_json
from bot.demo.orchestrator.doors.interactions import pending
from bot.demo.orchestrator.doors.lists import listed, selected
from bot.demo.orchestrator.house import HOUSE, House
from bot.demo.orchestrator.refusals import Refusal
from bot.demo.orchestrator.reporting import execution_item_pairs, execution_path, question_pairs
from bot.demo.orchestrator.values import plain
from bot.demo.orchestrator.wire import attributes, link

if TYPE_CHECKING:
    from bot.demo.orchestrator.workflows import Folder

_Found: TypeAlias = tuple[str, Mapping[str, str | None]]  # href and attributes of one object


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [
        web.get("/vco/api/catalog/System/WorkflowCategory/{id}/workflows{slash:/?}", _workflows_of_folder),
        web.get("/vco/api/catalog/{space}/{type}{slash:/?}", _list),
        web.get("/vco/api/catalog/{space}/{type}/{id}{slash:/?}", _one),
        web.post("/vco/api/actions/{module}/{name}/executions{slash:/?}", _run_action),
    ]


async def _list(request: web.Request) -> web.Response:
    house = request.app[HOUSE]
    query = read_query(request.query)
    found = selected(_objects(request, house), query, lambda each: each[1], pages=True)
    links = [link(href, habits=house.habits, pairs=pairs) for href, pairs in found]
    return answer(request, listed(links, len(links), house.habits))


async def _one(request: web.Request) -> web.Response:
    """An id is quoted twice in links; once is understood as well."""
    house = request.app[HOUSE]
    wanted = {request.match_info["id"], unquote(request.match_info["id"])}
    for href, pairs in _objects(request, house):
        if pairs.get("id") in wanted:
            body = {"attributes": attributes(pairs), "href": href, "relations": {"link": []}}
            return answer(request, body)
    raise Refusal(404, "No object has this id")


async def _workflows_of_folder(request: web.Request) -> web.Response:
    house = request.app[HOUSE]
    folder = house.library.folder(request.match_info["id"])
    if folder is None:
        raise Refusal(404, "Cannot find category")
    links = [workflow_link(each, house) for each in house.library.workflows_in(folder)]
    return answer(request, listed(links, len(links), house.habits))


def _objects(request: web.Request, house: House) -> Sequence[_Found]:
    space, kind = request.match_info["space"], request.match_info["type"]
    if space == "System":
        return _system_objects(kind, house)
    items = house.inventory.of(f"{space}:{kind}")
    if items is None:
        raise Refusal(404, f"Unknown type {space}:{kind}")
    found = ((house.href(each.path), each) for each in items)
    return [(href, item.pairs(href=href)) for href, item in found]


def _system_objects(kind: str, house: House) -> Sequence[_Found]:
    match kind:
        case "WorkflowExecution":
            if house.habits.run_catalogue_refusal:
                raise Refusal(house.habits.run_catalogue_refusal, "Unknown type System:WorkflowExecution")
            return [(_run_href(each.id, house), execution_item_pairs(each, house)) for each in house.runs]
        case "UserInteraction":
            asked = pending(house.runs, house)
            return [
                (house.href(f"{execution_path(run)}interaction/"), question_pairs(run, question, house))
                for run, question in asked
            ]
        case "Workflow":
            return [(house.href(workflow_path(each)), workflow_pairs(each, house)) for each in house.library]
        case "WorkflowCategory":
            return [_folder(each, house) for each in house.library.folders()]
        case _:
            raise Refusal(404, f"Unknown type System:{kind}")


def _run_href(execution_id: str, house: House) -> str:
    return house.href(f"/catalog/System/WorkflowExecution/{execution_id}/")


def _folder(folder: Folder, house: House) -> _Found:
    return house.href(folder_path(folder)), folder_item_pairs(folder, house)


async def _run_action(request: web.Request) -> web.Response:
    """Only awaited runs of actions; parameters as for a workflow, `async-execution` false."""
    house = request.app[HOUSE]
    action = house.actions.get(f"{request.match_info['module']}/{request.match_info['name']}")
    if action is None:
        raise Refusal(404, "Cannot find action")
    require_json(request)
    kind, value = action(_action_inputs(await request.read()))
    body = {
        "name": "result",
        "type": kind,
        "value": value,
        "state": "completed",
        "execution-id": str(uuid4()),
    }
    return answer(request, body)


def _action_inputs(raw: bytes) -> dict[str, object]:
    try:
        body = json.loads(raw)
        posted = body.get("parameters", [])
        if not body.keys() <= {"parameters", "async-execution"}:
            raise Refusal(400, "Unrecognized field", malformed=True)
        return {each["name"]: plain(each.get("value")) for each in posted}
    except (ValueError, AttributeError, KeyError, TypeError):
        raise Refusal(400, "the body is not an action's execution-context", malformed=True) from None
