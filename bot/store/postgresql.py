"""PostgreSQL behind the door of `bot.store.database`: a pool of connections on SQLAlchemy's async engine."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import event, func, literal, select

from bot.domain.errors import CommitLost, DatabaseLost
from bot.runtime.priority import Priority
from bot.store.database import Reading, timed_transaction
from bot.store.driver_errors import lost_as

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.store.database import Clock

Result = TypeVar("Result")
_IN_BACKGROUND = 3  # background transactions side by side
_KEEPALIVE = timedelta(seconds=5)  # of silence; after three more without an answer the peer is gone
_SET = """
SELECT set_config(name, ($2::text[])[idx], false)
FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, idx) JOIN pg_settings USING (name)
"""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a session may wait, and be waited for; each is longer than the one before.

    So whoever waits for a lock outlives a frozen holder and gets the lock; the server gives up a statement
    before its client does, and then both know that nothing was written; and all of it is over before a lease
    is (`bot.store.database.LEASE`).
    """

    idle: timedelta  # in a transaction, for the next statement: a process that froze holds no lock longer
    lock: timedelta  # for one lock
    statement: timedelta  # for one statement, locks included
    answer: timedelta  # on the client's side: a server that froze, or a network that swallows everything

    @property
    def transaction(self) -> timedelta:
        """For a whole transaction, where the server knows such a limit (PostgreSQL 17)."""
        return self.statement * 2

    def settings(self) -> Iterator[tuple[str, str]]:
        """PostgreSQL's names for it, in its units."""
        yield "idle_in_transaction_session_timeout", _milliseconds(self.idle)
        yield "lock_timeout", _milliseconds(self.lock)
        yield "statement_timeout", _milliseconds(self.statement)
        yield "transaction_timeout", _milliseconds(self.transaction)
        yield "tcp_keepalives_idle", f"{_KEEPALIVE.total_seconds():.0f}"
        yield "tcp_keepalives_interval", f"{_KEEPALIVE.total_seconds():.0f}"
        yield "tcp_keepalives_count", "3"
        yield "tcp_user_timeout", _milliseconds(_KEEPALIVE * 3)


SERVING = Patience(
    idle=timedelta(seconds=3),  # a transaction waits for nothing but the loop
    lock=timedelta(seconds=4),
    statement=timedelta(seconds=5),
    answer=timedelta(seconds=6),
)
ADMINISTERING = Patience(  # migrations, and walks through the whole audit
    idle=timedelta(seconds=60),
    lock=timedelta(seconds=4),  # no longer: whoever wants a lock on a table stands before all who use it
    statement=timedelta(minutes=10),
    answer=timedelta(minutes=11),
)


def limit_sessions(engine: AsyncEngine, patience: Patience) -> None:
    """Give each new connection its limits.

    By a statement, not in the start-up packet: connection poolers refuse packets with settings they do not
    know. What this server or its platform does not know is left out.
    """
    names, values = zip(*patience.settings(), strict=True)

    @event.listens_for(engine.sync_engine, "connect")
    def _limit(connection: Any, _: object) -> None:  # noqa: ANN401 - SQLAlchemy's adapter
        connection.run_async(lambda driver: driver.execute(_SET, list(names), list(values)))


def _milliseconds(span: timedelta) -> str:
    return f"{span / timedelta(milliseconds=1):.0f}"


class PostgresDatabase:
    """A pool of connections; background work leaves at least one free for clicks."""

    locks_rows = True

    def __init__(self, engine: AsyncEngine, clock: Clock, *, size: int) -> None:
        self._engine = engine
        self._clock = clock
        self._background = asyncio.Semaphore(max(1, min(size - 1, _IN_BACKGROUND)))
        self._reading = Reading(clock)

    async def run(
        self, work: Callable[[Connection], Result], priority: Priority = Priority.INTERACTIVE
    ) -> Result:
        """Run `work` in one transaction on a pooled connection.

        Whoever asks may be held back between any two steps, though not before an ack. Therefore all else runs
        in a task of its own, which is never held back while it holds a connection and locks.
        """
        with timed_transaction(priority):
            match priority:
                case Priority.ACK:
                    return await self._whole(work)
                case Priority.INTERACTIVE:
                    return await asyncio.create_task(self._whole(work))
                case Priority.BACKGROUND:
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
        """Learn the server's time."""
        asked_at = time.monotonic()
        self.note_clock(
            await self.run(lambda sql: sql.scalars(select(self.now_sql())).one()), asked_at=asked_at
        )

    def now(self) -> datetime:
        """The server's time, as last learnt."""
        return self._reading.now()

    def note_clock(self, moment: datetime, *, asked_at: float) -> bool:
        """Take up the server's time, asked for at that time.monotonic(); True if it was set back."""
        return self._reading.note(moment, asked_at=asked_at)

    def now_sql(self, ahead: timedelta = timedelta()) -> ColumnElement[datetime]:
        """The server's time when the statement runs, plus `ahead`."""
        return func.clock_timestamp() + literal(self._clock.offset + ahead)
