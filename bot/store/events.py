"""The events of launches, read back; one that cannot be read hides no other launch's."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from bot.domain.errors import UnreadableRow
from bot.domain.launch import Event, Happening
from bot.domain.people import Person
from bot.store.codec import Damaged
from bot.store.schema import events

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sqlalchemy import Connection

_HAPPENINGS = {each.value: each for each in Happening}


def read_events(
    connection: Connection, after: Mapping[str, int]
) -> tuple[dict[str, tuple[Event, ...]], dict[str, str]]:
    """The events of these launches behind the given ones, in order; and why others cannot be read."""
    found: dict[str, tuple[Event, ...]] = defaultdict(tuple)
    unreadable: dict[str, str] = {}
    if after:
        undelivered = or_(
            *((events.c.launch_id == each) & (events.c.seq > seq) for each, seq in after.items())
        )
        for row in connection.execute(
            select(events).where(undelivered).order_by(events.c.launch_id, events.c.seq)
        ):
            try:
                found[row.launch_id] += (_event(row),)
            except UnreadableRow as wrong:
                unreadable[row.launch_id] = wrong.why
    return found, unreadable


def _event(row: Any) -> Event:  # noqa: ANN401 - a row of events
    if isinstance(row.detail, Damaged):
        raise UnreadableRow(why=f"event {row.seq}: {row.detail.why}")
    if row.what not in _HAPPENINGS:
        raise UnreadableRow(why=f"event {row.seq}: this release does not know {row.what!r}")
    by = Person(team_id=row.by_team, user_id=row.by_user) if row.by_user else None
    return Event(
        launch_id=row.launch_id,
        seq=row.seq,
        what=_HAPPENINGS[row.what],
        at=row.at,
        by=by,
        note=row.note,
        detail=row.detail,
    )
