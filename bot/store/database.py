"""One door to SQLite or PostgreSQL: a transaction is a plain function that runs from begin to commit.

The function gets a SQLAlchemy connection and cannot await, so nothing outside the database can happen
between begin and commit. On PostgreSQL it runs on SQLAlchemy's async engine; on SQLite in one thread of
its own with one hop per transaction, because a hop per statement costs four times as much.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections import deque
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Engine, create_engine, event, func, literal, make_url, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from bot.domain.errors import CommitLost, DatabaseLocked, DatabaseLost
from bot.store.driver_errors import lost_as
from bot.store.schema import Moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from sqlalchemy import ColumnElement

Result = TypeVar("Result")
_TOGETHER = 32  # transactions of one commit, on SQLite
_IN_BACKGROUND = 3  # background transactions side by side, on PostgreSQL

LEASE = timedelta(seconds=20)  # every call outside made under a claim ends before this
PATIENCE = timedelta(seconds=5)  # with a silent PostgreSQL, for a connection or a statement


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


class Ring(Enum):
    """What the thread is woken for."""

    TURN = auto()
    END = auto()


class SqliteDatabase:
    """One file, one connection, one thread; a second process is refused by a lock beside the file.

    Transactions that wait together are committed together, each behind a savepoint of its own: a commit waits
    for the disk, and that wait is the dearest part of a small transaction.
    """

    locks_rows = False

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._hasty: deque[_Turn] = deque()
        self._turns: deque[_Turn] = deque()
        self._bell: SimpleQueue[Ring] = SimpleQueue()  # rung for every turn, and at the end
        self._connection: Connection | None = None  # the thread's
        self._thread = Thread(target=self._serve, name="sqlite", daemon=True)
        self._thread.start()
        self._background = asyncio.Lock()  # one background transaction at most stands before a click

    async def run(self, work: Callable[[Connection], Result], haste: Haste = Haste.PERSON) -> Result:
        """Run `work` in one transaction, in the thread."""
        match haste:
            case Haste.ACK:
                return await self._hop(work, self._hasty)
            case Haste.PERSON:
                return await self._hop(work, self._turns)
            case Haste.BACKGROUND:
                async with self._background:
                    return await self._hop(work, self._turns)

    async def _hop(self, work: Callable[[Connection], Result], line: deque[_Turn]) -> Result:
        turn = _Turn(work)
        line.append(turn)
        self._bell.put(Ring.TURN)
        result: Result = await turn.done
        return result

    def _serve(self) -> None:
        """The thread: commit what waits and hand out the results, until the bell says that it is over."""
        while self._bell.get() is Ring.TURN:
            while line := self._hasty or self._turns:
                self._commit(line)
        self._leave()

    def _commit(self, line: deque[_Turn]) -> None:
        batch = [line.popleft() for _ in range(min(len(line), _TOGETHER))]
        try:
            with lost_as(DatabaseLost):
                connection = self._connection = self._connection or self._engine.connect()
                with connection.begin():
                    taken = self._take(batch, connection)
        except BaseException as error:  # noqa: BLE001 - handed to everybody whose commit it was
            taken = batch
            for turn in batch:
                turn.error = turn.error or error
            self._leave()
        line.extendleft(reversed(batch[len(taken) :]))
        taken[0].loop.call_soon_threadsafe(_hand_out, taken)

    def _take(self, batch: Sequence[_Turn], connection: Connection) -> Sequence[_Turn]:
        """Do one turn after the other; where an ack comes to wait meanwhile, the rest is left for later."""
        for number, turn in enumerate(batch):
            if number and self._hasty:
                return batch[:number]
            turn.take(connection, alone=len(batch) == 1)
        return batch

    def _leave(self) -> None:
        """Let the connection go; the next commit makes another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def now(self) -> datetime:
        """This machine's time: there is no other."""
        return self._clock.now()

    def now_sql(self, ahead: timedelta = timedelta()) -> ColumnElement[datetime]:
        """This machine's time plus `ahead`."""
        return literal(self._clock.now() + ahead, Moment())

    def close(self) -> None:
        """Let the thread end its work and close the file."""
        self._bell.put(Ring.END)
        self._thread.join()
        self._engine.dispose()


class _Turn:
    """One transaction that waits for the thread, and what came of it."""

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[Any] = self.loop.create_future()
        self.error: BaseException | None = None
        self._work = work
        self._result: Any = None

    def take(self, connection: Connection, *, alone: bool) -> None:
        """Do the work; an error undoes this turn only, but alone, or when the file fails, the transaction."""
        if alone:
            self._result = self._work(connection)
            return
        try:
            with lost_as(DatabaseLost), connection.begin_nested():
                self._result = self._work(connection)
        except DatabaseLost:  # SQLite may have undone the whole transaction by then
            raise
        except Exception as error:  # noqa: BLE001 - raised where the turn is awaited
            self.error = error

    def hand_out(self) -> None:
        """Let whoever awaits the turn go on."""
        if self.done.done():  # nobody awaits it any more
            return
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self._result)


def _hand_out(turns: Sequence[_Turn]) -> None:
    for turn in turns:
        turn.hand_out()


class PostgresDatabase:
    """A pool of connections; background work leaves at least one free for clicks."""

    locks_rows = True

    def __init__(self, engine: AsyncEngine, clock: Clock, *, size: int) -> None:
        self._engine = engine
        self._clock = clock
        self._background = asyncio.Semaphore(max(1, min(size - 1, _IN_BACKGROUND)))
        self._ahead = timedelta()  # the server's clock minus ours

    async def run(self, work: Callable[[Connection], Result], haste: Haste = Haste.PERSON) -> Result:
        """Run `work` in one transaction on a pooled connection."""
        if haste is Haste.BACKGROUND:
            async with self._background:
                return await self._whole(work)
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


@asynccontextmanager
async def open_database(
    url: str, clock: Clock, *, size: int = 10, patience: timedelta | None = PATIENCE
) -> AsyncIterator[SqliteDatabase | PostgresDatabase]:
    """Open the database of a URL, `sqlite:///file` or `postgresql://host/name`.

    `patience` is how long PostgreSQL may take for one statement. DatabaseLocked if another process has the
    SQLite file; DatabaseLost if the database does not answer.
    """
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite"
    with _lock_beside(Path(parsed.database or "")) if is_file else nullcontext():
        async with open_unlocked(url, clock, size=size, patience=patience) as database:
            yield database


@asynccontextmanager
async def open_unlocked(
    url: str, clock: Clock, *, size: int = 2, patience: timedelta | None = PATIENCE
) -> AsyncIterator[SqliteDatabase | PostgresDatabase]:
    """The same beside whoever else has the database open."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        database = SqliteDatabase(sqlite_engine(url), clock)
        try:
            yield database
        finally:
            database.close()
        return
    engine = create_async_engine(
        parsed.set(drivername="postgresql+asyncpg"),
        pool_size=size,
        max_overflow=0,
        pool_pre_ping=False,
        hide_parameters=True,  # errors are logged
        json_serializer=_to_json,
        json_deserializer=from_json,
        connect_args={
            "timeout": PATIENCE.total_seconds(),
            "command_timeout": patience and patience.total_seconds(),
        },
    )
    try:
        postgres = PostgresDatabase(engine, clock, size=size)
        await postgres.read_clock()
        yield postgres
    finally:
        await engine.dispose()


def _to_json(held: object) -> str:
    return to_json(held, inf_nan_mode="constants").decode()


def sqlite_engine(url: str) -> Engine:
    """A synchronous engine on one connection: WAL, synchronous FULL, BEGIN IMMEDIATE."""
    engine = create_engine(
        make_url(url).set(drivername="sqlite+pysqlite"),
        poolclass=StaticPool,
        hide_parameters=True,  # errors are logged
        json_serializer=_to_json,
        json_deserializer=from_json,
        connect_args={"check_same_thread": False, "timeout": 10},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own connection
        connection.isolation_level = None  # SQLAlchemy's begin event below starts transactions
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class _lock_beside:  # noqa: N801 - read as a verb in a with statement
    """Hold the file for this process; the kernel lets go of it when the process dies."""

    def __init__(self, file: Path) -> None:
        self._path = file.with_name(file.name + ".lock")

    def __enter__(self) -> None:
        self._file = self._path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            self._file.close()
            raise DatabaseLocked from taken

    def __exit__(self, *_: object) -> None:
        self._file.close()
