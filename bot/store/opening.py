"""Opens the database of a URL: the engine with its settings, and the lock beside a SQLite file."""

from __future__ import annotations

import fcntl
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool

from bot.domain.errors import DatabaseLocked
from bot.store.postgresql import PostgresDatabase
from bot.store.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.database import Clock

PATIENCE = timedelta(seconds=5)  # with a silent PostgreSQL, for a connection or a statement


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
        database = SqliteDatabase(_sqlite_engine(url), clock)
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


def _sqlite_engine(url: str) -> Engine:
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
