"""What a new process on a SQLite file takes up at once, and what goes on waiting as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.audit import AuditEntry
from bot.domain.launch import Event, Happening, Launch, State
from bot.domain.steps import Due, Step
from bot.store.database import LEASE, Clock
from bot.store.migrating import migrate
from bot.store.store import Store, open_store
from tests.store.conftest import Shelf

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from bot.store.transaction import Transaction

A_LEASE = LEASE.total_seconds()


@dataclass(frozen=True, kw_only=True)
class File:
    """A SQLite file that one process after another opens."""

    url: str
    clock: Clock

    def opened(self) -> AbstractAsyncContextManager[Store]:
        """A process on it."""
        return open_store(self.url, clock=self.clock)

    def shelf(self, store: Store) -> Shelf:
        """What the tests do with a process."""
        return Shelf(store=store, clock=self.clock, url=self.url)


@pytest.fixture
async def file(tmp_path: Path) -> File:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(url)
    return File(url=url, clock=Clock())


async def told(shelf: Shelf) -> list[tuple[str, tuple[Event, ...]]]:
    """Tell all there is to tell."""
    store, found = shelf.store, []
    shelf.wait(2)  # what this process takes for the database's time may be a little ahead of it
    for telling in await store.outbox.claim(limit=100):
        found.append((telling.launch.id, telling.events))
        up_to = telling.events[-1].seq if telling.events else telling.delivered_seq
        assert await store.outbox.told(telling, up_to=up_to, card=telling.launch.version)
    return found


async def test_a_dead_processs_claims_are_free_at_once_and_what_waits_goes_on_waiting(file: File) -> None:
    async with file.opened() as store:
        shelf = file.shelf(store)
        await shelf.put("waits", due_in=7200)
        await told(shelf)
        await shelf.put("claimed")
        assert [each.id for each in await store.launches.claim(limit=9)] == ["claimed"]
        assert [each.launch.id for each in await store.outbox.claim(limit=9)] == ["claimed"]
    async with file.opened() as store:
        assert [each.id for each in await store.launches.claim(limit=9)] == ["claimed"]
        assert [launch_id for launch_id, _ in await told(file.shelf(store))] == ["claimed"]


async def test_after_a_clock_was_set_back_while_nothing_ran_no_claim_of_before_is_waited_for(
    file: File,
) -> None:
    async with file.opened() as store:
        await file.shelf(store).put("claimed")
        assert len(await store.launches.claim(limit=9)) == 1
        await store.transact(lambda tx: tx.audit.record(AuditEntry(what="noted")))
    file.clock.offset -= timedelta(hours=1)
    async with file.opened() as store:
        assert [each.id for each in await store.launches.claim(limit=9)] == ["claimed"]


async def test_a_step_that_changes_nothing_is_told_to_nobody(shelf: Shelf) -> None:
    await shelf.put("one", state=State.AWAITING_APPROVAL)
    await told(shelf)
    (claimed,) = await shelf.store.launches.claim(limit=1)
    due = shelf.store.now() + timedelta(minutes=5)

    await shelf.store.transact(lambda tx: tx.save(Step(launch=tx.claimed(claimed), due=due)))

    assert (await shelf.get("one")).version == claimed.version
    assert await told(shelf) == []
    shelf.wait(A_LEASE + 1)
    assert await shelf.store.launches.claim(limit=1) == ()  # it rests until then
    shelf.wait(300)
    assert len(await shelf.store.launches.claim(limit=1)) == 1


async def test_a_step_that_only_changes_the_launch_shows_on_its_card(shelf: Shelf) -> None:
    await shelf.put("one", state=State.AWAITING_APPROVAL)
    await told(shelf)

    def change(tx: Transaction) -> Launch:
        return tx.save(Step(launch=tx.launch("one").move(State.APPROVED), due=Due.UNCHANGED))

    await shelf.store.transact(change)
    assert await told(shelf) == [("one", ())]


async def test_what_happened_to_a_launch_that_stays_as_it_is_is_told(shelf: Shelf) -> None:
    launch = await shelf.put("one", state=State.AWAITING_APPROVAL)
    await told(shelf)
    await shelf.save(launch, Happening.REMINDED)
    ((_, events),) = await told(shelf)
    assert [event.what for event in events] == [Happening.REMINDED]
