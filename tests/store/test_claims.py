"""Who works on a launch: claims, their leases, and the fences that shut out a late holder."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.domain.errors import AlreadySubmitted, DatabaseLocked, Overtaken, UnknownLaunch
from bot.domain.launch import State
from bot.domain.steps import Due
from bot.store.database import LEASE, Clock
from bot.store.opening import open_database
from bot.store.sqlite import SqliteDatabase
from bot.store.store import open_store

if TYPE_CHECKING:
    from bot.store.transaction import Transaction
    from tests.store.conftest import Shelf

A_LEASE = LEASE.total_seconds()


async def claimed(shelf: Shelf, *, limit: int = 10) -> list[str]:
    return [launch.id for launch in await shelf.store.launches.claim(limit=limit)]


async def followed(shelf: Shelf) -> list[str]:
    return [run.id for run in await shelf.store.runs.claim(limit=10)]


async def put_running(shelf: Shelf, name: str) -> None:
    now = shelf.store.now()
    await shelf.put(name, state=State.RUNNING, execution_id=f"e-{name}", started_at=now)


async def test_what_is_due_is_claimed_once_for_a_lease(shelf: Shelf) -> None:
    await shelf.put("one")
    assert await claimed(shelf) == ["one"]
    shelf.wait(A_LEASE - 1)
    assert await claimed(shelf) == []
    shelf.wait(2)
    assert await claimed(shelf) == ["one"]


async def test_the_most_overdue_comes_first_and_what_is_not_due_stays(shelf: Shelf) -> None:
    for name, due_in in (("later", 60), ("second", -1), ("first", -2), ("third", 0)):
        await shelf.put(name, due_in=due_in)
    assert set(await claimed(shelf, limit=2)) == {"first", "second"}
    assert await claimed(shelf) == ["third"]


async def test_what_runs_and_what_does_not_are_claimed_by_different_doors(shelf: Shelf) -> None:
    await shelf.put("waits")
    await put_running(shelf, "runs")
    assert await followed(shelf) == ["runs"]
    assert await claimed(shelf) == ["waits"]


async def test_a_later_claim_shuts_out_the_earlier_one(shelf: Shelf) -> None:
    await shelf.put("one")
    (early,) = await shelf.store.launches.claim(limit=1)
    shelf.wait(A_LEASE + 1)
    (late,) = await shelf.store.launches.claim(limit=1)
    assert late.fence > early.fence
    with pytest.raises(Overtaken):
        await shelf.store.transact(lambda tx: tx.claimed(early))
    with pytest.raises(Overtaken):
        await shelf.save(replace(early, tries=1))
    assert (await shelf.save(replace(late, tries=1))).tries == 1


async def test_of_two_writes_to_one_version_the_second_writes_nothing(shelf: Shelf) -> None:
    launch = await shelf.put("one")
    await shelf.save(launch.move(State.WITHDRAWN))
    with pytest.raises(Overtaken):
        await shelf.save(launch.move(State.STARTING))
    assert (await shelf.get("one")).state is State.WITHDRAWN


async def test_a_click_that_claims_leaves_nothing_for_the_tracker_until_its_lease_ends(shelf: Shelf) -> None:
    launch = await shelf.put("one")
    await shelf.save(launch.move(State.STARTING), due=Due.CLAIMED)
    assert await claimed(shelf) == []
    shelf.wait(A_LEASE + 1)
    assert await claimed(shelf) == ["one"]


async def test_what_is_put_back_is_due_when_it_was_said(shelf: Shelf) -> None:
    await put_running(shelf, "one")
    (run,) = await shelf.store.runs.claim(limit=1)
    await shelf.store.runs.release([(run, shelf.store.now() + timedelta(seconds=5))])
    assert await followed(shelf) == []
    shelf.wait(6)
    assert await followed(shelf) == ["one"]


async def test_whoever_was_overtaken_puts_nothing_back(shelf: Shelf) -> None:
    await put_running(shelf, "one")
    (early,) = await shelf.store.runs.claim(limit=1)
    shelf.wait(A_LEASE + 1)
    assert await followed(shelf) == ["one"]
    await shelf.store.runs.release([(early, shelf.store.now())])
    assert await followed(shelf) == []


async def test_a_draft_becomes_a_launch_once(shelf: Shelf) -> None:
    await shelf.put("one")
    with pytest.raises(AlreadySubmitted):
        await shelf.put("one")


async def test_a_run_belongs_to_one_launch(shelf: Shelf) -> None:
    await put_running(shelf, "one")
    other = await shelf.put("two", state=State.STARTING)
    assert await shelf.store.transact(lambda tx: tx.others_claiming(["e-one", "e-2"], besides="two")) == {
        "e-one"
    }
    with pytest.raises(IntegrityError):
        await shelf.save(other.move(State.RUNNING, execution_id="e-one"))


async def test_what_raises_leaves_nothing_behind(shelf: Shelf) -> None:
    launch = await shelf.put("one")

    def fail(tx: Transaction) -> None:
        tx.secrets.seal(owner="one", slot="password", text="secret")
        raise UnknownLaunch(launch.id)

    with pytest.raises(UnknownLaunch):
        await shelf.store.transact(fail)
    assert await shelf.store.transact(lambda tx: tx.secrets.unseal(owner="one", slot="password")) is None


async def test_a_new_process_on_a_sqlite_file_waits_for_no_dead_ones_lease(shelf: Shelf) -> None:
    await shelf.put("one")
    assert await claimed(shelf) == ["one"]
    if shelf.url.startswith("sqlite"):
        with pytest.raises(DatabaseLocked):
            await reopened(shelf)
    else:
        assert await reopened(shelf) == []


async def reopened(shelf: Shelf) -> list[str]:
    """What a second store on the same database can claim."""
    async with open_store(shelf.url, clock=shelf.clock) as store:
        return [launch.id for launch in await store.launches.claim(limit=1)]


async def test_a_sqlite_file_is_free_again_when_its_process_is_gone(tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/bot.sqlite3"
    async with open_database(url, Clock()):
        with pytest.raises(DatabaseLocked):
            async with open_database(url, Clock()):
                pass
    async with open_database(url, Clock()) as again:
        assert isinstance(again, SqliteDatabase)


async def test_an_error_of_the_database_names_no_value(database: str) -> None:
    async with open_database(database, Clock()) as opened:
        with pytest.raises(DBAPIError) as error:
            await opened.run(
                lambda sql: sql.execute(text("SELECT * FROM nowhere WHERE it = :v"), {"v": "typed"})
            )
    assert "nowhere" in str(error.value)
    assert "typed" not in str(error.value)
