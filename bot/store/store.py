"""The store: all that is durable, one part for each concern, and transactions of the service's own."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from sqlalchemy import delete, insert, select

from bot.domain.errors import Overtaken
from bot.runtime.metrics import LEASES_LOST
from bot.store.audit import AuditLog
from bot.store.claims import release_all, shorten
from bot.store.committed import note
from bot.store.copies import Copies
from bot.store.database import Clock, Database, run_in_background
from bot.store.figures import FigureReader
from bot.store.inbox import InteractionLog
from bot.store.launches import LaunchTable
from bot.store.learnt import Learnt
from bot.store.opening import open_database, open_unlocked
from bot.store.outbox import Outbox
from bot.store.postgresql import ADMINISTERING
from bot.store.presets import PresetTable
from bot.store.quarantine import Quarantine
from bot.store.retention import RetentionTable
from bot.store.runs import RunQueue
from bot.store.schema import sealed
from bot.store.sealing import Sealer
from bot.store.shipments import Shipments
from bot.store.sqlite import SqliteDatabase
from bot.store.subscriptions import SubscriptionTable
from bot.store.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from sqlalchemy import Connection

    from bot.store.committed import CommittedStep

log = logging.getLogger(__name__)

Result = TypeVar("Result")

CLOCK_SECONDS = 5  # until the database's clock is read again; less than a lease


def no_secret(_: str) -> None:
    """Reads no named secret."""


class Store:
    """The database, and the parts that read and write it."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        *,
        named: Callable[[str], str | None] = no_secret,
        audit_key: bytes | None = None,
    ) -> None:
        self._database = database
        self._audit_key = audit_key
        self._named = named
        self._sealer = sealer
        self._ping: asyncio.Task[None] | None = None
        self.now = database.now
        self.audit = AuditLog(database)
        self.copies = Copies(database)
        self.figures = FigureReader(database)
        self.inbox = InteractionLog(database)
        self.launches = LaunchTable(database)
        self.learnt = Learnt(database)
        self.outbox = Outbox(database)
        self.presets = PresetTable(database)
        self.quarantine = Quarantine(database)
        self.retention = RetentionTable(database)
        self.runs = RunQueue(database)
        self.shipments = Shipments(database)
        self.subscriptions = SubscriptionTable(database)

    async def transact(self, work: Callable[[Transaction], Result], *, background: bool = False) -> Result:
        """Run `work` in one transaction; what it raises rolls everything back.

        DatabaseLost if the database does not answer, which background work waits out for a while: what it has
        to write was often learnt outside and cannot be learnt twice.
        """

        def whole(connection: Connection) -> tuple[Result, Sequence[CommittedStep]]:
            transaction = Transaction(
                connection, self._database, self._sealer, named=self._named, audit_key=self._audit_key
            )
            result = work(transaction)
            transaction.audit.append()  # last: every transaction that adds to the one chain locks it
            return result, transaction.changes

        try:
            result, changes = await (
                run_in_background(self._database, whole) if background else self._database.run(whole)
            )
        except Overtaken:
            LEASES_LOST.inc()
            raise
        for change in changes:
            note(change)
        return result

    async def ping(self) -> None:
        """Prove that a write is taken; DatabaseLost if not.

        Anybody may ask, so whoever asks meanwhile gets the same answer.
        """
        if self._ping is None or self._ping.done():
            self._ping = asyncio.create_task(self._database.run(_write_and_undo))
        await asyncio.shield(self._ping)

    async def read_clock(self) -> None:
        """Learn the database's time anew, and shorten leases that a clock set back left far ahead."""
        asked_at = time.monotonic()
        now = await self._database.run(lambda sql: sql.scalars(select(self._database.now_sql())).one())
        if self._database.note_clock(now, asked_at=asked_at):
            log.warning("the clock of the database was set back")
            await run_in_background(self._database, lambda sql: shorten(sql, self._database))


@asynccontextmanager
async def open_store(
    url: str,
    *,
    clock: Clock,
    sealing_keys: Sequence[str] = (),
    named: Callable[[str], str | None] = no_secret,
    audit_key: bytes | None = None,
    pool: int = 10,
) -> AsyncIterator[Store]:
    """Open the store of a database URL; its tables have to be there (`bot.store.migrations`).

    `named` reads a named secret, None if it is gone: it is masked in what comes back from a run. The audit is
    sealed with `audit_key`, which the database never sees.
    """
    async with open_database(url, clock, size=pool) as database:
        if isinstance(database, SqliteDatabase):
            await database.run(lambda sql: release_all(sql, database))
        store = Store(database, Sealer(sealing_keys), named=named, audit_key=audit_key)
        if audit_key is not None:
            await store.transact(lambda tx: tx.audit.put_key_in_force())
        yield store


@asynccontextmanager
async def open_beside(
    url: str,
    *,
    clock: Clock,
    sealing_keys: Sequence[str] = (),
    named: Callable[[str], str | None] = no_secret,
    audit_key: bytes | None = None,
) -> AsyncIterator[Store]:
    """Open the store while a bot may be running on it: takes no lock, touches no lease.

    What is written needs the bot's own keys, or the audit is no longer one chain.
    """
    async with open_unlocked(url, clock, patience=ADMINISTERING) as database:
        yield Store(database, Sealer(sealing_keys), named=named, audit_key=audit_key)


def _write_and_undo(connection: Connection) -> None:
    """A row of its own each time, so that nobody waits for another's, and none is left behind."""
    row = {"owner": "ping", "slot": uuid4().hex, "ciphertext": b""}
    connection.execute(insert(sealed), row)
    connection.execute(delete(sealed).where(sealed.c.owner == row["owner"], sealed.c.slot == row["slot"]))
