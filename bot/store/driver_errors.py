"""What the drivers' exceptions mean: that the database is away, in the domain's errors."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from asyncpg import PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.errors import DatabaseLost

# https://www.postgresql.org/docs/current/errcodes-appendix.html: connection, resources, shutdown, system,
# and a server that became read-only because another one took its place
_AWAY = ("08", "53", "57", "58", "25006")
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
    """Raise `kind` where a driver says that the database is away; its other exceptions pass."""
    try:
        yield
    except (PostgresError, PoolTimeout, OSError) as away:  # bare only while a driver connects
        raise kind from away
    except DBAPIError as error:
        if not (error.connection_invalidated or _is_away(error.orig)):
            raise
        raise kind from error


def _is_away(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNUSABLE
    return (getattr(error, "sqlstate", None) or "").startswith(_AWAY)
