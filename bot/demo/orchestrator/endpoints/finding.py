"""What a plug-in's finder returns for a query: a page of objects, however many there are."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from bot.demo.orchestrator.endpoints.lists import listed
from bot.demo.orchestrator.refusals import ErrorAnswer
from bot.demo.orchestrator.wire import link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.demo.orchestrator.conditions import Query
    from bot.demo.orchestrator.inventory import InventoryObject
    from bot.demo.orchestrator.state import ServerState
    from bot.demo.orchestrator.values import Obj


def found_items(kind: str, query: Query, server: ServerState) -> Obj:
    """GET /catalog of a plug-in's type; `maxResult=0` only counts, and there is a token while more follow."""
    everything = server.inventory.of(kind)
    if everything is None:
        raise ErrorAnswer(404, f"Unknown type {kind}")
    heard = query.conditions and server.inventory.heeds_conditions(kind)
    rest = server.inventory.after(kind, query.after) if query.after else everything
    meeting: Iterable[InventoryObject] = (each for each in rest if query.meets(each)) if heard else rest
    ordered = query.ordered(list(meeting), lambda item: item) if query.orders else meeting
    page = list(islice(ordered, query.start, query.start + query.limit + 1))
    shown = page[: query.limit]
    return _body(shown, len(everything), server) | _token(shown, page, server)


def described_item(item: InventoryObject, server: ServerState) -> tuple[str, dict[str, str | None]]:
    """Its link and its attributes."""
    href = server.href(item.path)
    return href, item.pairs(href=href)


def _body(shown: list[InventoryObject], total: int, server: ServerState) -> Obj:
    described = (described_item(each, server) for each in shown)
    links = [link(href, habits=server.habits, pairs=pairs) for href, pairs in described]
    return listed(links, total, server.habits)


def _token(shown: list[InventoryObject], page: list[InventoryObject], server: ServerState) -> Obj:
    """Paging by the last item's id came with 8."""
    if not server.habits.runtime_details:
        return {}
    more = {"last-item-token": shown[-1].id} if shown and len(page) > len(shown) else {}
    return {"count": len(shown), **more}
