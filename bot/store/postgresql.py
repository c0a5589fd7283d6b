"""PostgreSQL behind the door of `bot.store.database`: a pool of connections on SQLAlchemy's async engine."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import func, literal, select

from bot.domain.errors import CommitLost, DatabaseLost
from bot.store.database import Haste
from bot.store.driver_errors import lost_as

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.store.database import Clock

Result = TypeVar("Result")
_IN_BACKGROUND = 3  # background transactions side by side


class PostgresDatabase:
    """A pool of connections; background work leaves at least one free for clicks."""

    locks_rows = True

    def __init__(self, engine: AsyncEngine, clock: Clock, *, size: int) -> None:
        self._engine = engine
        self._clock = clock
        self._background = asyncio.Semaphore(max(1, min(size - 1, _IN_BACKGROUND)))
        self._ahead = timedelta()  # the server's clock minus ours

    async def run(self, work: Callable[[Connection], Result], haste: Haste = Haste.PERSON) -> Result:
        """Run `work` in one transaction on a pooled connection.

        Whoever asks may be held back between any two steps, though not before an ack. Therefore all else runs
        in a task of its own, which is never held back while it holds a connection and locks.
        """
        match haste:
            case Haste.ACK:
                return await self._whole(work)
            case Haste.PERSON:
                return await asyncio.create_task(self._whole(work))
            case Haste.BACKGROUND:
                return await asyncio.create_task(self._in_background(work))

    async def _in_background(self, work: Callable[[Connection], Result]) -> Result:
        async with self._background:
            return await self._whole(work)

    async def _whole(self, work: Callable[[Connection], Result]) -> Result:
        with lost_as(DatabaseLost):
            async with self._engine.connect() as connection:
                result = await connection.run_sync(work)
                with lost_as(CommitLost):
                    await connection.commit()
                return result

    async def read_clock(self) -> None:
        """Learn how far the server's clock is from ours."""
        server = await self.run(lambda connection: connection.scalars(select(func.clock_timestamp())).one())
        self._ahead = server - datetime.now(UTC)

    def now(self) -> datetime:
        """The server's time, as last learnt."""
        return self._clock.now() + self._ahead

    def now_sql(self, ahead: timedelta = timedelta()) -> ColumnElement[datetime]:
        """The server's time when the statement runs, plus `ahead`."""
        return func.clock_timestamp() + literal(self._clock.offset + ahead)
