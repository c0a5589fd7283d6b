"""What is too old goes, in batches; what is open, untold or wanted stays; the audit proves itself."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, func, select, text

from bot.domain.audit import Anchor, AuditEntry, first_flaw
from bot.domain.audit_cut import CUT, beginning
from bot.domain.execution import Argument
from bot.domain.launch import Outcome, State
from bot.domain.workflow import ParameterType
from bot.service.retention import Ages, Retention
from bot.store.opening import open_unlocked
from bot.store.retention import Aged
from bot.store.schema import audit, cards, events, launches

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from bot.domain.audit import Record
    from tests.store.conftest import Shelf

DAY = 86400
OUTPUT = Argument(name="ip", type=ParameterType(declared="string"), value="10.0.0.1")


async def ended(shelf: Shelf, name: str, **more: Any) -> None:  # noqa: ANN401 - a launch's
    """A launch that has just ended, and is told."""
    now = shelf.store.now()
    given: dict[str, Any] = {"state": State.SUCCEEDED, "ended_at": now, "outcome": Outcome(outputs=(OUTPUT,))}
    await shelf.put(name, **given | more)
    await tell(shelf, name)


async def tell(shelf: Shelf, name: str) -> None:
    for telling in await shelf.store.outbox.claim(limit=100):
        if telling.launch.id == name:
            last = telling.events[-1].seq
            assert await shelf.store.outbox.told(telling, up_to=last, card=telling.launch.version)


def keeping(shelf: Shelf, *, audit_days: int = 0, **days: int) -> Retention:
    ages = {Aged(name): timedelta(days=count) for name, count in days.items()}
    return Retention(
        store=shelf.store,
        ages=Ages(launches=ages, audit=timedelta(days=audit_days) if audit_days else None),
    )


async def in_database(shelf: Shelf, work: Callable[[Connection], Any]) -> Any:  # noqa: ANN401 - what it finds
    async with open_unlocked(shelf.url, shelf.clock) as database:
        return await database.run(work)


async def count(shelf: Shelf, table: Any) -> int:  # noqa: ANN401 - a table
    found: int = await in_database(shelf, lambda sql: sql.scalar(select(func.count()).select_from(table)))
    return found


async def ids(shelf: Shelf) -> list[str]:
    found: list[str] = await in_database(
        shelf, lambda sql: list(sql.scalars(select(launches.c.id).order_by(launches.c.id)))
    )
    return found


async def records(shelf: Shelf) -> list[Record]:
    found: list[Record] = []
    while page := await shelf.store.audit.page(after=found[-1].number if found else 0):
        found += page
    return found


async def test_old_ended_launches_go_with_all_that_is_theirs_and_others_stay(shelf: Shelf) -> None:
    for number in range(60):  # more than two batches
        await ended(shelf, f"old-{number:02}")
    await shelf.put("open", state=State.RUNNING)
    await shelf.put("untold", state=State.SUCCEEDED, ended_at=shelf.store.now())
    await ended(shelf, "reviewed-not-yet", break_glass="it burned", starting_at=shelf.store.now())
    long = {"requested_at": shelf.store.now()}
    shelf.wait(100 * DAY)
    await ended(shelf, "long-run", **long)  # asked for long ago, over just now
    await ended(shelf, "young")
    retention = keeping(shelf, launches=50)
    assert await retention.would_purge() == {"launches": 60}
    assert len(await ids(shelf)) == 65
    await retention.sweep()
    assert await ids(shelf) == ["long-run", "open", "reviewed-not-yet", "untold", "young"]
    assert await count(shelf, events) == 5
    assert await retention.would_purge() == {"launches": 0}
    assert await count(shelf, cards) == 0


async def test_outputs_and_told_events_go_before_their_launch_and_nothing_is_told_again(
    shelf: Shelf,
) -> None:
    await ended(shelf, "old")
    shelf.wait(100 * DAY)
    await ended(shelf, "young")
    retention = keeping(shelf, outputs=90, events=30)
    assert await retention.would_purge() == {"outputs": 1, "events": 1}
    await retention.sweep()
    old, young = await shelf.get("old"), await shelf.get("young")
    assert old.outcome == Outcome()
    assert young.outcome == Outcome(outputs=(OUTPUT,))
    assert await count(shelf, events) == 1
    assert await shelf.store.outbox.claim(limit=10) == ()
    assert await retention.would_purge() == {"outputs": 0, "events": 0}


async def test_a_launch_that_cannot_be_read_is_kept(shelf: Shelf) -> None:
    await ended(shelf, "damaged")
    broken = text('UPDATE launches SET body = \'{"$": "Tomorrow"}\'')
    await in_database(shelf, lambda sql: sql.execute(broken))
    shelf.wait(1000 * DAY)
    await keeping(shelf, launches=1, outputs=1).sweep()
    assert await ids(shelf) == ["damaged"]


async def test_a_cut_audit_verifies_and_goes_on(shelf: Shelf) -> None:
    for number in range(1100):
        await shelf.store.transact(lambda tx, number=number: tx.audit.record(_entry(number)))  # type: ignore[misc] # no default is seen
    before = (await records(shelf))[-1]
    shelf.wait(10 * DAY)
    await shelf.put("young")
    retention = keeping(shelf, audit_days=5)
    assert await retention.would_purge() == {"audit": 1100}
    await retention.sweep()
    left = await records(shelf)
    assert left[0].number == 1101
    assert [each.entry.what for each in left] == ["requested", CUT, CUT, CUT]
    assert beginning(left) == Anchor(number=1100, hash=before.hash)
    flaw, end = first_flaw(left, start=beginning(left))
    assert (flaw, end.number) == (None, 1104)
    known = Anchor(number=1100, hash=before.hash)
    assert first_flaw(left, start=beginning(left), anchors={known.number: known.hash})[0] is None
    lost = Anchor(number=7, hash="0" * 64)
    flaw, _ = first_flaw(left, start=beginning(left), anchors={lost.number: lost.hash})
    assert flaw is not None
    assert "were cut" in flaw.what
    await shelf.put("next")
    left = await records(shelf)
    assert first_flaw(left, start=beginning(left))[0] is None


def _entry(number: int) -> AuditEntry:
    return AuditEntry(what="refused", detail={"number": number})


@pytest.mark.parametrize("is_cut_before", [False, True])
async def test_a_beginning_that_was_deleted_otherwise_is_found(shelf: Shelf, is_cut_before: bool) -> None:  # noqa: FBT001 - a case
    for number in range(20):
        await shelf.put(f"launch-{number:02}")
    if is_cut_before:
        shelf.wait(10 * DAY)
        for number in range(20, 30):
            await shelf.put(f"launch-{number:02}")
        await keeping(shelf, audit_days=5).sweep()
    first = (await records(shelf))[0].number
    gone = delete(audit).where(audit.c.number <= first + 3)
    await in_database(shelf, lambda sql: sql.execute(gone))
    left = await records(shelf)
    flaw, _ = first_flaw(left, start=beginning(left))
    assert flaw is not None
    assert "missing" in flaw.what


async def test_two_replicas_that_cut_at_once_leave_a_chain_that_verifies(
    shelf: Shelf,
) -> None:
    for number in range(600):
        await shelf.store.transact(lambda tx, number=number: tx.audit.record(_entry(number)))  # type: ignore[misc] # the same
    shelf.wait(10 * DAY)
    await asyncio.gather(*(keeping(shelf, audit_days=5).sweep() for _ in range(3)))
    left = await records(shelf)
    assert left[0].number == 601
    assert first_flaw(left, start=beginning(left))[0] is None
