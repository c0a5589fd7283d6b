"""The quarantine: rows that cannot be read, or failed again and again, taken out of the loops' way.

The row itself is kept as it is; only its clock (when a loop takes it up next) stops, until somebody releases
it, for example after an upgrade. A row that merely failed waits longer after each try before that.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, null, or_, select, update

from bot.domain.errors import DatabaseLost, UnreadableRow
from bot.domain.launch import OCCUPYING, OPEN, Launch
from bot.store.claims import COPIES, LOOKS, NEWS, NOTES, STARTS, STORIES, Claims
from bot.store.codec import launch_of
from bot.store.database import Part, for_person, in_background
from bot.store.schema import cards, launches, quarantine
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection

    from bot.store.database import Database

log = logging.getLogger(__name__)

TRIES = 8  # failures in a row before an item is put aside: some 20 minutes
FORGOTTEN = timedelta(hours=1)  # after which a failure is the first of its row again
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)


class RowKind(Enum):
    """What of a row cannot go on."""

    LAUNCH = "launch"
    STORY = "story"  # what is to be told of a launch; the launch itself goes on
    CARD = "card"  # a copy of a launch's card: its key is the launch's id, a slash and whom it is for
    NOTE = "note"  # what somebody did in Slack and was acknowledged
    PRESET = "preset"
    SUBSCRIPTION = "subscription"
    NEWS = "news"  # of a subscription: its id, the run's, and what happened, parted by slashes


@dataclass(frozen=True, kw_only=True)
class QuarantinedRow:
    """A row that a loop works on; `fence` is the claim's, None where there is none."""

    kind: RowKind
    key: str
    fence: int | None = None

    def __str__(self) -> str:
        return f"{self.kind.value}/{self.key}"

    @classmethod
    def named(cls, text: str) -> QuarantinedRow:
        """The item of `kind/key`; ValueError for anything else."""
        kind, _, key = text.partition("/")
        return cls(kind=RowKind(kind), key=key)


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """A row that was put aside."""

    item: QuarantinedRow
    why: str
    reference: str  # of the error in the log; empty where the row could not be read
    tries: int
    since: datetime
    state: str  # of the launch it belongs to; empty where there is none
    may_run: bool  # that launch, for all that is stored: it keeps its lock and its place


class Quarantine(Part):
    """Rows that failed, and those that are put aside."""

    async def back_off(self, item: QuarantinedRow, error: Exception) -> None:
        """Log what a row failed with, and let it rest, longer each time; put it aside after some tries.

        It raises nothing where the database is away: the row's lease ends anyway.
        """
        try:
            if isinstance(error, UnreadableRow):
                await self._put_aside(item, why=error.why)
                return
            reference = secrets.token_hex(4)
            log.error("%s failed, reference %s", item, reference, exc_info=error)
            why = f"{type(error).__name__}: {error}"[:300]
            if await self._failed(item, why=why, reference=reference):
                log.error("%s is put aside after %d tries, reference %s", item, TRIES, reference)
        except DatabaseLost:
            log.warning("%s is taken up again when the database is back", item)

    @in_background
    def _put_aside(self, sql: Connection, item: QuarantinedRow, *, why: str) -> None:
        put_aside(sql, self.database, item, why=why)

    @in_background
    def _failed(self, sql: Connection, item: QuarantinedRow, *, why: str, reference: str) -> bool:
        """Push a row back that failed; True if that was once too often, and it is put aside."""
        now = self.database.now()
        row = sql.execute(select(quarantine.c.tries, quarantine.c.last_at).where(_is(item))).first()
        tries = row.tries + 1 if row and row.last_at > now - FORGOTTEN else 1
        is_aside = tries >= TRIES
        _note(sql, item, now=now, why=why, reference=reference, tries=tries, is_aside=is_aside)
        if is_aside:
            _stop(sql, item, unreadable=False)
        else:
            _set_clock(sql, item, until=now + min(_FIRST_PAUSE * 2**tries, _LONGEST_PAUSE))
        stale = quarantine.c.is_aside.is_(False) & (quarantine.c.last_at < now - FORGOTTEN)
        sql.execute(delete(quarantine).where(stale))
        return is_aside

    @for_person
    def count(self, sql: Connection) -> int:
        """How many rows are put aside."""
        aside = select(func.count()).select_from(quarantine).where(quarantine.c.is_aside.is_(True))
        return sql.scalar(aside) or 0

    @for_person
    def page(self, sql: Connection, *, limit: int) -> tuple[Quarantined, ...]:
        """What is put aside, oldest first."""
        launch_id = or_(
            quarantine.c.row_key == launches.c.id,
            (quarantine.c.kind == RowKind.CARD.value) & quarantine.c.row_key.startswith(launches.c.id + "/"),
        )
        query = (
            select(quarantine, launches.c.state)
            .outerjoin(launches, launch_id)
            .where(quarantine.c.is_aside.is_(True))
            .order_by(quarantine.c.since, quarantine.c.row_key)
            .limit(limit)
        )
        return tuple(_quarantined(row) for row in sql.execute(query))

    @for_person
    def release(self, sql: Connection, item: QuarantinedRow) -> bool:
        """Let the loops take it up again at once; False if it is not put aside."""
        if not sql.execute(delete(quarantine).where(_is(item), quarantine.c.is_aside.is_(True))).rowcount:
            return False
        now = self.database.now_sql()  # due at once, whatever this process takes for the time
        if item.kind is RowKind.LAUNCH:
            of_it = update(launches).where(launches.c.id == item.key)
            sql.execute(of_it.values(tell_at=now))
            is_open = launches.c.state.in_([each.value for each in OPEN])
            sql.execute(of_it.where(is_open).values(due_at=now))
            copies = (cards.c.launch_id == item.key) & (cards.c.kind != "home")
            sql.execute(update(cards).where(copies).values(due_at=now))
        else:
            _set_clock(sql, item, until=now)
        return True


def put_aside(connection: Connection, database: Database, item: QuarantinedRow, *, why: str) -> None:
    """Put a row aside that cannot be read, and stop its clocks; named in the log when it is new here."""
    known = connection.scalar(select(quarantine.c.is_aside).where(_is(item)))
    _note(connection, item, now=database.now(), why=why, reference="", tries=1, is_aside=True)
    _stop(connection, item, unreadable=True)
    if not known:
        log.error("%s cannot be read and is put aside: %s. See `python -m bot quarantine`.", item, why)


def readable(connection: Connection, database: Database, rows: Iterable[Any]) -> dict[str, Launch]:
    """The launches of these rows by id; those that cannot be read are put aside."""
    found = {}
    for row in rows:
        try:
            found[row.id] = launch_of(row)
        except UnreadableRow as wrong:
            put_aside(connection, database, QuarantinedRow(kind=RowKind.LAUNCH, key=row.id), why=wrong.why)
    return found


def _note(connection: Connection, item: QuarantinedRow, *, now: datetime, **news: Any) -> None:  # noqa: ANN401 - columns
    """Two replicas may note the same row at once: the later word stays."""
    row = {"kind": item.kind.value, "row_key": item.key, "since": now, "last_at": now, **news}
    upsert(connection, quarantine, row, keep=["since"])


def _is(item: QuarantinedRow) -> ColumnElement[bool]:
    return and_(quarantine.c.kind == item.kind.value, quarantine.c.row_key == item.key)


def _stop(connection: Connection, item: QuarantinedRow, *, unreadable: bool) -> None:
    """Let no loop take it up again; a launch that cannot be read cannot be told and shown either."""
    _set_clock(connection, item, until=None)
    if item.kind is RowKind.LAUNCH and unreadable:
        of_it = update(launches).where(launches.c.id == item.key)
        connection.execute(of_it.values(due_at=null(), tell_at=null()))
        connection.execute(update(cards).where(cards.c.launch_id == item.key).values(due_at=null()))


def _set_clock(
    connection: Connection, item: QuarantinedRow, *, until: datetime | ColumnElement[datetime] | None
) -> None:
    """Set when it is taken up next, unless another claim was made since.

    The failed step may itself have renewed the claim once; whoever claimed it so keeps it.
    """
    claims = _claims_of(item.kind)
    if claims is None:
        return
    row = claims.row(*_key_of(item))
    if item.fence is not None and claims.fence is not None:
        row &= claims.fence.in_((item.fence, item.fence + 1))
    due = null() if until is None else until
    connection.execute(update(claims.table).where(row).values({claims.clock: due}))


def _key_of(item: QuarantinedRow) -> list[str]:
    match item.kind:
        case RowKind.CARD:
            return item.key.split("/", 1)
        case RowKind.NEWS:
            subscription, rest = item.key.split("/", 1)
            return [subscription, *rest.rsplit("/", 1)]
        case _:
            return [item.key]


def _claims_of(kind: RowKind) -> Claims | None:
    match kind:
        case RowKind.LAUNCH:
            return STARTS
        case RowKind.STORY:
            return STORIES
        case RowKind.CARD:
            return COPIES
        case RowKind.NOTE:
            return NOTES
        case RowKind.SUBSCRIPTION:
            return LOOKS
        case RowKind.NEWS:
            return NEWS
        case RowKind.PRESET:  # no loop takes it up
            return None


def _quarantined(row: Any) -> Quarantined:  # noqa: ANN401 - a row
    return Quarantined(
        item=QuarantinedRow(kind=RowKind(row.kind), key=row.row_key),
        why=row.why,
        reference=row.reference,
        tries=row.tries,
        since=row.since,
        state=row.state or "",
        may_run=row.state in {each.value for each in OCCUPYING},
    )
