"""CPU of a whole launch, form sent to card final: `python -m tests.bench.launch_cpu [--count 150] [--strict]`.

The bot is a process of its own; its CPU time counts, less what it uses when nothing happens. The form's
opening, some three acks and calls of Slack, is in it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.demo.slack.errors import CannotDoError
from tests.bench.figures import Goal, say, verdict
from tests.chaos.arena import OPERATORS, QUICK, an_arena
from tests.chaos.bot_process import started
from tests.chaos.counting import are_at_rest
from tests.chaos.crowd import Crowd

if TYPE_CHECKING:
    from tests.chaos.arena import Arena, Kind

_WARM = 10  # launches before it counts
_IDLE = 15.0  # seconds
_GOALS: tuple[tuple[Kind, int], ...] = (("sqlite", 20), ("postgresql", 16))


async def launch(arena: Arena, crowd: Crowd, count: int) -> None:
    """So many launches, each operator's one after the other, until all is told."""

    async def one_by_one(operator: str) -> None:
        for _ in range(count // len(OPERATORS)):
            with suppress(CannotDoError, TimeoutError):  # a busy machine: it does not count
                await crowd.launch(arena.slack.person(operator), QUICK)

    await asyncio.gather(*map(one_by_one, OPERATORS))
    while not await are_at_rest(arena):  # noqa: ASYNC110 - the database tells nobody
        await asyncio.sleep(0.2)


async def measure(kind: Kind, count: int) -> float:
    """Milliseconds of CPU a launch."""
    async with an_arena(kind, chance=random.Random(1)) as arena, started(arena.bot()) as bot:
        crowd = Crowd(arena=arena, chance=arena.chance, workflows=(QUICK,))
        await launch(arena, crowd, _WARM)
        loop, before = asyncio.get_running_loop(), bot.cpu_seconds()
        await asyncio.sleep(_IDLE)
        idle = (bot.cpu_seconds() - before) / _IDLE
        taken, before, began = len(crowd.acked), bot.cpu_seconds(), loop.time()
        await launch(arena, crowd, count)
        used = bot.cpu_seconds() - before - idle * (loop.time() - began)
        return 1000 * used / (len(crowd.acked) - taken)


async def main() -> int:
    """Measure and print; 1 if `--strict` and a goal is missed for sure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--strict", action="store_true")
    asked = parser.parse_args()
    goals = []
    for kind, at_most in _GOALS:
        found = await measure(kind, asked.count)
        say(f"{kind}: {found:.1f} ms of CPU a launch")
        goals.append(Goal(text=f"CPU of a whole launch, {kind}, ms", value=found, at_most=at_most))
    return verdict(goals, strict=asked.strict)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
