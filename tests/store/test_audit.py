"""The audit finds what somebody did to it, on both databases."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, text, update

from bot.cli.audit import export, verify
from bot.domain.audit import AuditEntry
from bot.store.database import Clock
from bot.store.opening import open_unlocked
from bot.store.schema import audit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from bot.settings import Settings
    from bot.store.transaction import Transaction
    from tests.store.conftest import Shelf
    from tests.world import World


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command answered."""

    code: int
    text: str


async def _verify(settings: Settings, anchor: str | None = None, *, shipped: Path | None = None) -> Said:
    out = io.StringIO()
    code = await verify(settings, anchor=anchor, shipped=shipped, out=out)
    return Said(code=code, text=out.getvalue())


async def _some_history(world: World) -> None:
    ada, grace = world.person("ada"), world.person("grace")
    card = await world.launch(
        ada, "delete virtual", {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
    )
    await grace.press("Approve", in_=card)
    await world.until_told("Succeeded")


async def _tamper(world: World, work: Callable[[Connection], object]) -> None:
    url = world.settings.database_url.get_secret_value()
    async with open_unlocked(url, Clock()) as database:
        await database.run(lambda sql: work(sql) and None)


async def test_a_whole_chain_is_whole_and_names_its_anchor(world: World) -> None:
    await _some_history(world)
    said = await _verify(world.settings)
    assert said.code == 0
    assert said.text.startswith("The audit is whole: 5 records. Anchor: 5:")


async def test_what_a_transaction_records_is_written_when_it_ends(shelf: Shelf) -> None:
    """Nobody else can add to the chain from then on, so nothing else is left to be done."""

    def work(tx: Transaction) -> AuditEntry | None:
        tx.audit.record(AuditEntry(what="first"))
        tx.audit.record(AuditEntry(what="second"))
        return tx.audit.last("first")

    assert await shelf.store.transact(work) is None
    assert [record.entry.what for record in await shelf.store.audit.page()] == ["first", "second"]


async def test_a_record_that_cannot_be_read_is_named_and_counts_as_none(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    await shelf.store.transact(lambda tx: tx.audit.record(AuditEntry(what="policy in force")))
    cut = update(audit).values(detail='{"sha256": "cut')
    async with open_unlocked(shelf.url, Clock()) as database:
        assert await database.run(lambda sql: sql.execute(cut).rowcount) == 1
    assert await shelf.store.transact(lambda tx: tx.audit.last("policy in force")) is None
    assert "Record 1 of the audit cannot be read" in caplog.text


async def test_a_page_begins_when_it_is_asked_to(shelf: Shelf) -> None:
    await shelf.store.transact(lambda tx: tx.audit.record(AuditEntry(what="first")))
    shelf.wait(60)
    since = shelf.store.now()
    shelf.wait(60)
    await shelf.store.transact(lambda tx: tx.audit.record(AuditEntry(what="second")))
    assert [record.entry.what for record in await shelf.store.audit.page(since=since)] == ["second"]


async def test_one_changed_byte_is_found(world: World) -> None:
    await _some_history(world)
    forged = update(audit).where(audit.c.number == 2).values(email="mallory@harbour.example")
    await _tamper(world, lambda sql: sql.execute(forged))
    said = await _verify(world.settings)
    assert said.code == 1
    assert said.text.startswith("The audit is broken at record 2: record 2 was changed")


async def test_one_removed_row_is_found(world: World) -> None:
    await _some_history(world)
    await _tamper(world, lambda sql: sql.execute(delete(audit).where(audit.c.number == 3)))
    said = await _verify(world.settings)
    assert (said.code, said.text) == (1, "The audit is broken at record 3: record 3 is missing.\n")


async def test_two_swapped_rows_are_found(world: World) -> None:
    await _some_history(world)

    def swap(sql: Connection) -> None:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            sql.execute(text("UPDATE audit SET number = :new WHERE number = :old"), {"new": new, "old": old})

    await _tamper(world, swap)
    said = await _verify(world.settings)
    assert said.code == 1
    assert "broken at record 2: record 2 does not follow from record 1" in said.text


async def test_a_truncated_tail_is_found_against_an_anchor(world: World) -> None:
    await _some_history(world)
    anchor = (await _verify(world.settings)).text.split("Anchor: ")[1].strip()

    def truncate(sql: Connection) -> None:
        sql.execute(delete(audit).where(audit.c.number == 5))
        sql.execute(
            text("UPDATE audit_head SET number = 4, hash = (SELECT hash FROM audit WHERE number = 4)")
        )

    await _tamper(world, truncate)
    assert (await _verify(world.settings)).code == 0, "without an anchor nobody can tell"
    said = await _verify(world.settings, anchor)
    assert said.code == 1
    assert "its tail is missing" in said.text


@pytest.mark.parametrize(("style", "lines"), [("jsonl", 5), ("csv", 6)])
async def test_the_export_names_the_people(world: World, style: str, lines: int) -> None:
    await _some_history(world)
    out = io.StringIO()
    assert await export(world.settings, style=style, since=None, out=out) == 0
    written = out.getvalue().splitlines()
    assert len(written) == lines
    assert "ada@harbour.example" in written[-4]
    assert "grace@harbour.example" in written[-3]
