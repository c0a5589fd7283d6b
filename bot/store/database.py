"""One door to SQLite or PostgreSQL: a transaction is a plain function that runs from begin to commit.

The function gets a SQLAlchemy connection and cannot await, so nothing outside the database can happen
between begin and commit.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import update_wrapper
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

from bot.domain.errors import CommitLost, DatabaseLost
from bot.runtime.metrics import DATABASE, timed
from bot.runtime.priority import Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import Any

    from sqlalchemy import ColumnElement, Connection

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Given = ParamSpec("Given")
SomePart = TypeVar("SomePart", bound="Part")

WAITED = 8.0  # seconds for which background work waits for a database that is away; less than a lease
_AGAIN = 0.5  # seconds between its tries
LEASE = timedelta(seconds=20)  # every call outside made under a claim ends before this
_SET_BACK = timedelta(seconds=2)  # a clock that lost more was set back; less is the time that reading it took


class Clock:
    """The time, which tests may move on."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """The moment it is, in UTC."""
        return datetime.now(UTC) + self.offset


class Reading:
    """The database's clock as it was last read, carried on by this process's monotonic clock.

    The wall clock of this machine does not count: it jumps when somebody sets it, and a virtual machine that
    was paused has a wrong one until it is set.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._moment = clock.now()
        self._offset = clock.offset  # of the tests' clock, which the moment holds
        self._read_at = time.monotonic()

    def now(self) -> datetime:
        """The moment it is by the database's clock."""
        return self._moment - self._offset + self._clock.offset + self._since()

    def note(self, moment: datetime, *, asked_at: float) -> bool:
        """Take up what was read, asked for at that time.monotonic(); True if the clock was set back."""
        expected = self._moment + self._since()
        self._read_at = time.monotonic()
        self._offset = self._clock.offset
        # Behind by the answer's way, never ahead: what is written as due now must be due for the database.
        self._moment = moment
        asked_for = timedelta(seconds=self._read_at - asked_at)
        return expected - moment - asked_for > _SET_BACK

    def _since(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._read_at)


class Database(Protocol):
    """What SQLite and PostgreSQL both give."""

    locks_rows: bool

    async def run(
        self, work: Callable[[Connection], Result], priority: Priority = Priority.INTERACTIVE
    ) -> Result:
        """Run `work` in one transaction: committed when it returns, rolled back when it raises.

        DatabaseLost if the database does not answer, DatabaseBusy if something else held it up; CommitLost if
        it went away during the commit.
        """
        ...

    def now(self) -> datetime:
        """The database's time as known here."""
        ...

    def note_clock(self, moment: datetime, *, asked_at: float) -> bool:
        """Take up the database's time, asked for at that time.monotonic(); True if its clock was set back."""
        ...

    def now_sql(self, ahead: timedelta = timedelta()) -> ColumnElement[datetime]:
        """The database's time plus `ahead`, as an expression of the statement it stands in."""
        ...


@contextmanager
def timed_transaction(priority: Priority) -> Iterator[None]:
    """Measure a transaction, its wait for a connection included."""
    with timed(DATABASE, priority=priority.name.lower()) as call:
        try:
            yield
        except DatabaseLost:
            call.outcome = "lost"
            raise
        except Exception:
            call.outcome = "rolled back"
            raise
        call.outcome = "committed"


async def run_in_background(database: Database, work: Callable[[Connection], Result]) -> Result:
    """Run `work` in one transaction, and wait a while for a database that is away."""
    until = time.monotonic() + WAITED
    while True:
        try:
            return await database.run(work, Priority.BACKGROUND)
        except CommitLost:  # it may have been written, so it is not written again
            raise
        except DatabaseLost as lost:
            if time.monotonic() > until:
                raise
            log.warning("the database does not answer: %s", lost.__cause__)
        await asyncio.sleep(_AGAIN)


class Part:
    """One concern of the store.

    Its public methods are plain functions from begin to commit, which get the transaction's connection; the
    decorators below make a transaction of each call.
    """

    def __init__(self, database: Database) -> None:
        self.database = database


def _transaction(
    work: Callable[Concatenate[SomePart, Connection, Given], Result],
    run: Callable[[Database, Callable[[Connection], Result]], Coroutine[Any, Any, Result]],
) -> Callable[Concatenate[SomePart, Given], Coroutine[Any, Any, Result]]:
    async def called(part: SomePart, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        return await run(part.database, lambda sql: work(part, sql, *args, **kwargs))

    return update_wrapper(called, work)


def before_ack(
    work: Callable[Concatenate[SomePart, Connection, Given], Result],
) -> Callable[Concatenate[SomePart, Given], Coroutine[Any, Any, Result]]:
    """A transaction that an ack waits for."""
    return _transaction(work, lambda database, whole: database.run(whole, Priority.ACK))


def for_person(
    work: Callable[Concatenate[SomePart, Connection, Given], Result],
) -> Callable[Concatenate[SomePart, Given], Coroutine[Any, Any, Result]]:
    """A transaction that somebody waits for."""
    return _transaction(work, lambda database, whole: database.run(whole))


def in_background(
    work: Callable[Concatenate[SomePart, Connection, Given], Result],
) -> Callable[Concatenate[SomePart, Given], Coroutine[Any, Any, Result]]:
    """A transaction of a worker loop, which waits a while for a database that is away."""
    return _transaction(work, run_in_background)
