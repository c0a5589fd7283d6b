"""GET /categories and /categories/{id}."""

from __future__ import annotations

from aiohttp import web

from bot.demo.orchestrator.answers import answer
from bot.demo.orchestrator.endpoints.lists import listed
from bot.demo.orchestrator.refusals import ErrorAnswer
from bot.demo.orchestrator.rendering import folder_body, folder_link
from bot.demo.orchestrator.state import SERVER_STATE


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [
        web.get("/vco/api/categories{slash:/?}", _list),
        web.get("/vco/api/categories/{folder}{slash:/?}", _one),
    ]


async def _list(request: web.Request) -> web.Response:
    """Only folders of workflows exist here; other types have none."""
    server = request.app[SERVER_STATE]
    if request.query.get("categoryType", "WorkflowCategory") != "WorkflowCategory":
        return answer(request, listed([], 0, server.habits))
    only_roots = request.query.get("isRoot") == "true"
    folders = server.library.folders_in(()) if only_roots else server.library.folders()
    with_id = server.habits.runtime_details
    links = [folder_link(each, server, with_id=with_id) for each in folders]
    return answer(request, listed(links, len(links), server.habits))


async def _one(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    folder = server.library.folder(request.match_info["folder"])
    if folder is None:
        raise ErrorAnswer(404, "Cannot find category")
    return answer(request, folder_body(folder, server))
