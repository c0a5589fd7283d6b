"""Acks go first; nothing waits for them for ever."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.runtime.priority import _CALM, Courtesy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def _steps(order: list[str], name: str, *, count: int = 3) -> str:
    for number in range(count):
        await asyncio.sleep(0)
        order.append(f"{name}{number}")
    return name


@asynccontextmanager
async def _somebody_waits(courtesy: Courtesy) -> AsyncIterator[asyncio.Event]:
    """Somebody waits for an ack until the event is set."""
    began, acked = asyncio.Event(), asyncio.Event()

    async def answer() -> None:
        with courtesy:
            began.set()
            await acked.wait()

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(answer())
        await began.wait()
        yield acked
        acked.set()


async def test_work_goes_on_at_once_where_nobody_waits() -> None:
    courtesy, order = Courtesy(), list[str]()
    async with asyncio.timeout(10):
        assert await courtesy.behind(_steps(order, "work")) == "work"
        await courtesy.calm(at_most=10)
    assert order == ["work0", "work1", "work2"]


async def test_each_step_of_work_waits_until_the_last_ack_is_out() -> None:
    courtesy, order = Courtesy(), list[str]()
    async with _somebody_waits(courtesy) as acked:
        work = asyncio.create_task(courtesy.behind(_steps(order, "work")))
        await _steps(order, "ack", count=5)
        assert order == [f"ack{number}" for number in range(5)]
        acked.set()
        assert await work == "work"


async def test_all_that_was_held_back_goes_on_when_the_last_ack_is_out() -> None:
    courtesy, order = Courtesy(), list[str]()
    async with _somebody_waits(courtesy) as acked:
        works = [asyncio.create_task(courtesy.behind(_steps(order, name, count=2))) for name in "ab"]
        await _steps([], "ack")
        assert not order
        acked.set()
        await asyncio.gather(*works)
    assert sorted(order) == ["a0", "a1", "b0", "b1"]


async def test_what_a_person_asked_for_goes_before_what_nobody_waits_for() -> None:
    courtesy, order = Courtesy(), list[str]()
    async with _somebody_waits(courtesy) as acked:
        own = asyncio.create_task(courtesy.behind(_steps(order, "own")))
        await _steps([], "ack")
        asked_for = asyncio.create_task(courtesy.behind(_steps(order, "asked for"), asked_for=True))
        await _steps([], "ack")
        acked.set()
        await asyncio.gather(own, asked_for)
    assert order[:2] == ["asked for0", "asked for1"]


async def test_work_is_polite_only_from_when_on_it_is_said() -> None:
    courtesy, order, acked_itself = Courtesy(), list[str](), asyncio.Event()

    async def handler() -> None:
        await _steps(order, "before", count=2)
        acked_itself.set()
        await _steps(order, "after", count=1)

    async with _somebody_waits(courtesy) as acked:
        work = asyncio.create_task(courtesy.behind(handler(), once=acked_itself.is_set))
        await _steps(order, "ack", count=6)
        assert "before1" in order
        assert "after0" not in order
        acked.set()
        await work
    assert order[-1] == "after0"


async def test_what_a_work_awaits_and_what_it_raises_stay_its_own() -> None:
    async def work() -> str:
        with pytest.raises(ZeroDivisionError):
            await asyncio.gather(_broken())
        return await asyncio.wait_for(asyncio.sleep(0, "done"), 5)

    async def _broken() -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    assert await Courtesy().behind(work()) == "done"
    with pytest.raises(ZeroDivisionError):
        await Courtesy().behind(_broken())


async def test_work_that_is_held_back_can_be_cancelled_and_tidies_up() -> None:
    courtesy, order, begun = Courtesy(), list[str](), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(0)
        finally:
            order.append("tidied")

    async with _somebody_waits(courtesy) as acked:
        begins_held = asyncio.create_task(courtesy.behind(work()))
        is_held = asyncio.create_task(courtesy.behind(work(), once=begun.is_set))
        await begun.wait()
        await asyncio.sleep(0)
        for held in (begins_held, is_held):
            held.cancel()
            with pytest.raises(asyncio.CancelledError):
                await held
        assert order == ["tidied"]
        acked.set()
        await courtesy.behind(_steps(order, "other", count=1))
    assert order == ["tidied", "other0"]


async def test_an_ack_that_waits_for_something_else_holds_nothing_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.runtime.priority._PATIENCE", 3600)
    courtesy, order = Courtesy(), list[str]()
    async with _somebody_waits(courtesy):
        await asyncio.gather(*(courtesy.behind(_steps(order, name)) for name in "abc"))
        await courtesy.calm(at_most=10)
    assert len(order) == 9


async def test_work_goes_on_between_acks_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.priority._PATIENCE", 0.02)
    courtesy, order = Courtesy(), list[str]()

    async def never_calm() -> None:
        while True:
            await _ack(courtesy)
            await asyncio.sleep(0)

    async with asyncio.timeout(10):
        await _ack(courtesy)
        acks = asyncio.create_task(never_calm())
        await asyncio.gather(*(courtesy.behind(_steps(order, name)) for name in "abc"))
        acks.cancel()
    assert len(order) == 9


async def test_work_that_waited_long_still_lets_an_ack_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.priority._AHEAD", 0.5)
    monkeypatch.setattr("bot.runtime.priority._PATIENCE", -1)
    courtesy, order = Courtesy(), list[str]()
    async with _somebody_waits(courtesy) as acked:
        work = asyncio.create_task(courtesy.behind(_steps(order, "work")))
        await _steps(order, "ack", count=50)
        assert "work0" not in order
        acked.set()
        await work


async def _ack(courtesy: Courtesy) -> None:
    with courtesy:
        await asyncio.sleep(0)


async def test_an_ack_that_comes_alone_is_followed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.priority._CALM", 3600)
    courtesy, order = Courtesy(), list[str]()
    async with asyncio.timeout(10):
        await _ack(courtesy)
        await courtesy.behind(_steps(order, "work", count=1))
    assert order == ["work0"]


async def test_acks_in_quick_succession_are_followed_when_it_is_calm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.priority._ALONE", 3600)
    courtesy, order = Courtesy(), list[str]()
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(10):
        for _ in range(2):
            await _ack(courtesy)
        acked_at = loop.time()
        await courtesy.behind(_steps(order, "work", count=1))
    assert order == ["work0"]
    assert loop.time() - acked_at >= _CALM


@asynccontextmanager
async def _errand(courtesy: Courtesy) -> AsyncIterator[None]:
    """Something a person asked for is under way."""
    done = asyncio.Event()
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(courtesy.behind(_until(done), asked_for=True))
        await asyncio.sleep(0)
        yield
        done.set()


async def _until(done: asyncio.Event) -> None:
    await done.wait()


async def test_the_bots_own_work_begins_when_errands_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.priority._BESIDE", 3600)
    courtesy, order = Courtesy(), list[str]()
    async with _errand(courtesy):
        own = asyncio.create_task(courtesy.behind(_steps(order, "own", count=1)))
        await courtesy.behind(_steps(order, "asked for"), asked_for=True)
        assert order == ["asked for0", "asked for1", "asked for2"]
    await own
    assert order[-1] == "own0"


async def test_work_that_began_before_an_errand_goes_on_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.priority._BESIDE", 3600)
    courtesy, order, lock = Courtesy(), list[str](), asyncio.Event()

    async def holds_what_is_needed() -> None:
        await _steps(order, "own")
        lock.set()

    own = asyncio.create_task(courtesy.behind(holds_what_is_needed()))
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await courtesy.behind(_until(lock), asked_for=True)
        await own
    assert order == ["own0", "own1", "own2"]


async def test_an_errand_without_end_does_not_keep_work_from_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.runtime.priority._BESIDE", 0.01)
    courtesy, order = Courtesy(), list[str]()
    async with _errand(courtesy):
        await courtesy.behind(_steps(order, "own", count=1))
        assert order == ["own0"]


async def test_work_that_is_cancelled_before_it_began_never_begins() -> None:
    courtesy, order = Courtesy(), list[str]()
    async with _errand(courtesy):
        own = asyncio.create_task(courtesy.behind(_steps(order, "own")))
        await asyncio.sleep(0)
        own.cancel()
        with pytest.raises(asyncio.CancelledError):
            await own
    assert order == []
