"""Lines in which launches wait for one another, and the locks that those at their head take."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, func, insert, or_, select, tuple_, update

from bot.domain.launch import OCCUPYING, Hold, HoldKind, Launch, State
from bot.domain.people import Person
from bot.domain.queueing import Queue, QueueEntry
from bot.store.claims import unlocked
from bot.store.schema import launches, locks, turns
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from bot.store.database import Database

ALL_RUNS = "*"  # the line for a place among the runs that may be open
_TURN = 7_403_519  # the number of PostgreSQL's advisory lock; any other would do
_WOKEN = 100  # launches that look again when one ends
_OCCUPYING = [state.value for state in OCCUPYING]
_SOMEBODY_WAITS = select(
    or_(
        exists().where(launches.c.line == ALL_RUNS, launches.c.state == State.APPROVED.value),
        exists().where(turns.c.line == ALL_RUNS),
    )
)
_COLUMNS = (
    launches.c.id,
    launches.c.requester,
    launches.c.in_line_since,
    launches.c.requested_at,
    launches.c.goes_first,
)


class Locks:
    """Locks and lines as one transaction reads and writes them."""

    def __init__(self, connection: Connection, database: Database, *, now: datetime) -> None:
        self._sql = connection
        self._database = database
        self._now = now

    def take_turn(self) -> None:
        """Let nobody else take a lock or a place until this transaction ends; before any row is locked."""
        if self._database.locks_rows:  # SQLite has one writer at a time anyway
            self._sql.execute(select(func.pg_advisory_xact_lock(_TURN)))

    def of(self, launch: Launch) -> Queue:
        """Who has what this launch locks, and who waits for it."""
        line = line_of(launch)
        has_it = launches.c.id.in_(select(locks.c.launch_id).where(locks.c.line == line))
        return self._queue(line, running=has_it)

    def of_runs(self) -> Queue:
        """All that may be running, and who waits for a place among them."""
        return self._queue(ALL_RUNS, running=launches.c.state.in_(_OCCUPYING))

    def _queue(self, line: str, *, running: ColumnElement[bool]) -> Queue:
        in_line = (launches.c.line == line) & (launches.c.state == State.APPROVED.value)
        had = self._sql.execute(select(turns.c.requester, turns.c.at).where(turns.c.line == line))
        return Queue(
            running=_read(self._sql, running),
            waiting=_read(self._sql, in_line),
            turns={_person(row.requester): row.at for row in had},
        )

    def take(self, launch: Launch) -> None:
        """Note that this launch has its lock, and its requester a turn; nobody else can have the lock too."""
        lines = [ALL_RUNS]
        if launch.lock:
            lines.append(line_of(launch))
            self._sql.execute(insert(locks), {"line": line_of(launch), "launch_id": launch.id})
        requester = f"{launch.requester.team_id}/{launch.requester.user_id}"
        rows = [{"line": each, "requester": requester, "at": self._now} for each in lines]
        upsert(self._sql, turns, *rows)

    def release(self, launch: Launch) -> None:
        """Give back the launch's lock and place, and let those who wait for them look at once.

        Whoever is being worked on right now is passed over: it looks again by itself. Most launches lock
        nothing while nobody waits for a place, which one statement tells.
        """
        if not launch.lock and not self._sql.scalar(_SOMEBODY_WAITS):
            return
        freed = [ALL_RUNS]
        if launch.lock:
            self._sql.execute(delete(locks).where(locks.c.launch_id == launch.id))
            freed.append(line_of(launch))
        waiting = launches.c.line.in_(freed) & (launches.c.state == State.APPROVED.value)
        asleep = select(launches.c.id).where(waiting).order_by(launches.c.in_line_since).limit(_WOKEN)
        woken = launches.c.id.in_(select(unlocked(asleep, self._database).c.id))
        self._sql.execute(update(launches).where(woken).values(due_at=self._now))
        in_use = set(self._sql.scalars(select(launches.c.line).where(waiting).distinct()))
        self._forget_turns(set(freed) - in_use)

    def _forget_turns(self, empty: set[str]) -> None:
        """Whose turn it was matters only while somebody waits."""
        theirs = select(turns.c.line, turns.c.requester).where(turns.c.line.in_(empty))
        picked = unlocked(theirs, self._database)
        row = tuple_(turns.c.line, turns.c.requester)
        self._sql.execute(delete(turns).where(row.in_(select(picked.c.line, picked.c.requester))))


def line_of(launch: Launch) -> str:
    """The line for what the launch locks: a hash, because values may be long."""
    return hashlib.sha256(f"{launch.workflow.id}\n{launch.lock}".encode()).hexdigest()


def waits_in(launch: Launch) -> dict[str, Any]:
    """The columns that say in which line a launch stands."""
    match launch.hold:
        case Hold(kind=HoldKind.LOCK, since=since):
            return {"line": line_of(launch), "in_line_since": since}
        case Hold(kind=HoldKind.FULL, since=since):
            return {"line": ALL_RUNS, "in_line_since": since}
        case _:
            return {"line": None, "in_line_since": None}


def _read(connection: Connection, which: ColumnElement[bool]) -> tuple[QueueEntry, ...]:
    return tuple(
        QueueEntry(
            launch_id=row.id,
            requester=_person(row.requester),
            since=row.in_line_since or row.requested_at,
            goes_first=row.goes_first,
        )
        for row in connection.execute(select(*_COLUMNS).where(which))
    )


def _person(text: str) -> Person:
    team_id, _, user_id = text.partition("/")
    return Person(team_id=team_id, user_id=user_id)
