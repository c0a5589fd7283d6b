"""Priority of transactions: acks, then interactive work, then background work."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy import func, select

from bot.runtime.priority import Priority, Scheduler
from bot.store.database import Clock
from bot.store.opening import open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection

LOCK = 4711
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


class Works:
    """Transactions that all wait for one lock, and how many have been open together at most."""

    def __init__(self) -> None:
        self.open = self.most = 0

    def one(self, sql: Connection) -> None:
        self.open += 1
        self.most = max(self.most, self.open)
        sql.execute(select(func.pg_advisory_xact_lock(LOCK)))
        self.open -= 1


@asynccontextmanager
async def _locked(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Hold the lock that the works wait for."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        yield connection
    finally:
        await connection.close()


async def _until_waiting(connection: asyncpg.Connection, *, count: int) -> None:
    async with asyncio.timeout(20):
        while await connection.fetchval(WAITING) < count:
            pass


async def test_a_few_background_transactions_are_open_together(fresh_postgres: str) -> None:
    assert await _most_open(fresh_postgres, size=10, expected=3) == 3


async def test_the_smallest_pool_keeps_a_connection_for_people(fresh_postgres: str) -> None:
    assert await _most_open(fresh_postgres, size=2, expected=1) == 1


async def _most_open(url: str, *, size: int, expected: int) -> int:
    """How many background transactions were open together while a person's could be done all the same."""
    works = Works()
    async with (
        open_database(url, Clock(), size=size) as database,
        asyncio.TaskGroup() as group,
        _locked(url) as connection,
    ):
        for _ in range(20):
            group.create_task(database.run(works.one, Priority.BACKGROUND))
        await _until_waiting(connection, count=expected)
        async with asyncio.timeout(4):
            await database.run(lambda sql: sql.scalar(select(1)))
    return works.most


@pytest.mark.parametrize("priority", [Priority.INTERACTIVE, Priority.BACKGROUND])
async def test_work_that_is_held_back_holds_up_nobody(
    database: str, priority: Priority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.runtime.priority._QUIET", 6)
    scheduler, began = Scheduler(), asyncio.Event()
    async with open_database(database, Clock(), size=1) as opened:

        async def work() -> None:
            began.set()
            await opened.run(lambda sql: sql.scalar(select(1)), priority)

        with scheduler.pending_ack():
            held = asyncio.create_task(scheduler.run(work(), Priority.INTERACTIVE, acked=began.is_set))
            await began.wait()
            async with asyncio.timeout(4):
                await opened.run(lambda sql: sql.scalar(select(1)), Priority.ACK)
                await opened.run(lambda sql: sql.scalar(select(1)), Priority.BACKGROUND)
            assert not held.done()
            held.cancel()
            await asyncio.wait([held])
