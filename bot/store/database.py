"""One door to SQLite or PostgreSQL: a transaction is a plain function that runs from begin to commit.

The function gets a SQLAlchemy connection and cannot await, so nothing outside the database can happen
between begin and commit.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Connection

Result = TypeVar("Result")

LEASE = timedelta(seconds=20)  # every call outside made under a claim ends before this


class Clock:
    """The time, which tests may move on."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """The moment it is, in UTC."""
        return datetime.now(UTC) + self.offset


class Haste(Enum):
    """Who goes first."""

    ACK = auto()  # all that an ack waits for: it is small, and stands before what waits already
    PERSON = auto()  # somebody waits for what comes of it
    BACKGROUND = auto()  # nobody does: only a few at a time stand in the way of others


class Database(Protocol):
    """What SQLite and PostgreSQL both give."""

    locks_rows: bool

    async def run(self, work: Callable[[Connection], Result], haste: Haste = Haste.PERSON) -> Result:
        """Run `work` in one transaction: committed when it returns, rolled back when it raises.

        DatabaseLost if the database does not answer; CommitLost if it went away during the commit.
        """
        ...

    def now(self) -> datetime:
        """The database's time as known here."""
        ...

    def now_sql(self, ahead: timedelta = timedelta()) -> ColumnElement[datetime]:
        """The database's time plus `ahead`, as an expression of the statement it stands in."""
        ...
