"""The scheduler: acks go first, and nothing starves."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.runtime.priority import _QUIET, Priority, Scheduler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def _steps(order: list[str], name: str, *, count: int = 3) -> str:
    for number in range(count):
        await asyncio.sleep(0)
        order.append(f"{name}{number}")
    return name


@asynccontextmanager
async def _pending_ack(scheduler: Scheduler) -> AsyncIterator[asyncio.Event]:
    """An ack is pending until the event is set."""
    began, acked = asyncio.Event(), asyncio.Event()

    async def answer() -> None:
        with scheduler.pending_ack():
            began.set()
            await acked.wait()

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(answer())
        await began.wait()
        yield acked
        acked.set()


async def test_work_runs_at_once_while_no_ack_is_pending() -> None:
    scheduler, order = Scheduler(), list[str]()
    async with asyncio.timeout(10):
        assert await scheduler.run(_steps(order, "work"), Priority.BACKGROUND) == "work"
        await scheduler.quiet(Priority.BACKGROUND, within=10)
    assert order == ["work0", "work1", "work2"]


async def test_each_step_yields_to_pending_acks() -> None:
    scheduler, order = Scheduler(), list[str]()
    async with _pending_ack(scheduler) as acked:
        work = asyncio.create_task(scheduler.run(_steps(order, "work"), Priority.BACKGROUND))
        await _steps(order, "ack", count=5)
        assert order == [f"ack{number}" for number in range(5)]
        acked.set()
        assert await work == "work"


async def test_every_queued_step_runs_after_the_last_ack() -> None:
    scheduler, order = Scheduler(), list[str]()
    async with _pending_ack(scheduler) as acked:
        works = [
            asyncio.create_task(scheduler.run(_steps(order, name, count=2), Priority.BACKGROUND))
            for name in "ab"
        ]
        await _steps([], "ack")
        assert not order
        acked.set()
        await asyncio.gather(*works)
    assert sorted(order) == ["a0", "a1", "b0", "b1"]


async def test_interactive_steps_run_before_background_steps() -> None:
    scheduler, order = Scheduler(), list[str]()
    async with _pending_ack(scheduler) as acked:
        own = asyncio.create_task(scheduler.run(_steps(order, "own"), Priority.BACKGROUND))
        await _steps([], "ack")
        asked_for = asyncio.create_task(scheduler.run(_steps(order, "asked for"), Priority.INTERACTIVE))
        await _steps([], "ack")
        acked.set()
        await asyncio.gather(own, asked_for)
    assert order[:2] == ["asked for0", "asked for1"]


async def test_work_yields_only_once_its_own_ack_is_sent() -> None:
    scheduler, order, acked_itself = Scheduler(), list[str](), asyncio.Event()

    async def handler() -> None:
        await _steps(order, "before", count=2)
        acked_itself.set()
        await _steps(order, "after", count=1)

    async with _pending_ack(scheduler) as acked:
        work = asyncio.create_task(scheduler.run(handler(), Priority.BACKGROUND, acked=acked_itself.is_set))
        await _steps(order, "ack", count=6)
        assert "before1" in order
        assert "after0" not in order
        acked.set()
        await work
    assert order[-1] == "after0"


async def test_work_keeps_its_awaits_results_and_errors() -> None:
    async def work() -> str:
        with pytest.raises(ZeroDivisionError):
            await asyncio.gather(_broken())
        return await asyncio.wait_for(asyncio.sleep(0, "done"), 5)

    async def _broken() -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    assert await Scheduler().run(work(), Priority.BACKGROUND) == "done"
    with pytest.raises(ZeroDivisionError):
        await Scheduler().run(_broken(), Priority.BACKGROUND)


async def test_queued_work_can_be_cancelled_and_cleans_up() -> None:
    scheduler, order, begun = Scheduler(), list[str](), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(0)
        finally:
            order.append("cleaned up")

    async with _pending_ack(scheduler) as acked:
        begins_held = asyncio.create_task(scheduler.run(work(), Priority.BACKGROUND))
        is_held = asyncio.create_task(scheduler.run(work(), Priority.BACKGROUND, acked=begun.is_set))
        await begun.wait()
        await asyncio.sleep(0)
        for held in (begins_held, is_held):
            held.cancel()
            with pytest.raises(asyncio.CancelledError):
                await held
        assert order == ["cleaned up"]
        acked.set()
        await scheduler.run(_steps(order, "other", count=1), Priority.BACKGROUND)
    assert order == ["cleaned up", "other0"]


async def test_an_ack_that_waits_for_something_else_blocks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.runtime.priority._STARVATION", 3600)
    scheduler, order = Scheduler(), list[str]()
    async with _pending_ack(scheduler):
        await asyncio.gather(*(scheduler.run(_steps(order, name), Priority.BACKGROUND) for name in "abc"))
        await scheduler.quiet(Priority.BACKGROUND, within=10)
    assert len(order) == 9


async def test_no_step_starves_under_endless_acks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.priority._STARVATION", 0.02)
    scheduler, order = Scheduler(), list[str]()

    async def never_quiet() -> None:
        while True:
            await _ack(scheduler)
            await asyncio.sleep(0)

    async with asyncio.timeout(10):
        await _ack(scheduler)
        acks = asyncio.create_task(never_quiet())
        await asyncio.gather(*(scheduler.run(_steps(order, name), Priority.BACKGROUND) for name in "abc"))
        acks.cancel()
    assert len(order) == 9


async def test_starved_steps_still_yield_to_an_imminent_ack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.priority._IMMINENT", 0.5)
    monkeypatch.setattr("bot.runtime.priority._STARVATION", -1)
    scheduler, order = Scheduler(), list[str]()
    async with _pending_ack(scheduler) as acked:
        work = asyncio.create_task(scheduler.run(_steps(order, "work"), Priority.BACKGROUND))
        await _steps(order, "ack", count=50)
        assert "work0" not in order
        acked.set()
        await work


async def _ack(scheduler: Scheduler) -> None:
    with scheduler.pending_ack():
        await asyncio.sleep(0)


async def test_no_quiet_period_is_awaited_after_a_single_ack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.priority._QUIET", 3600)
    scheduler, order = Scheduler(), list[str]()
    async with asyncio.timeout(10):
        await _ack(scheduler)
        await scheduler.run(_steps(order, "work", count=1), Priority.BACKGROUND)
    assert order == ["work0"]


async def test_steps_await_a_quiet_period_after_a_burst_of_acks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.priority._BURST", 3600)
    scheduler, order = Scheduler(), list[str]()
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(10):
        for _ in range(2):
            await _ack(scheduler)
        acked_at = loop.time()
        await scheduler.run(_steps(order, "work", count=1), Priority.BACKGROUND)
    assert order == ["work0"]
    assert loop.time() - acked_at >= _QUIET


@asynccontextmanager
async def _interactive_work(scheduler: Scheduler) -> AsyncIterator[None]:
    """Interactive work is under way."""
    done = asyncio.Event()
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(scheduler.run(_until(done), Priority.INTERACTIVE))
        await asyncio.sleep(0)
        yield
        done.set()


async def _until(done: asyncio.Event) -> None:
    await done.wait()


async def test_background_work_is_admitted_after_interactive_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.priority._ADMISSION", 3600)
    scheduler, order = Scheduler(), list[str]()
    async with _interactive_work(scheduler):
        own = asyncio.create_task(scheduler.run(_steps(order, "own", count=1), Priority.BACKGROUND))
        await scheduler.run(_steps(order, "asked for"), Priority.INTERACTIVE)
        assert order == ["asked for0", "asked for1", "asked for2"]
    await own
    assert order[-1] == "own0"


async def test_background_work_that_has_begun_continues_beside_interactive_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.runtime.priority._ADMISSION", 3600)
    scheduler, order, lock = Scheduler(), list[str](), asyncio.Event()

    async def holds_what_is_needed() -> None:
        await _steps(order, "own")
        lock.set()

    own = asyncio.create_task(scheduler.run(holds_what_is_needed(), Priority.BACKGROUND))
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await scheduler.run(_until(lock), Priority.INTERACTIVE)
        await own
    assert order == ["own0", "own1", "own2"]


async def test_endless_interactive_work_does_not_starve_background_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.runtime.priority._ADMISSION", 0.01)
    scheduler, order = Scheduler(), list[str]()
    async with _interactive_work(scheduler):
        await scheduler.run(_steps(order, "own", count=1), Priority.BACKGROUND)
        assert order == ["own0"]


async def test_work_cancelled_before_its_admission_never_runs() -> None:
    scheduler, order = Scheduler(), list[str]()
    async with _interactive_work(scheduler):
        own = asyncio.create_task(scheduler.run(_steps(order, "own"), Priority.BACKGROUND))
        await asyncio.sleep(0)
        own.cancel()
        with pytest.raises(asyncio.CancelledError):
            await own
    assert order == []
