"""Orchestrator's list queries: conditions, order, and how much of the list."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from bot.demo.orchestrator.refusals import ErrorAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from multidict import MultiMapping

_CONDITION = re.compile(r"^(?P<attribute>[@\w.-]+?)(?P<operator>!=|!~|=|~|>|<|\^)(?P<value>.*)$", re.DOTALL)
_UNLIMITED = 2147483647
T = TypeVar("T")


class Attributed(Protocol):
    """Whatever has attributes: a mapping of them, or an object that knows them."""

    def get(self, attribute: str, /) -> str | None:
        """One of them."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One `attribute OP value`; comparisons of text ignore case."""

    attribute: str
    operator: str
    value: str

    def holds(self, pairs: Attributed) -> bool:
        """Whether an item with these attributes meets it."""
        actual = pairs.get(self.attribute)
        return actual is not None and _OPERATORS[self.operator](actual.casefold(), self.value.casefold())


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a list request asks for."""

    conditions: tuple[Condition, ...] = ()
    orders: tuple[tuple[str, bool], ...] = ()  # attribute, descending
    limit: int = _UNLIMITED
    start: int = 0
    counts: bool = False
    after: str = ""  # startFromId: the last-item-token of the page before

    def meets(self, item: Attributed) -> bool:
        """Whether an item meets every condition."""
        return all(each.holds(item) for each in self.conditions)

    def filtered(self, items: Sequence[T], pairs_of: Callable[[T], Attributed]) -> list[T]:
        """The items that meet every condition."""
        if not self.conditions:
            return list(items)
        return [item for item in items if self.meets(pairs_of(item))]

    def ordered(self, items: list[T], pairs_of: Callable[[T], Attributed]) -> list[T]:
        """The items in the order asked for."""
        for attribute, descending in reversed(self.orders):
            items = sorted(items, key=lambda item: pairs_of(item).get(attribute) or "", reverse=descending)
        return items


def read_query(query: MultiMapping[str]) -> Query:
    """Read the parameters of a list request; a broken one is a 400."""
    return Query(
        conditions=tuple(_condition(each) for each in query.getall("conditions", [])),
        orders=tuple(_order(each) for each in query.getall("sortOrders", [])),
        limit=_count(query, "maxResult", _UNLIMITED),
        start=_count(query, "startIndex", 0),
        counts=query.get("queryCount") == "true",
        after=query.get("startFromId", ""),
    )


def _condition(written: str) -> Condition:
    found = _CONDITION.match(written)
    if found is None:
        raise ErrorAnswer(400, f"Invalid condition: {written}")
    return Condition(attribute=found["attribute"], operator=found["operator"], value=found["value"])


def _order(written: str) -> tuple[str, bool]:
    return written.lstrip("+- "), written.startswith("-")


def _count(query: MultiMapping[str], name: str, default: int) -> int:
    written = query.get(name)
    if written is None:
        return default
    try:
        return int(written)
    except ValueError:
        raise ErrorAnswer(400, f"{name} must be an integer") from None


def _comparable(written: str) -> float:
    """A number, or a date's milliseconds."""
    try:
        return float(written)
    except ValueError:
        try:
            return datetime.fromisoformat(written.replace(" ", "+").upper()).timestamp() * 1000
        except ValueError:
            raise ErrorAnswer(400, f"neither a number nor a date: {written}") from None


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "~": operator.contains,
    "!~": lambda actual, value: value not in actual,
    "^": str.startswith,
    ">": lambda actual, value: _comparable(actual) > _comparable(value),
    "<": lambda actual, value: _comparable(actual) < _comparable(value),
}
