"""From an empty database to this release's tables, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import bot.store.migrating
from bot.store.database import Clock
from bot.store.migrating import HEAD, migrate, revision
from bot.store.opening import open_database
from bot.store.schema import metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

VERSIONS = Path(bot.store.migrating.__file__).parent / "migrations" / "versions"


def differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_an_empty_database_is_at_no_revision_and_gets_to_the_newest(database: str) -> None:
    assert await revision(database) is None
    assert await migrate(database) == HEAD
    assert await revision(database) == HEAD


async def test_the_tables_are_those_the_code_speaks_of(database: str) -> None:
    await migrate(database)
    async with open_database(database, Clock()) as opened:
        assert await opened.run(differences) == []


async def test_migrating_twice_changes_nothing(database: str) -> None:
    await migrate(database)
    assert await migrate(database) == HEAD


def test_the_newest_migration_is_the_one_this_release_needs() -> None:
    assert max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py")) == HEAD
