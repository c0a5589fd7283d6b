"""The bot's loops: each on its own, none in step with another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.errors import DatabaseLost
from bot.runtime.loops import TICK_SECONDS, every, run_loops
from bot.runtime.priority import Scheduler

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class Enough(Exception):
    """Ends the loops."""


def _ticking(seen: list[str], name: str, *, until: int) -> Callable[[], Coroutine[Any, Any, bool]]:
    async def tick() -> bool:
        seen.append(name)
        if len(seen) == until:
            raise Enough
        return False

    return tick


async def test_loops_take_their_rounds_one_behind_the_other() -> None:
    seen: list[str] = []
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.RaisesGroup(Enough, flatten_subgroups=True):
        async with asyncio.timeout(20):
            await run_loops(
                [_ticking(seen, name, until=5) for name in "abc"], Scheduler(), transient=DatabaseLost
            )
    assert seen == ["a", "b", "c", "a", "b"]
    assert loop.time() - began >= TICK_SECONDS


async def test_a_full_round_is_followed_at_once() -> None:
    seen: list[float] = []
    loop = asyncio.get_running_loop()

    async def full() -> bool:
        seen.append(loop.time())
        if len(seen) == 50:
            raise Enough
        return True

    with pytest.RaisesGroup(Enough, flatten_subgroups=True):
        async with asyncio.timeout(20):
            await run_loops([full], Scheduler(), transient=DatabaseLost)
    assert seen[-1] - seen[0] < 49 * TICK_SECONDS


async def test_a_round_that_the_database_left_is_followed_by_another() -> None:
    seen: list[str] = []

    async def tick() -> bool:
        seen.append("tick")
        if len(seen) == 2:
            raise Enough
        raise DatabaseLost

    with pytest.RaisesGroup(Enough, flatten_subgroups=True):
        async with asyncio.timeout(20):
            await run_loops([tick], Scheduler(), transient=DatabaseLost)
    assert len(seen) == 2


async def test_what_is_done_again_and_again_outlives_whatever_it_fails_with(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[str] = []

    async def work() -> None:
        seen.append("work")
        if len(seen) == 2:
            raise Enough
        if len(seen) < 4:
            raise DatabaseLost

    repeating = asyncio.create_task(every(0.01, work, transient=DatabaseLost))
    async with asyncio.timeout(20):
        while len(seen) < 4:  # noqa: ASYNC110 - the loop tells nobody
            await asyncio.sleep(0.01)
    repeating.cancel()
    assert [each.levelname for each in caplog.records] == ["WARNING", "ERROR", "WARNING"]
    assert "Enough" in caplog.text
