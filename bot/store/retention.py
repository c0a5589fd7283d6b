"""What is too old to keep, found and deleted in small batches that each are a transaction of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, tuple_, update

from bot.domain.errors import UnreadableRow
from bot.domain.launch import OPEN
from bot.store import codec
from bot.store.codec import launch_of
from bot.store.database import Part, for_person, in_background
from bot.store.schema import cards, events, launches, sealed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection

    from bot.domain.launch import Launch

Cursor = tuple["datetime", str]

_COLUMNS = (launches.c.id, launches.c.body, launches.c.version, launches.c.fence, launches.c.requested_at)
_IS_OVER = (
    launches.c.state.not_in([state.value for state in OPEN]),
    launches.c.tell_at.is_(None),
    launches.c.delivered_seq >= launches.c.last_seq,  # all of it is told
)


class Aged(Enum):
    """What grows too old, each with an age of its own."""

    LAUNCHES = "launches"  # ended ones, with all that belongs to them
    OUTPUTS = "outputs"  # of ended launches
    EVENTS = "events"  # of ended launches: what the thread has told


@dataclass(frozen=True, kw_only=True)
class Batch:
    """How many rows of some launches were too old, and where to go on (None: the end)."""

    rows: int
    after: Cursor | None


class RetentionTable(Part):
    """Finds and deletes what is too old; a launch that cannot be read, or waits for a review, is kept."""

    @in_background
    def sweep(
        self, sql: Connection, what: Aged, *, before: datetime, after: Cursor | None, limit: int
    ) -> Batch:
        """Delete the next batch."""
        found, cursor = _next(sql, before=before, after=after, limit=limit)
        return Batch(rows=_drop(sql, what, found), after=cursor)

    @for_person
    def look(
        self, sql: Connection, what: Aged, *, before: datetime, after: Cursor | None, limit: int
    ) -> Batch:
        """Count what the next batch would delete."""
        found, cursor = _next(sql, before=before, after=after, limit=limit)
        return Batch(rows=_count(sql, what, found), after=cursor)


def _next(
    sql: Connection, *, before: datetime, after: Cursor | None, limit: int
) -> tuple[list[Launch], Cursor | None]:
    """The next launches that were over before then."""
    place = tuple_(launches.c.requested_at, launches.c.id)
    query = select(*_COLUMNS).where(launches.c.requested_at < before, *_IS_OVER)
    if after is not None:
        query = query.where(place > tuple_(*after))
    rows = sql.execute(query.order_by(launches.c.requested_at, launches.c.id).limit(limit)).all()
    cursor = (rows[-1].requested_at, rows[-1].id) if len(rows) == limit else None
    return [each for each in map(_read, rows) if each is not None and _is_old(each, before)], cursor


def _read(row: Any) -> Launch | None:  # noqa: ANN401 - a row
    try:
        return launch_of(row)
    except UnreadableRow:
        return None


def _is_old(launch: Launch, before: datetime) -> bool:
    return not launch.wants_review and (launch.ended_at or launch.requested_at) < before


def _has_outputs(launch: Launch) -> bool:
    return launch.outcome is not None and bool(launch.outcome.outputs)


def _count(sql: Connection, what: Aged, found: Sequence[Launch]) -> int:
    match what:
        case Aged.LAUNCHES:
            return len(found)
        case Aged.OUTPUTS:
            return sum(_has_outputs(each) for each in found)
        case Aged.EVENTS:
            theirs = events.c.launch_id.in_([each.id for each in found])
            return sql.scalar(select(func.count()).select_from(events).where(theirs)) or 0


def _drop(sql: Connection, what: Aged, found: Sequence[Launch]) -> int:
    ids = [launch.id for launch in found]
    match what:
        case Aged.LAUNCHES:
            for table, column in ((cards, cards.c.launch_id), (events, events.c.launch_id)):
                sql.execute(delete(table).where(column.in_(ids)))
            sql.execute(delete(sealed).where(sealed.c.owner.in_(ids)))
            return sql.execute(delete(launches).where(launches.c.id.in_(ids))).rowcount
        case Aged.OUTPUTS:
            return sum(_empty(sql, launch) for launch in found if _has_outputs(launch))
        case Aged.EVENTS:
            return sql.execute(delete(events).where(events.c.launch_id.in_(ids))).rowcount


def _empty(sql: Connection, launch: Launch) -> int:
    """Forget the outputs; the card stays as it is, for nothing happened."""
    outcome = launch.outcome and replace(launch.outcome, outputs=())
    same = (launches.c.id == launch.id) & (launches.c.version == launch.version)
    values = {"body": codec.dump(replace(launch, outcome=outcome))}
    return sql.execute(update(launches).where(same).values(**values)).rowcount
