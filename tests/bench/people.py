"""Calls to Slack for people the bot has met: `python -m tests.bench.people [--strict]`, with a simulated clock.

Slack allows 100 `users.info` a minute. People come one by one; then half an hour passes; then some come back.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sys
from collections import Counter
from dataclasses import dataclass

from tests.bench.figures import Goal, say, verdict
from tests.slack.test_people import Bench, a_bench, member, person

APART = 1.25  # seconds between two people who come for the first time
_NONE = 0.5  # a goal is a number above 0
IDLE, BACK = 30, 20  # minutes


@dataclass(frozen=True, kw_only=True)
class FormAnswers:
    """What one run showed."""

    idle: float  # calls a minute, the most
    back: float
    limited: int  # calls answered 429
    refused: int  # members who were not taken for members


async def measure(count: int) -> FormAnswers:
    """Let so many people come, be idle, and let some of them come back."""
    dice = random.Random(3)
    refused = 0
    async with a_bench(*map(member, range(count))) as bench:
        for number in range(count):
            bench.move(seconds=APART)
            refused += not (await bench.people.membership(person(number))).is_member
        idle: Counter[int] = Counter()
        for minute in range(IDLE):
            idle[minute] = await a_minute(bench)
        back: Counter[int] = Counter()
        for minute in range(BACK):
            come = [dice.randrange(count) for _ in range(30)]
            before = len(bench.slack.calls)
            for number in come:
                bench.move(seconds=2)
                refused += not (await bench.people.membership(person(number))).is_member
            await bench.people.refresh()
            back[minute] = len(bench.slack.calls) - before
        return FormAnswers(
            idle=max(idle.values()), back=max(back.values()), limited=bench.refused(), refused=refused
        )


async def a_minute(bench: Bench) -> int:
    """One minute in which nobody comes; the calls in it."""
    before = len(bench.slack.calls)
    bench.move(minutes=1)
    await bench.people.refresh()
    return len(bench.slack.calls) - before


async def rush(count: int, *, of: int) -> tuple[int, int]:
    """So many people at the same moment, none of them met; calls answered 429, and members refused."""
    async with a_bench(*map(member, range(of))) as bench:
        came = await asyncio.gather(*(bench.people.membership(person(each)) for each in range(count)))
        return bench.refused(), sum(not who.is_member for who in came)


async def main() -> int:
    """Measure and print; 1 if `--strict` and a goal is missed for sure."""
    logging.disable(logging.CRITICAL)
    goals: list[Goal] = []
    for count in (1_000, 3_000):
        found = await measure(count)
        say(f"{count:,} people met: {found}")
        goals += [
            Goal(text=f"{count:,} met: calls in an idle minute", value=found.idle, at_most=60),
            Goal(text=f"{count:,} met: calls a minute, 30 come back", value=found.back, at_most=60),
            Goal(text=f"{count:,} met: calls answered 429", value=found.limited, at_most=_NONE),
            Goal(text=f"{count:,} met: members refused", value=found.refused, at_most=_NONE),
        ]
    limited, refused = await rush(300, of=1_000)
    goals += [
        Goal(text="300 of 1,000 come at once: calls answered 429", value=limited, at_most=_NONE),
        Goal(text="300 of 1,000 come at once: members refused", value=refused, at_most=_NONE),
    ]
    return verdict(goals, strict="--strict" in sys.argv)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
