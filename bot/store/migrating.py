"""Bring a database to the tables this release knows, and tell whether it is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, String, Table, func, inspect, make_url, select

from bot.domain.errors import BotError

if TYPE_CHECKING:
    from sqlalchemy import Connection

from bot.store.database import Clock
from bot.store.opening import open_database, open_unlocked
from bot.store.postgresql import ADMINISTERING

HEAD = "0016"  # the newest revision in migrations/versions; a test compares
_TURN = 7_403_520  # the number of PostgreSQL's advisory lock; any other would do but that of bot.store.locks
_TURN_WITHIN = "5min"  # that another migration may take
_FOLDER = Path(__file__).parent / "migrations"
_version = Table("alembic_version", MetaData(), Column("version_num", String(32)))


class NotMigrated(BotError):
    """The database is not at this release's tables. Run `python -m bot migrate`, then start again."""


async def migrate(url: str) -> str:
    """Run what is missing, on SQLite or PostgreSQL; return the revision it ends at."""
    async with open_database(url, Clock(), patience=ADMINISTERING) as database:
        await database.run(upgrade)
        return await database.run(current) or ""


async def plan(url: str) -> list[str]:
    """What `migrate` would do, a line for each revision that is missing; nothing is changed."""
    from alembic.config import Config  # noqa: PLC0415 - 60 ms that only this needs
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - the same

    async with open_unlocked(url, Clock(), patience=ADMINISTERING) as database:
        found = await database.run(current)
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    steps = list(ScriptDirectory.from_config(config).walk_revisions("base", "head"))[::-1]
    missing = [each for each in steps if found is None or each.revision > found]
    lines = [f"{each.revision}  {(each.doc or '').splitlines()[0]}" for each in missing]
    return lines or [f"The database is at revision {found}. There is nothing to do."]


async def revision(url: str) -> str | None:
    """The revision the database is at; None for an empty one."""
    async with open_database(url, Clock()) as database:
        return await database.run(current)


def upgrade(connection: Connection) -> None:
    """Run every revision that is missing, in the connection's transaction."""
    from alembic import command  # noqa: PLC0415 - 60 ms that only this needs
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    _take_turn(connection)
    command.upgrade(config, "head")


def _take_turn(connection: Connection) -> None:
    """Let one migrate after the other; the second finds nothing left to do."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.set_config("lock_timeout", _TURN_WITHIN, True)))  # noqa: FBT003 - SQL
        connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
        short = f"{ADMINISTERING.lock.total_seconds():.0f}s"
        connection.execute(select(func.set_config("lock_timeout", short, True)))  # noqa: FBT003 - SQL


def current(connection: Connection) -> str | None:
    """The revision a connection's database is at."""
    if not inspect(connection).has_table(_version.name):
        return None
    return connection.scalar(select(_version.c.version_num))


def is_file(url: str) -> bool:
    """Whether the URL names a SQLite file: the bot may migrate what is its alone."""
    return make_url(url).get_backend_name() == "sqlite"


async def check_tables(url: str) -> None:
    """A SQLite file is brought up to date at once; PostgreSQL is migrated by hand, before replicas start."""
    if is_file(url):
        if await revision(url) != HEAD:
            await migrate(url)
    elif await revision(url) != HEAD:
        raise NotMigrated
