"""The loops that run beside one another for as long as the bot does."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from typing import TypeAlias

    from bot.runtime.priority import Courtesy

    Tick: TypeAlias = Callable[[], Coroutine[Any, Any, bool]]  # whether there may be more to do

log = logging.getLogger(__name__)

TICK = 0.5  # seconds between two rounds of a loop
AT_ONCE = 4  # a slow round does not hold up the next


async def rounds(ticks: Sequence[Tick], courtesy: Courtesy, *, transient: type[Exception]) -> None:
    """Run a loop for each tick, one behind the other, so that what they cost never falls together.

    A round that fails with `transient` (the database is away) is logged; any other ends the loops.
    """
    async with asyncio.TaskGroup() as group:
        for tick in ticks:
            group.create_task(_rounds(tick, courtesy, transient))
            await asyncio.sleep(TICK / len(ticks))


async def _rounds(tick: Tick, courtesy: Courtesy, transient: type[Exception]) -> None:
    """Tick every TICK seconds behind acks, at once after a full round; a failed round ends the loop."""
    async with asyncio.TaskGroup() as group:
        turns = asyncio.Semaphore(AT_ONCE)

        async def one() -> None:
            try:
                while await courtesy.behind(tick()):
                    pass
            except* transient as failed:
                log.warning("%s", failed.exceptions[0])
            finally:
                turns.release()

        while True:
            await turns.acquire()
            group.create_task(one())
            await asyncio.sleep(TICK)


async def every(seconds: float, work: Callable[[], Awaitable[None]], *, transient: type[Exception]) -> None:
    """Do it again and again with a pause between; what fails with `transient` is done the next time."""
    while True:
        try:
            await work()
        except transient as error:
            log.warning("%s", error)
        await asyncio.sleep(seconds)
