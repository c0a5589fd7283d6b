"""A slow Orchestrator with many open runs: starts and cancels do not wait behind the following of runs."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.domain.errors import Overtaken
from bot.domain.launch import State
from bot.domain.steps import Step
from bot.service.lanes import BEGUN_WITHIN, Lane
from bot.store.database import LEASE
from tests.service_world import only, open_service_world, rule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.domain.launch import Launch
    from bot.store.transaction import Transaction
    from tests.service_world import ServiceWorld

SLOW_RUNS = 40  # more than are looked at side by side
BOUND = 30  # seconds, for a machine that is busy


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[ServiceWorld]:
    async with open_service_world(f"sqlite:///{tmp_path / 'bot.sqlite3'}", only(rule())) as opened:
        opened.orchestrator.fault("GET */catalog/*", ArmedFault.FORBIDDEN, times=None)
        yield opened


async def running(office: ServiceWorld, vm: str) -> Launch:
    """A launch whose run is under way."""
    launch = await office.ask("ada", vm=vm)
    await office.bot.launches.begin(launch)
    return await office.now_is(launch)


async def due(office: ServiceWorld, launch: Launch, **changes: object) -> None:
    """Let the tracker see to it now."""

    def write(tx: Transaction) -> None:
        changed = replace(tx.launch(launch.id), **changes)  # type: ignore[arg-type] # a test names real fields
        tx.save(Step(launch=changed, due=tx.now))

    await office.bot.store.transact(write)


@asynccontextmanager
async def all_looks_held(office: ServiceWorld, runs: list[Launch]) -> AsyncIterator[None]:
    """The tracker looks at these runs, and Orchestrator answers none of those looks."""
    slow = [
        office.orchestrator.fault(f"GET */executions/{run.execution_id}/state", ArmedFault.SLOW, times=None)
        for run in runs
    ]
    for run in runs:
        await due(office, run)
    following = asyncio.create_task(office.bot.tracker.tick())
    try:
        await asyncio.wait_for(asyncio.gather(*(each.holding() for each in slow[:8])), timeout=BOUND)
        yield
    finally:
        office.orchestrator.clear_faults()
        await asyncio.wait_for(following, timeout=2 * BOUND)


@asynccontextmanager
async def ticking(office: ServiceWorld) -> AsyncIterator[None]:
    """The next round of the tracker, beside the one that is held up; what follows has to come of it."""
    round_ = asyncio.create_task(office.bot.tracker.tick())
    async with asyncio.timeout(8):  # a slow look is given up after 15 s
        yield
    office.orchestrator.clear_faults()
    await asyncio.wait_for(round_, timeout=2 * BOUND)


async def until(comes: Callable[[], bool]) -> None:
    while not comes():  # noqa: ASYNC110 - the pretend server tells nobody
        await asyncio.sleep(0.05)


async def held_runs(office: ServiceWorld) -> list[Launch]:
    return [await running(office, f"vm-{number}") for number in range(SLOW_RUNS)]


async def test_a_start_does_not_wait_for_looks_at_runs(office: ServiceWorld) -> None:
    runs = await held_runs(office)
    async with all_looks_held(office, runs):
        new = await office.ask("ben", vm="new")
        await due(office, new)
        async with ticking(office):
            await until(lambda: office.starts("new") == 1)


async def test_a_cancel_does_not_wait_for_looks_at_runs(office: ServiceWorld) -> None:
    runs = await held_runs(office)
    unwanted = await running(office, "unwanted")
    async with all_looks_held(office, runs):
        await office.bot.launches.cancel(unwanted.id, who=office.who("ada"))
        async with ticking(office):
            await until(lambda: any(each.startswith("DELETE") for each in office.orchestrator.requests))


async def test_a_claim_that_is_given_back_is_no_look_and_never_proves_itself_again(
    office: ServiceWorld,
) -> None:
    launch = await running(office, "web-01")
    store = office.bot.store
    looks, fences = [], []
    for is_given_back in (False, True, False):
        await due(office, launch)
        (claimed,) = await store.runs.claim(limit=10)
        looks.append(claimed.look)
        fences.append(claimed.fence)
        soon = store.now() + timedelta(seconds=2)
        if is_given_back:
            await store.runs.give_back([claimed], until=soon)
        else:
            await store.runs.release([(claimed, soon)])
    assert looks == [looks[0], looks[0] + 1, looks[0] + 1]
    assert fences == sorted(set(fences))
    assert await store.runs.claim(limit=10) == ()
    office.clock.offset += timedelta(seconds=3)  # long before a lease ends
    assert [each.id for each in await store.runs.claim(limit=10)] == [launch.id]


async def test_a_stale_holder_cannot_write_after_its_claim_was_given_back(office: ServiceWorld) -> None:
    launch = await running(office, "web-01")
    store = office.bot.store
    await due(office, launch)
    (stale,) = await store.runs.claim(limit=10)
    await store.runs.give_back([stale], until=store.now())
    (holder,) = await store.runs.claim(limit=10)
    await store.runs.give_back([stale], until=store.now() - timedelta(hours=1))  # too late: it does nothing
    assert await store.runs.claim(limit=10) == ()
    with pytest.raises(Overtaken):
        await office.bot.launches.missing(stale)
    await office.bot.launches.missing(holder)


async def test_looks_that_were_given_back_do_not_put_off_the_word_that_a_run_is_lost(
    office: ServiceWorld,
) -> None:
    launch = await running(office, "web-01")
    assert launch.execution_id is not None
    office.orchestrator.delete_execution(launch.execution_id)
    for _ in range(30):
        await office.pass_time(seconds=16)
        for claimed in await office.bot.store.runs.claim(limit=10):
            await office.bot.store.runs.give_back([claimed], until=office.bot.store.now())
        await due(office, launch)
        for claimed in await office.bot.store.runs.claim(limit=10):
            await office.bot.store.runs.give_back([claimed], until=office.bot.store.now())
        if (await office.now_is(launch)).state is State.LOST:
            return
    raise AssertionError((await office.now_is(launch)).state)


async def test_a_look_for_a_lost_start_does_not_hold_up_starts(office: ServiceWorld) -> None:
    office.orchestrator.fault("POST */executions", ArmedFault.DROP_BEFORE)
    lost = await office.ask("ada", vm="lost")
    await office.bot.launches.begin(lost)
    assert (await office.now_is(lost)).state is State.UNCERTAIN
    slow = office.orchestrator.fault("GET */executions", ArmedFault.SLOW, times=None)
    office.clock.offset += timedelta(seconds=5)
    looking = asyncio.create_task(office.bot.tracker.tick_looks())
    try:
        await asyncio.wait_for(slow.holding(), timeout=BOUND)
        new = await office.ask("ben", vm="new")
        await due(office, new)
        async with ticking(office):
            await until(lambda: office.starts("new") == 1)
    finally:
        office.orchestrator.clear_faults()
        await asyncio.wait_for(looking, timeout=2 * BOUND)


async def test_a_turn_that_comes_too_late_in_its_lease_is_refused() -> None:
    lane = Lane(at_once=1, most_waiting=8)
    now = asyncio.get_running_loop().time()
    async with lane.turn(claimed_at=now) as in_time:
        assert in_time
    async with lane.turn(claimed_at=now - BEGUN_WITHIN - 1) as in_time:
        assert not in_time
    assert LEASE.total_seconds() > BEGUN_WITHIN


async def test_a_lane_has_room_for_what_it_can_begin_in_time() -> None:
    lane = Lane(at_once=2, most_waiting=8)
    quick = lane.room
    now = asyncio.get_running_loop().time()
    async with lane.turn(claimed_at=now), lane.turn(claimed_at=now):
        assert lane.room == quick - 2
    assert quick == 2 + 8
