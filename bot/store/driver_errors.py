"""What the drivers' exceptions mean: that the database is away or held up, in the domain's errors."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from asyncpg import PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.domain.errors import DatabaseBusy, DatabaseLost

if TYPE_CHECKING:
    from collections.abc import Iterator

# https://www.postgresql.org/docs/current/errcodes-appendix.html: connection, resources, shutdown, system,
# a server that became read-only because another one took its place, and a session that was ended because it
# stood still in a transaction (25P03) or its transaction took too long (25P04)
_AWAY = ("08", "53", "57", "58", "25006", "25P03", "25P04")
# a lock or a statement took too long, a deadlock, or another transaction came first: all rolled back, and
# may go well the next time
_HELD_UP = ("55P03", "57014", "40P01", "40001")
# https://www.sqlite.org/rescode.html, by the low byte
_UNUSABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
}


@contextmanager
def lost_as(kind: type[DatabaseLost]) -> Iterator[None]:
    """Raise `kind` where a driver says that the database is away or held up; its other exceptions pass.

    DatabaseBusy in place of DatabaseLost where it is held up.
    """
    try:
        yield
    except PoolTimeout as busy:
        raise _busy(kind) from busy
    except (PostgresError, OSError) as away:  # bare only while a driver connects
        raise kind from away
    except DBAPIError as error:
        if _state(error.orig) in _HELD_UP:
            raise _busy(kind) from error
        if not (error.connection_invalidated or _is_away(error.orig)):
            raise
        raise kind from error


def _busy(kind: type[DatabaseLost]) -> type[DatabaseLost]:
    return DatabaseBusy if kind is DatabaseLost else kind


def _is_away(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNUSABLE
    return _state(error).startswith(_AWAY)


def _state(error: BaseException | None) -> str:
    return getattr(error, "sqlstate", None) or ""
