"""A backup that is restored: what it holds as approved waits for a person, as the document says."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from bot.domain.launch import State
from bot.domain.pause import Scope, Target
from bot.service.pauses import drop, put
from bot.store.database import Clock
from bot.store.migrating import HEAD, plan
from bot.store.store import open_beside
from tests.wiring.test_pausing import RULES, SHORT
from tests.world import a_world

if TYPE_CHECKING:
    from pathlib import Path

ALL = Target(scope=Scope.ALL)


def restore(file: Path, backup: Path) -> None:
    """Put the copy in the place of the database and of what SQLite keeps beside it."""
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()
    shutil.copy(backup, file)


async def test_what_a_backup_holds_as_approved_is_not_started_a_second_time(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(RULES, encoding="utf-8")
    file, backup = tmp_path / "bot.sqlite3", tmp_path / "backup.sqlite3"
    url = f"sqlite:///{file}"
    async with a_world(tmp_path, database=url, policy=policy) as world:
        ada = world.person("ada")
        await world.bot.store.transact(lambda tx: put(tx, ALL, why="for the test", who=None))
        await world.launch(ada, SHORT)
        await world.bot.store.transact(lambda tx: drop(tx, ALL, who=None))
        with closing(sqlite3.connect(file)) as connection:  # as docs/operations.md copies it while it runs
            connection.execute(f"VACUUM INTO '{backup}'")
        await world.until_told("Succeeded")
        assert len(world.orchestrator.starts) == 1
        await world.stop()
        restore(file, backup)
        async with open_beside(url, clock=Clock()) as store:  # what `pause` does
            await store.transact(lambda tx: put(tx, ALL, why="Restored from a backup", who=None))
        await world.start()
        await world.pass_time(hours=1)
        assert len(world.orchestrator.starts) == 1
        found = (await world.bot.store.launches.in_states([State.APPROVED.value], limit=5)).launches
        assert [each.hold and each.hold.why for each in found] == ["Restored from a backup"]


async def test_the_plan_of_a_migration_names_what_is_missing_and_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    lines = await plan(url)
    assert lines[0].startswith("0001 ")
    assert lines[-1].startswith(f"{HEAD} ")
    assert await plan(url) == lines
