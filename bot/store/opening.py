"""Opens the database of a URL: the engine with its settings, and the lock beside a SQLite file."""

from __future__ import annotations

import fcntl
import os
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool

from bot.domain.errors import DatabaseLinked, DatabaseLocked
from bot.store.postgresql import SERVING, Patience, PostgresDatabase, limit_sessions
from bot.store.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.database import Clock

_CONNECTED_WITHIN = 5.0  # seconds
_FREE_WITHIN = 6.0  # seconds until a connection of the pool is free
_OWNERS = 0o600  # rights to a file that holds what people typed
_BESIDE = ("-wal", "-shm")  # SQLite's own files, for which it takes over the rights of the first


@asynccontextmanager
async def open_database(
    url: str, clock: Clock, *, size: int = 10, patience: Patience = SERVING
) -> AsyncIterator[SqliteDatabase | PostgresDatabase]:
    """Open the database of a URL, `sqlite:///file` or `postgresql://host/name`.

    `patience` is how long PostgreSQL may take. DatabaseLocked if another process has the SQLite file,
    DatabaseLinked if one could have it unnoticed; DatabaseLost if the database does not answer.
    """
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite"
    with _lock_beside(_real(parsed.database or "")) if is_file else nullcontext():
        async with open_unlocked(url, clock, size=size, patience=patience) as database:
            yield database


@asynccontextmanager
async def open_unlocked(
    url: str, clock: Clock, *, size: int = 2, patience: Patience = SERVING
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
        pool_timeout=_FREE_WITHIN,
        pool_pre_ping=False,
        hide_parameters=True,  # errors are logged
        json_serializer=_to_json,
        json_deserializer=from_json,
        connect_args={
            "timeout": _CONNECTED_WITHIN,
            "command_timeout": patience.answer.total_seconds(),
        },
    )
    limit_sessions(engine, patience)
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


def _real(name: str) -> Path:
    """The file itself, whatever symbolic links lead to it: SQLite follows them, too."""
    return Path(os.path.realpath(name))


class _lock_beside:  # noqa: N801 - read as a verb in a with statement
    """Hold the file for this process, and keep it from others' eyes.

    The kernel lets go of it when the process dies. The lock is on a file beside it: closing a second handle
    of the database itself would end SQLite's own locks (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """

    def __init__(self, file: Path) -> None:
        self._database = file
        self._path = file.with_name(file.name + ".lock")

    def __enter__(self) -> None:
        self._file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, _OWNERS), "r+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            self._file.close()
            raise DatabaseLocked from taken
        try:
            _keep_to_owner(self._database)
        except BaseException:
            self._file.close()
            raise

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _keep_to_owner(file: Path) -> None:
    """Make the database with its owner's rights only, or take all others' away; DatabaseLinked."""
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNERS))  # nobody has it open yet
    if file.stat().st_nlink > 1:
        raise DatabaseLinked
    for each in (file, *(file.with_name(file.name + end) for end in _BESIDE)):
        with suppress(FileNotFoundError, PermissionError):  # of another owner: they know whom they let in
            if each.stat().st_mode & 0o077:
                each.chmod(_OWNERS)
