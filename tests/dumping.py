"""Everything a database holds, read past the bot: for tests that look for what must not be there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from bot.store.schema import metadata

TABLES = tuple(sorted(metadata.tables))


async def rows(url: str) -> dict[str, list[str]]:
    """Every row of every table as text, in a fixed order."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_rows(_file(url))
    connection = await asyncpg.connect(url)
    try:
        found = {}
        for table in TABLES:
            texts = await connection.fetch(f"SELECT t::text AS row FROM {table} AS t")  # noqa: S608 - our own names
            found[table] = sorted(each["row"] for each in texts)
        return found
    finally:
        await connection.close()


async def whole(url: str) -> bytes:
    """All that is stored: the rows as text and, of a SQLite file, its very bytes with its journal's."""
    text = repr(await rows(url)).encode()
    if make_url(url).get_backend_name() != "sqlite":
        return text
    file = _file(url)
    parts = (file, *(file.with_name(file.name + end) for end in ("-wal", "-journal")))
    return text + b"".join(part.read_bytes() for part in parts if part.exists())


def _file(url: str) -> Path:
    return Path(make_url(url).database or "")


def _sqlite_rows(file: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return {
            table: sorted(repr(row) for row in connection.execute(f"SELECT * FROM {table}"))  # noqa: S608 - our own names
            for table in TABLES
        }
