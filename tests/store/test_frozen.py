"""Whoever freezes in the middle of a transaction, or a server that does: nobody else waits for long."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, text

from bot.domain.audit import AuditEntry
from bot.domain.errors import DatabaseBusy, DatabaseLost
from bot.store.database import LEASE, Clock
from bot.store.migrating import migrate, revision
from bot.store.opening import open_database
from bot.store.postgresql import ADMINISTERING, SERVING, Patience
from bot.store.schema import audit_head
from bot.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

QUICK = Patience(
    idle=timedelta(seconds=0.5),
    lock=timedelta(seconds=1),
    statement=timedelta(seconds=2),
    answer=timedelta(seconds=3),
)
LONG = 60.0  # seconds; a frozen process holds what it holds for longer


@pytest.fixture
def database(migrated_postgres: str) -> str:
    return migrated_postgres


@contextmanager
def frozen_holder(url: str, patience: Patience, *statements: str) -> Iterator[Event]:
    """A process that froze behind these statements of a transaction: it does nothing, its socket stays.

    The event lets it go on.
    """
    caught, go_on = Event(), Event()

    def freeze(sql: Connection) -> None:
        for statement in statements:
            sql.execute(text(statement))
        caught.set()
        go_on.wait(LONG)
        sql.execute(text("SELECT 1"))

    async def hold() -> None:
        async with open_database(url, Clock(), patience=patience) as opened:
            await opened.run(freeze)

    with ThreadPoolExecutor(1) as thread:
        held = thread.submit(asyncio.run, hold())
        try:
            assert caught.wait(30)
            yield go_on
        finally:
            go_on.set()
        with pytest.raises(DatabaseLost):  # what it wrote was undone, and it hears so
            held.result(30)


async def test_a_holder_of_the_audits_lock_that_freezes_is_cut_off(database: str) -> None:
    async with open_store(database, clock=Clock()) as store:
        await store.transact(lambda tx: tx.audit.record(AuditEntry(what="first")))
        with frozen_holder(database, SERVING, "UPDATE audit_head SET number = number + 1"):
            await store.transact(lambda tx: tx.audit.record(AuditEntry(what="second")))
        records = await store.audit.page()
    assert [(each.number, each.entry.what) for each in records] == [(1, "first"), (2, "second")]


async def test_a_holder_of_the_turn_that_freezes_is_cut_off(database: str) -> None:
    async with open_store(database, clock=Clock()) as store:
        with frozen_holder(database, SERVING, "SELECT pg_advisory_xact_lock(7403519)"):
            await store.transact(lambda tx: tx.locks.take_turn())


async def test_a_lock_that_somebody_keeps_busy_is_not_waited_for(database: str) -> None:
    hers, his = replace(QUICK, idle=timedelta(minutes=1)), QUICK

    async with open_database(database, Clock(), patience=his) as opened:
        await opened.run(lambda sql: sql.execute(insert(audit_head), {"id": 1, "number": 0, "hash": ""}))
        caught, go_on = Event(), Event()

        def hold(sql: Connection) -> None:
            sql.execute(text("UPDATE audit_head SET number = 7"))
            caught.set()
            go_on.wait(LONG)

        async def busy() -> None:
            async with open_database(database, Clock(), patience=hers) as other:
                await other.run(hold)

        with ThreadPoolExecutor(1) as thread:
            held = thread.submit(asyncio.run, busy())
            assert caught.wait(30)
            try:
                with pytest.raises(DatabaseBusy, match="held up by other work"):
                    await opened.run(lambda sql: sql.execute(text("UPDATE audit_head SET number = 8")))
            finally:
                go_on.set()
            held.result(30)


async def test_a_statement_that_takes_too_long_is_given_up_by_the_server(database: str) -> None:
    async with open_database(database, Clock(), patience=QUICK) as opened:
        with pytest.raises(DatabaseBusy):
            await opened.run(lambda sql: sql.execute(text("SELECT pg_sleep(60)")))
        assert await opened.run(lambda sql: sql.scalar(text("SELECT 1"))) == 1


async def test_of_two_that_wait_for_each_other_one_hears_that_it_is_busy(database: str) -> None:
    met = [Event(), Event()]

    def lock(mine: int) -> object:
        def work(sql: Connection) -> None:
            sql.execute(text(f"SELECT pg_advisory_xact_lock({mine})"))
            met[mine].set()
            assert met[1 - mine].wait(30)
            sql.execute(text(f"SELECT pg_advisory_xact_lock({1 - mine})"))

        async def run() -> None:
            async with open_database(database, Clock()) as opened:
                await opened.run(work)

        return asyncio.run(run())

    results = await asyncio.gather(
        *(asyncio.to_thread(lock, each) for each in (0, 1)), return_exceptions=True
    )
    (refused,) = (each for each in results if each is not None)
    assert isinstance(refused, DatabaseBusy)


async def test_a_server_that_freezes_is_not_waited_for(database: str) -> None:
    async with open_database(database, Clock(), patience=QUICK) as opened:
        backend = await opened.run(lambda sql: sql.scalar(text("SELECT pg_backend_pid()")))
        assert backend is not None
        os.kill(backend, signal.SIGSTOP)
        try:
            began = time.monotonic()
            async with asyncio.timeout(LONG):
                with pytest.raises(DatabaseLost):
                    await opened.run(lambda sql: sql.scalar(text("SELECT 1")))
            assert time.monotonic() - began < LEASE.total_seconds()
        finally:
            os.kill(backend, signal.SIGCONT)
        assert await opened.run(lambda sql: sql.scalar(text("SELECT 1"))) == 1


async def test_each_limit_outlives_the_one_before_and_all_of_it_a_lease() -> None:
    for each in (SERVING, ADMINISTERING):
        assert each.idle < each.statement < each.answer
        assert each.lock < each.statement
    assert SERVING.idle < SERVING.lock
    assert SERVING.transaction < LEASE


async def test_sessions_have_their_limits(database: str) -> None:
    def limits(sql: Connection) -> dict[str, str]:
        names = [name for name, _ in SERVING.settings()]
        query = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")
        return {row.name: row.setting for row in sql.execute(query, {"names": names})}

    async with open_database(database, Clock()) as opened:
        found = await opened.run(limits)
    assert found["idle_in_transaction_session_timeout"] == "3000"
    assert found["lock_timeout"] == "4000"
    assert found["statement_timeout"] == "5000"


async def test_two_that_begin_the_audit_at_once_both_live(database: str) -> None:
    async with open_store(database, clock=Clock()) as first, open_store(database, clock=Clock()) as second:
        writes = (
            each.transact(lambda tx, name=name: tx.audit.record(AuditEntry(what=name)))  # type: ignore[misc]
            for name in ("a", "b", "c")
            for each in (first, second)
        )
        await asyncio.gather(*writes)
        assert [each.number for each in await first.audit.page()] == [1, 2, 3, 4, 5, 6]


async def test_two_that_migrate_at_once_both_go_well(fresh_postgres: str) -> None:
    found = await asyncio.gather(*(migrate(fresh_postgres) for _ in range(2)))
    assert set(found) == {await revision(fresh_postgres)}
