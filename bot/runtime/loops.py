"""Polling loops that run side by side for as long as the process does."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from bot.runtime.priority import Priority

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from typing import TypeAlias

    from bot.runtime.priority import Scheduler

    Tick: TypeAlias = Callable[[], Coroutine[Any, Any, bool]]  # whether there may be more to do

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5  # between the starts of two ticks of a loop
_CONCURRENT = 4  # ticks of one loop: a slow tick does not hold up the next


async def run_loops(ticks: Sequence[Tick], scheduler: Scheduler, *, transient: type[Exception]) -> None:
    """Run a loop for each tick, their starts spread over TICK_SECONDS so that their load never coincides.

    A tick that fails with `transient` (the database is away) is logged; any other error ends all loops.
    """
    async with asyncio.TaskGroup() as group:
        for tick in ticks:
            group.create_task(_run_loop(tick, scheduler, transient))
            await asyncio.sleep(TICK_SECONDS / len(ticks))


async def _run_loop(tick: Tick, scheduler: Scheduler, transient: type[Exception]) -> None:
    """Tick every TICK_SECONDS as background work, and again at once while there may be more to do."""
    async with asyncio.TaskGroup() as group:
        slots = asyncio.Semaphore(_CONCURRENT)

        async def run_tick() -> None:
            try:
                while await scheduler.run(tick(), Priority.BACKGROUND):
                    pass
            except* transient as failed:
                log.warning("%s", failed.exceptions[0])
            finally:
                slots.release()

        while True:
            await slots.acquire()
            group.create_task(run_tick())
            await asyncio.sleep(TICK_SECONDS)


async def every(seconds: float, work: Callable[[], Awaitable[object]], *, transient: type[Exception]) -> None:
    """Repeat the work for ever with a pause between, whatever it fails with.

    An error of type `transient` is logged as a warning, any other with its traceback. It must not end the
    process: housekeeping that fails at one odd row would fail at it again after every start.
    """
    while True:
        try:
            await work()
        except transient as error:
            log.warning("%s", error)
        except Exception:
            log.exception("%s failed, and is tried again in %g s", _name(work), seconds)
        await asyncio.sleep(seconds)


def _name(work: Callable[..., object]) -> str:
    return getattr(work, "__qualname__", type(work).__name__)
