"""One door to SQLite or PostgreSQL: a transaction is a plain function that runs from begin to commit.

The function gets a SQLAlchemy connection and cannot await, so nothing outside the database can happen
between begin and commit.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from bot.runtime.priority import Priority

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Connection

Result = TypeVar("Result")

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
