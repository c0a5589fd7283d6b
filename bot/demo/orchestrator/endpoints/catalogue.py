"""GET /catalog: what plug-ins find, and Orchestrator's own objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

from aiohttp import web

from bot.demo.orchestrator.answers import answer
from bot.demo.orchestrator.conditions import read_query
from bot.demo.orchestrator.endpoints.finding import described_item, found_items
from bot.demo.orchestrator.endpoints.interactions import pending
from bot.demo.orchestrator.endpoints.lists import listed, selected
from bot.demo.orchestrator.refusals import ErrorAnswer
from bot.demo.orchestrator.rendering import (
    folder_item_pairs,
    folder_path,
    workflow_link,
    workflow_pairs,
    workflow_path,
)
from bot.demo.orchestrator.reporting import execution_item_pairs, execution_path, question_pairs
from bot.demo.orchestrator.state import SERVER_STATE, ServerState
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
    server = request.app[SERVER_STATE]
    query = read_query(request.query)
    space, kind = request.match_info["space"], request.match_info["type"]
    if space != "System":
        return answer(request, found_items(f"{space}:{kind}", query, server))
    found = selected(_system_objects(kind, server), query, lambda each: each[1], pages=True)
    links = [link(href, habits=server.habits, pairs=pairs) for href, pairs in found]
    return answer(request, listed(links, len(links), server.habits))


async def _one(request: web.Request) -> web.Response:
    """An id is quoted twice in links; once is understood as well."""
    server = request.app[SERVER_STATE]
    wanted = (request.match_info["id"], unquote(request.match_info["id"]))
    href, pairs = _object(request.match_info["space"], request.match_info["type"], wanted, server)
    return answer(request, {"attributes": attributes(pairs), "href": href, "relations": {"link": []}})


async def _workflows_of_folder(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    folder = server.library.folder(request.match_info["id"])
    if folder is None:
        raise ErrorAnswer(404, "Cannot find category")
    links = [workflow_link(each, server) for each in server.library.workflows_in(folder)]
    return answer(request, listed(links, len(links), server.habits))


def _object(space: str, kind: str, wanted: tuple[str, str], server: ServerState) -> _Found:
    if space == "System":
        found = (each for each in _system_objects(kind, server) if each[1].get("id") in wanted)
    else:
        items = (server.inventory.find(f"{space}:{kind}", identity) for identity in wanted)
        found = (described_item(item, server) for item in items if item is not None)
    one = next(found, None)
    if one is None:
        raise ErrorAnswer(404, "No object has this id")
    return one


def _system_objects(kind: str, server: ServerState) -> Sequence[_Found]:
    match kind:
        case "WorkflowExecution":
            if server.habits.run_catalogue_refusal:
                raise ErrorAnswer(
                    server.habits.run_catalogue_refusal, "Unknown type System:WorkflowExecution"
                )
            return [(_run_href(each.id, server), execution_item_pairs(each, server)) for each in server.runs]
        case "UserInteraction":
            asked = pending(server.runs, server)
            return [
                (server.href(f"{execution_path(run)}interaction/"), question_pairs(run, question, server))
                for run, question in asked
            ]
        case "Workflow":
            return [
                (server.href(workflow_path(each)), workflow_pairs(each, server)) for each in server.library
            ]
        case "WorkflowCategory":
            return [_folder(each, server) for each in server.library.folders()]
        case _:
            items = server.inventory.of(kind)
            if items is None:
                raise ErrorAnswer(404, f"Unknown type System:{kind}")
            return [described_item(each, server) for each in items]


def _run_href(execution_id: str, server: ServerState) -> str:
    return server.href(f"/catalog/System/WorkflowExecution/{execution_id}/")


def _folder(folder: Folder, server: ServerState) -> _Found:
    return server.href(folder_path(folder)), folder_item_pairs(folder, server)
