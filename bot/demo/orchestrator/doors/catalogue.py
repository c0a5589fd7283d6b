"""GET /catalog: what plug-ins find, and Orchestrator's own objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

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
from bot.demo.orchestrator.doors.finding import described_item, found_items
from bot.demo.orchestrator.doors.interactions import pending
from bot.demo.orchestrator.doors.lists import listed, selected
from bot.demo.orchestrator.house import HOUSE, House
from bot.demo.orchestrator.refusals import Refusal
from bot.demo.orchestrator.reporting import execution_item_pairs, execution_path, question_pairs
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
    ]


async def _list(request: web.Request) -> web.Response:
    house = request.app[HOUSE]
    query = read_query(request.query)
    space, kind = request.match_info["space"], request.match_info["type"]
    if space != "System":
        return answer(request, found_items(f"{space}:{kind}", query, house))
    found = selected(_system_objects(kind, house), query, lambda each: each[1], pages=True)
    links = [link(href, habits=house.habits, pairs=pairs) for href, pairs in found]
    return answer(request, listed(links, len(links), house.habits))


async def _one(request: web.Request) -> web.Response:
    """An id is quoted twice in links; once is understood as well."""
    house = request.app[HOUSE]
    wanted = (request.match_info["id"], unquote(request.match_info["id"]))
    href, pairs = _object(request.match_info["space"], request.match_info["type"], wanted, house)
    return answer(request, {"attributes": attributes(pairs), "href": href, "relations": {"link": []}})


async def _workflows_of_folder(request: web.Request) -> web.Response:
    house = request.app[HOUSE]
    folder = house.library.folder(request.match_info["id"])
    if folder is None:
        raise Refusal(404, "Cannot find category")
    links = [workflow_link(each, house) for each in house.library.workflows_in(folder)]
    return answer(request, listed(links, len(links), house.habits))


def _object(space: str, kind: str, wanted: tuple[str, str], house: House) -> _Found:
    if space == "System":
        found = (each for each in _system_objects(kind, house) if each[1].get("id") in wanted)
    else:
        items = (house.inventory.find(f"{space}:{kind}", identity) for identity in wanted)
        found = (described_item(item, house) for item in items if item is not None)
    one = next(found, None)
    if one is None:
        raise Refusal(404, "No object has this id")
    return one


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
