"""GET /workflows, /workflows/{id} and /workflows/{id}/content."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from bot.demo.orchestrator.answers import answer
from bot.demo.orchestrator.conditions import read_query
from bot.demo.orchestrator.content import content_body
from bot.demo.orchestrator.endpoints.lists import listed, selected
from bot.demo.orchestrator.refusals import ErrorAnswer
from bot.demo.orchestrator.rendering import workflow_body, workflow_link, workflow_pairs
from bot.demo.orchestrator.state import SERVER_STATE

if TYPE_CHECKING:
    from bot.demo.orchestrator.conditions import Query
    from bot.demo.orchestrator.state import ServerState
    from bot.demo.orchestrator.values import Obj


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [
        web.get("/vco/api/workflows{slash:/?}", _list),
        web.get("/vco/api/workflows/{workflow}{slash:/?}", _one),
        web.get("/vco/api/workflows/{workflow}/content{slash:/?}", _content),
    ]


async def _list(request: web.Request) -> web.Response:
    """The last list is kept as it was sent: thousands of workflows take long to write."""
    server = request.app[SERVER_STATE]
    query = read_query(request.query)
    if query.counts and not server.habits.counts_workflows:
        raise ErrorAnswer(400, "isQueryCount is not implemented for the type.")
    asked = (server.library.revision, server.habits, request.query_string, request.headers.get("Accept"))
    if asked not in server.sent_lists:
        sent = answer(request, _found(query, server))
        server.sent_lists = {asked: (sent.body, sent.content_type)}
    body, kind = server.sent_lists[asked]
    return web.Response(body=body, content_type=kind, charset="utf-8")


def _found(query: Query, server: ServerState) -> Obj:
    """What is not honoured is ignored without a word, as on the real server."""
    heard = query if server.habits.filters_workflows else replace(query, conditions=())
    pairs_of = partial(workflow_pairs, server=server)
    found = selected(list(server.library), heard, pairs_of, pages=server.habits.pages_workflows)
    return listed([workflow_link(each, server) for each in found], len(found), server.habits)


async def _one(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    return answer(request, workflow_body(server.workflow(request.match_info["workflow"]), server))


async def _content(request: web.Request) -> web.Response:
    server = request.app[SERVER_STATE]
    workflow = server.workflow(request.match_info["workflow"])
    if not server.habits.content:
        raise ErrorAnswer(404, "No such resource")
    if not workflow.shows_content:
        raise ErrorAnswer(403, "Forbidden")
    return answer(request, content_body(workflow, server))
