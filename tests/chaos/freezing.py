"""The freezes: of two replicas at work on one PostgreSQL one stands still for a while, and then goes on.

A frozen process (SIGSTOP) keeps its connections and does nothing, as a host that is gone without a word, or a
virtual machine on pause. The other has to go on taking and starting launches.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from tests.chaos.arena import QUICK, REVIEWED, SLOW, a_rough_day, an_arena
from tests.chaos.bot_process import started
from tests.chaos.counting import Tally, are_at_rest, count, select
from tests.chaos.crowd import Crowd
from tests.chaos.go_between import go_between
from tests.chaos.killing import background

if TYPE_CHECKING:
    from tests.chaos.arena import Arena
    from tests.chaos.bot_process import BotProcess

_REST = 150.0  # seconds both get to bring everything to its end
_TRIES = 1500  # to catch it there
_STILL = 0.05  # seconds after which what it had sent has been taken
_WARM_UP = 3.0
_A_START_TAKES = 0.9  # seconds on its way to Orchestrator, so that some are under way at any time
_HELD = (
    "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE relation = 'audit_head'::regclass AND mode = 'RowExclusiveLock'"
    " AND state LIKE 'idle in transaction%'"
)
_STARTING = "SELECT count(*) FROM launches WHERE state = 'starting'"
_ALWAYS = "SELECT 1"


class Moment(Enum):
    """In the middle of what it is frozen: a query that says so, asked once it is."""

    TRANSACTION = _HELD  # which holds the lock of the audit, that all others need
    START = _STARTING  # of either
    ANYTHING = _ALWAYS


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """One to come."""

    moment: Moment
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Stood:
    """One that was: what the other replica did meanwhile."""

    freeze: Freeze
    was_caught: bool
    taken: int
    started: int


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of all."""

    freezes: tuple[Stood, ...]
    came_to_rest: bool
    tally: Tally
    failures: int  # tracebacks in the logs


async def freeze(freezes: tuple[Freeze, ...], *, seed: int) -> Result:
    """Freeze one after the other, in turns, then let both finish the work, then count."""
    chance = random.Random(seed)
    async with an_arena("postgresql", chance=chance) as arena, AsyncExitStack() as stack:
        late = go_between(arena.orchestrator.url, delay=_late)
        url = await stack.enter_async_context(late)
        crowd = Crowd(arena=arena, chance=chance, workflows=(QUICK, QUICK, REVIEWED, SLOW))
        made = [arena.bot(SLACK_TRANSPORT="socket", ORCHESTRATOR_URL=url) for _ in range(2)]
        await asyncio.gather(*(stack.enter_async_context(started(bot)) for bot in made))  # both at once
        stood = []
        async with background(crowd.live()):
            a_rough_day(arena.orchestrator)
            await asyncio.sleep(_WARM_UP)
            for number, each in enumerate(freezes):
                stood.append(await _stand_still(made[number % 2], each, arena, crowd))
            crowd.close()
            arena.orchestrator.clear_faults()
            came_to_rest = await _until_at_rest(arena)
        return Result(
            freezes=tuple(stood),
            came_to_rest=came_to_rest,
            tally=await count(arena, acked=crowd.acked),
            failures=arena.logs().count("Traceback (most recent call last)"),
        )


async def _stand_still(victim: BotProcess, wanted: Freeze, arena: Arena, crowd: Crowd) -> Stood:
    try:
        was_caught = await _catch(victim, wanted.moment, arena)
        taken, starts = len(crowd.acked), len(arena.orchestrator.starts)
        await asyncio.sleep(wanted.seconds)
        return Stood(
            freeze=wanted,
            was_caught=was_caught,
            taken=len(crowd.acked) - taken,
            started=len(arena.orchestrator.starts) - starts,
        )
    finally:
        victim.go_on()
        await victim.until_ready()  # RuntimeError if it did not outlive it


async def _catch(victim: BotProcess, moment: Moment, arena: Arena) -> bool:
    """Freeze it until it is at that moment; frozen also if it was never caught there."""
    for _ in range(_TRIES):
        await asyncio.sleep(arena.chance.uniform(0.01, 0.06))
        victim.freeze()
        await asyncio.sleep(_STILL)
        if (await select(arena, moment.value))[0][0]:
            return True
        victim.go_on()
    victim.freeze()
    return False


def _late(method: str, path: str) -> float:
    return _A_START_TAKES if method == "POST" and path.rstrip("/").endswith("/executions") else 0.0


async def _until_at_rest(arena: Arena) -> bool:
    began = time.monotonic()
    while time.monotonic() - began < _REST:
        with suppress(OSError):
            if await are_at_rest(arena):
                return True
        await asyncio.sleep(0.5)
    return False
