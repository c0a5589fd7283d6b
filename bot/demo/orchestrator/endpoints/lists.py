"""What all lists have in common: filter, order, cut, count."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.demo.orchestrator.conditions import Query
    from bot.demo.orchestrator.dialects import Habits
    from bot.demo.orchestrator.values import Obj

T = TypeVar("T")


def selected(
    items: Sequence[T], query: Query, pairs_of: Callable[[T], Mapping[str, str | None]], *, pages: bool
) -> list[T]:
    """The part of a list a query asks for; `pages` says whether startIndex means anything here."""
    found = query.ordered(query.filtered(items, pairs_of), pairs_of)
    first = query.start if pages else 0
    return found[first : first + query.limit]


def listed(links: list[Obj], total: int, habits: Habits) -> Obj:
    """A list's body."""
    body: Obj = {"link": links, "total": -1 if habits.total_unknown else total}
    return body | {"start": 0} if habits.runtime_details else body
