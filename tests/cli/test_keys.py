"""Sealing keys are changed while secrets are sealed with the former: a command says when that may go."""

from __future__ import annotations

import io
from argparse import Namespace
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet

from bot.cli.keys import run
from bot.domain.errors import CannotSeal, CannotUnseal
from bot.domain.launch import State
from bot.store.database import Clock
from bot.store.migrating import migrate
from bot.store.store import open_beside
from tests.store.conftest import Shelf

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
MANY = 450  # more than two batches


def settings(folder: Path, url: str, *keys: str) -> Path:
    file = folder / "bot.env"
    values = {
        "DATABASE_URL": url,
        "SEALING_KEYS": ",".join(keys),
        "SLACK_BOT_TOKEN": "xoxb-1-2-abc",
        "SLACK_APP_TOKEN": "xapp-1-A-2-abc",
        "ORCHESTRATOR_URL": "https://orchestrator.example.com",
        "ORCHESTRATOR_LOGIN": "basic",
        "ORCHESTRATOR_USERNAME": "svc-chatops",
        "ORCHESTRATOR_PASSWORD": "secret",
    }
    given = (f"{name}={value}" for name, value in values.items() if value)
    file.write_text("\n".join(given), encoding="utf-8")
    return file


async def rotate(file: Path) -> str:
    out = io.StringIO()
    assert await run(Namespace(action="rotate", settings=file), out=out) == 0
    return out.getvalue()


async def test_after_a_rotation_the_former_key_is_not_needed(tmp_path: Path, database: str) -> None:
    await migrate(database)
    async with open_beside(database, clock=Clock(), sealing_keys=[OLD]) as store:
        for number in range(MANY):
            await store.transact(
                lambda tx, number=number: tx.secrets.seal(
                    owner=f"o{number:03}", slot="s", text=f"text {number}"
                )  # type: ignore[misc] # no default is seen
            )
    said = await rotate(settings(tmp_path, database, NEW, OLD))
    assert f"{MANY} sealed texts" in said
    assert "take them out" in said
    async with open_beside(database, clock=Clock(), sealing_keys=[NEW]) as store:
        found = await store.transact(
            lambda tx: [tx.secrets.unseal(owner=f"o{number:03}", slot="s") for number in range(MANY)]
        )
    assert found == [f"text {number}" for number in range(MANY)]
    async with open_beside(database, clock=Clock(), sealing_keys=[OLD]) as store:
        with pytest.raises(CannotUnseal):
            await store.transact(lambda tx: tx.secrets.unseal(owner="o000", slot="s"))


async def test_an_open_launch_with_a_typed_secret_keeps_the_former_key(tmp_path: Path, database: str) -> None:
    await migrate(database)
    async with open_beside(database, clock=Clock(), sealing_keys=[OLD]) as store:
        await Shelf(store=store, clock=Clock(), url=database).put("hers", state=State.APPROVED)
        await store.transact(lambda tx: tx.secrets.seal(owner="hers", slot="password", text="typed"))
    assert "Keep the former keys: 1 open" in await rotate(settings(tmp_path, database, NEW, OLD))


async def test_a_key_that_is_missing_changes_nothing(tmp_path: Path, database: str) -> None:
    await migrate(database)
    async with open_beside(database, clock=Clock(), sealing_keys=[OLD]) as store:
        await store.transact(lambda tx: tx.secrets.seal(owner="hers", slot="password", text="typed"))
    with pytest.raises(CannotUnseal):
        await rotate(settings(tmp_path, database, NEW))
    with pytest.raises(CannotSeal):
        await rotate(settings(tmp_path, database))
    async with open_beside(database, clock=Clock(), sealing_keys=[OLD]) as store:
        assert await store.transact(lambda tx: tx.secrets.unseal(owner="hers", slot="password")) == "typed"
