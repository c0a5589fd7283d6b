"""Dates, links, states and attribute lists, spelled the way a dialect spells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.demo.orchestrator.dialects import Habits
    from bot.demo.orchestrator.values import Obj


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def date(at: datetime, habits: Habits) -> object:
    """A date as a field of an execution."""
    return epoch_ms(at) if habits.epoch_dates else iso(at)


def iso(at: datetime) -> str:
    """ISO 8601 with milliseconds and `+00:00`, as 8 writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def listed_date(at: datetime, habits: Habits) -> str:
    """A date as an attribute of a listed run; ISO everywhere, with Z in the old recordings."""
    return iso(at).replace("+00:00", "Z") if habits.epoch_dates else iso(at)


def state(name: str, habits: Habits) -> str:
    """A run's state."""
    if not habits.upper_states:
        return name
    return "STATE_WAITING_ON_SIGNAL" if name == "waiting-signal" else name.upper()


def attributes(pairs: Mapping[str, str | None]) -> list[Obj]:
    """An attribute list; None becomes an attribute without a value."""
    return [
        {"name": name} if value is None else {"value": value, "name": name} for name, value in pairs.items()
    ]


def link(
    href: str, *, habits: Habits, rel: str = "down", pairs: Mapping[str, str | None] | None = None
) -> Obj:
    """A link, with attributes where it has any."""
    if pairs is None:
        return {"href": href, "rel": rel}
    return {habits.attribute_key: attributes(pairs), "href": href, "rel": rel}


def quoted_twice(identity: str) -> str:
    """An object's id as its href holds it."""
    return quote(quote(identity, safe=""), safe="")


def parameters_key(kind: str, habits: Habits) -> str:
    """`input-parameters` and `output-parameters`, or what the page calls them."""
    return f"{kind}Parameters" if habits.page_names else f"{kind}-parameters"
