"""What the command line writes is sealed with the bot's own audit key: the audit stays one chain."""

from __future__ import annotations

import io
from argparse import Namespace
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet

from bot.cli import audit, pause, resume
from bot.settings import read_settings
from bot.store.migrating import migrate
from bot.wiring.store import store_beside
from tests.cli.test_keys import settings

if TYPE_CHECKING:
    from pathlib import Path

KEY = Fernet.generate_key().decode()


async def test_a_pause_from_the_command_line_keeps_the_audit_whole(tmp_path: Path, database: str) -> None:
    await migrate(database)
    file = settings(tmp_path, database)
    with file.open("a", encoding="utf-8") as more:
        more.write(f"\nAUDIT_KEYS={KEY}\n")
    asked = Namespace(settings=file, rule=None, workflow=None, list=False, why="A storm.")
    assert await pause.run(asked, out=io.StringIO()) == 0
    assert await resume.run(asked, out=io.StringIO()) == 0
    said = io.StringIO()
    assert await audit.verify(read_settings(file=file), anchor=None, out=said) == 0, said.getvalue()
    async with store_beside(read_settings(file=file)) as store:
        assert [each.entry.what for each in await store.audit.page()] == ["paused", "resumed"]
