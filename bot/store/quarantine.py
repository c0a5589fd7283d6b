"""The quarantine: rows that cannot be read, or failed again and again, taken out of the loops' way.

The row itself is kept as it is; only its clock (when a loop takes it up next) stops, until somebody releases
it, for example after an upgrade. A row that merely failed waits longer after each try before that.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, null, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.launch import OCCUPYING, OPEN
from bot.store.schema import cards, inbox, launches, quarantine

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Table

    from bot.store.database import Database

log = logging.getLogger(__name__)

TRIES = 8  # failures in a row before an item is put aside: some 20 minutes
FORGOTTEN = timedelta(hours=1)  # after which a failure is the first of its row again
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)


class Kind(Enum):
    """What of a row cannot go on."""

    LAUNCH = "launch"
    STORY = "story"  # what is to be told of a launch; the launch itself goes on
    CARD = "card"  # a copy of a launch's card: its key is the launch's id, a slash and whom it is for
    NOTE = "note"  # what somebody did in Slack and was acknowledged
    PRESET = "preset"


@dataclass(frozen=True, kw_only=True)
class Item:
    """A row that a loop works on; `fence` is the claim's, None where there is none."""

    kind: Kind
    key: str
    fence: int | None = None

    def __str__(self) -> str:
        return f"{self.kind.value}/{self.key}"

    @classmethod
    def named(cls, text: str) -> Item:
        """The item of `kind/key`; ValueError for anything else."""
        kind, _, key = text.partition("/")
        return cls(kind=Kind(kind), key=key)


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """A row that was put aside."""

    item: Item
    why: str
    reference: str  # of the error in the log; empty where the row could not be read
    tries: int
    since: datetime
    state: str  # of the launch it belongs to; empty where there is none
    may_run: bool  # that launch, for all that is stored: it keeps its lock and its place


def put_aside(connection: Connection, database: Database, item: Item, *, why: str) -> None:
    """Put a row aside that cannot be read, and stop its clocks; named in the log when it is new here."""
    known = connection.scalar(select(quarantine.c.is_aside).where(_is(item)))
    _note(connection, database, item, why=why, reference="", tries=1, is_aside=True)
    _stop(connection, item, unreadable=True)
    if not known:
        log.error("%s cannot be read and is put aside: %s. See `python -m bot quarantine`.", item, why)


def failed(connection: Connection, database: Database, item: Item, *, why: str, reference: str) -> bool:
    """Push a row back that failed, longer each time; True if that was once too often, and it is put aside."""
    now = database.now()
    row = connection.execute(select(quarantine.c.tries, quarantine.c.last_at).where(_is(item))).first()
    tries = row.tries + 1 if row and row.last_at > now - FORGOTTEN else 1
    is_aside = tries >= TRIES
    _note(connection, database, item, why=why, reference=reference, tries=tries, is_aside=is_aside)
    if is_aside:
        _stop(connection, item, unreadable=False)
    else:
        _set_clock(connection, item, until=now + min(_FIRST_PAUSE * 2**tries, _LONGEST_PAUSE))
    stale = quarantine.c.is_aside.is_(False) & (quarantine.c.last_at < now - FORGOTTEN)
    connection.execute(delete(quarantine).where(stale))
    return is_aside


def _note(
    connection: Connection,
    database: Database,
    item: Item,
    *,
    why: str,
    reference: str,
    tries: int,
    is_aside: bool,
) -> None:
    """Two replicas may note the same row at once: the later word stays."""
    insert = postgresql.insert if database.locks_rows else sqlite.insert
    now = database.now()
    news = {"why": why, "reference": reference, "tries": tries, "last_at": now, "is_aside": is_aside}
    row = {"kind": item.kind.value, "row_key": item.key, "since": now, **news}
    adding = insert(quarantine).values(row)
    connection.execute(adding.on_conflict_do_update(index_elements=["kind", "row_key"], set_=news))


def _is(item: Item) -> ColumnElement[bool]:
    return and_(quarantine.c.kind == item.kind.value, quarantine.c.row_key == item.key)


def _stop(connection: Connection, item: Item, *, unreadable: bool) -> None:
    """Let no loop take it up again; a launch that cannot be read cannot be told and shown either."""
    _set_clock(connection, item, until=None)
    if item.kind is Kind.LAUNCH and unreadable:
        of_it = update(launches).where(launches.c.id == item.key)
        connection.execute(of_it.values(due_at=null(), tell_at=null()))
        connection.execute(update(cards).where(cards.c.launch_id == item.key).values(due_at=null()))


def _set_clock(connection: Connection, item: Item, *, until: datetime | None) -> None:
    """Set when it is taken up next, unless another claim was made since.

    The failed step may itself have renewed the claim once; whoever claimed it so keeps it.
    """
    of, row, clock, fence = _place(item)
    if row is None:
        return
    if item.fence is not None and fence is not None:
        row = and_(row, of.c[fence].in_((item.fence, item.fence + 1)))
    connection.execute(update(of).where(row).values({clock: null() if until is None else until}))


def _place(item: Item) -> tuple[Table, ColumnElement[bool] | None, str, str | None]:
    """Table, row, clock and fence."""
    match item.kind:
        case Kind.LAUNCH:
            return launches, launches.c.id == item.key, "due_at", "fence"
        case Kind.STORY:
            return launches, launches.c.id == item.key, "tell_at", "tell_fence"
        case Kind.CARD:
            launch_id, _, target = item.key.partition("/")
            return cards, and_(cards.c.launch_id == launch_id, cards.c.target == target), "due_at", "fence"
        case Kind.NOTE:
            return inbox, inbox.c.id == item.key, "due_at", None
        case Kind.PRESET:  # no loop takes it up
            return launches, None, "", None


def count(connection: Connection) -> int:
    """How many rows are put aside."""
    aside = select(func.count()).select_from(quarantine).where(quarantine.c.is_aside.is_(True))
    return connection.scalar(aside) or 0


def page(connection: Connection, *, limit: int) -> tuple[Quarantined, ...]:
    """What is put aside, oldest first."""
    launch_id = or_(
        quarantine.c.row_key == launches.c.id,
        (quarantine.c.kind == Kind.CARD.value) & quarantine.c.row_key.startswith(launches.c.id + "/"),
    )
    query = (
        select(quarantine, launches.c.state)
        .outerjoin(launches, launch_id)
        .where(quarantine.c.is_aside.is_(True))
        .order_by(quarantine.c.since, quarantine.c.row_key)
        .limit(limit)
    )
    return tuple(_quarantined(row) for row in connection.execute(query))


def _quarantined(row: Any) -> Quarantined:  # noqa: ANN401 - a row
    return Quarantined(
        item=Item(kind=Kind(row.kind), key=row.row_key),
        why=row.why,
        reference=row.reference,
        tries=row.tries,
        since=row.since,
        state=row.state or "",
        may_run=row.state in {each.value for each in OCCUPYING},
    )


def release(connection: Connection, database: Database, item: Item) -> bool:
    """Let the loops take it up again at once; False if it is not put aside."""
    if not connection.execute(delete(quarantine).where(_is(item), quarantine.c.is_aside.is_(True))).rowcount:
        return False
    now = database.now()
    if item.kind is Kind.LAUNCH:
        of_it = update(launches).where(launches.c.id == item.key)
        connection.execute(of_it.values(tell_at=now))
        is_open = launches.c.state.in_([each.value for each in OPEN])
        connection.execute(of_it.where(is_open).values(due_at=now))
        copies = (cards.c.launch_id == item.key) & (cards.c.kind != "home")
        connection.execute(update(cards).where(copies).values(due_at=now))
    else:
        _set_clock(connection, item, until=now)
    return True
