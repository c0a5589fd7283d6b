"""The SQLite file itself: one process has it, whatever it is called, and nobody else reads it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.domain.errors import DatabaseLinked, DatabaseLocked
from bot.store.database import Clock
from bot.store.migrating import migrate
from bot.store.opening import open_database

if TYPE_CHECKING:
    from pathlib import Path


def rights(folder: Path) -> dict[str, str]:
    return {each.name: oct(each.stat().st_mode & 0o777) for each in folder.iterdir() if each.is_file()}


@pytest.mark.parametrize("links_to", ["file", "folder"])
async def test_a_second_process_is_refused_under_another_name_too(tmp_path: Path, links_to: str) -> None:
    real = tmp_path / "real"
    real.mkdir()
    file = real / "bot.sqlite3"
    await migrate(f"sqlite:///{file}")
    if links_to == "file":
        (tmp_path / "other.sqlite3").symlink_to(file)
        other = tmp_path / "other.sqlite3"
    else:
        (tmp_path / "other").symlink_to(real, target_is_directory=True)
        other = tmp_path / "other" / "bot.sqlite3"
    async with open_database(f"sqlite:///{file}", Clock()):
        with pytest.raises(DatabaseLocked):
            async with open_database(f"sqlite:///{other}", Clock()):
                pass
    async with open_database(f"sqlite:///{other}", Clock()):
        with pytest.raises(DatabaseLocked):
            async with open_database(f"sqlite:///{file}", Clock()):
                pass


async def test_a_file_with_two_names_of_its_own_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bot.sqlite3"
    await migrate(f"sqlite:///{file}")
    (tmp_path / "again.sqlite3").hardlink_to(file)
    with pytest.raises(DatabaseLinked, match="hard link"):
        async with open_database(f"sqlite:///{file}", Clock()):
            pass
    (tmp_path / "again.sqlite3").unlink()
    async with open_database(f"sqlite:///{file}", Clock()):
        pass


async def test_only_its_owner_may_read_what_people_typed(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
        await migrate(url)
        async with open_database(url, Clock()) as database:
            await database.run(lambda sql: sql.execute(text("DELETE FROM sealed")))
            found = rights(tmp_path)
    finally:
        os.umask(before)
    assert {"bot.sqlite3", "bot.sqlite3-wal", "bot.sqlite3-shm"} <= found.keys()
    assert set(found.values()) == {"0o600"}


async def test_a_file_of_a_former_release_is_closed_to_others(tmp_path: Path) -> None:
    file = tmp_path / "bot.sqlite3"
    await migrate(f"sqlite:///{file}")
    beside = file.with_name("bot.sqlite3-wal")
    beside.touch()
    for each in (file, beside):
        each.chmod(0o644)
    async with open_database(f"sqlite:///{file}", Clock()):
        assert rights(tmp_path)["bot.sqlite3"] == "0o600"
        assert rights(tmp_path)["bot.sqlite3-wal"] == "0o600"
