"""Custom forms of 8 and 9, and the legacy presentation of 7."""

from __future__ import annotations

from aiohttp import web

from bot.demo.orchestrator.answers import answer
from bot.demo.orchestrator.house import HOUSE
from bot.demo.orchestrator.presentation import presentation_body
from bot.demo.orchestrator.refusals import Refusal


def routes() -> list[web.RouteDef]:
    """The paths of this door."""
    return [
        web.get("/vco/api/forms/{workflow}{slash:/?}", _form),
        web.get("/vco/api/workflows/{workflow}/presentation{slash:/?}", _presentation),
    ]


async def _form(request: web.Request) -> web.Response:
    """404 as well for a workflow whose form is the default one."""
    house = request.app[HOUSE]
    if not house.habits.forms:
        raise Refusal(404, "No such resource")
    form = house.workflow(request.match_info["workflow"]).form
    if form is None:
        raise Refusal(404, "Cannot find form")
    return answer(request, form)


async def _presentation(request: web.Request) -> web.Response:
    house = request.app[HOUSE]
    if not house.habits.presentation:
        raise Refusal(404, "No such resource")
    return answer(request, presentation_body(house.workflow(request.match_info["workflow"]), house))
