"""Launches told after a ten-minute Slack outage: `python -m tests.bench.outage_pace [--strict]`, simulated clock."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.launch import Happening, Launch, State
from bot.domain.people import Person, Place
from bot.domain.steps import NewEvent, Step
from bot.domain.workflow import WorkflowRef
from bot.store.migrating import migrate
from tests.bench.figures import Goal, say, verdict
from tests.world import a_world

if TYPE_CHECKING:
    from bot.store.transaction import Transaction
    from tests.world import World

EACH = 2.0  # seconds a launch takes at Slack's pace: its card and its story, one message a second
BUSY, OTHER = "ops", "service-desk"
_OTHERS = 5
_TICK = 0.5


@dataclass(frozen=True, kw_only=True)
class Catching:
    """How long it took to tell all, in seconds of the simulated clock, and what Slack was asked meanwhile."""

    told: float
    other_told: float
    limited: int  # calls answered 429
    reads: int


def put(tx: Transaction, world: World, *, channel: str, count: int) -> None:
    """Launches that ended and are not told yet."""
    who = Person(team_id=world.bot.slack.identity.team_id, user_id=world.slack.directory.member("ada").id)
    place = Place(channel_id=world.slack.directory.channel(channel).id)
    for number in range(count):
        launch = Launch(
            id=f"{channel}-{number}",
            workflow=WorkflowRef(id="w", name=f"Patch {number}"),
            arguments=(),
            requester=who,
            place=place,
            rule="patching",
            requested_at=tx.now,
            state=State.FAILED,
            ended_at=tx.now,
        )
        told = (NewEvent(what=Happening.REQUESTED, by=who), NewEvent(what=Happening.FAILED, note="no disk"))
        tx.add(Step(launch=launch, told=told, due=None))


def told(world: World, channel: str) -> int:
    """How many launches have a card with a story."""
    place = world.slack.directory.channel(channel).id
    return sum(len(world.slack.thread(place, card["ts"])) > 1 for card in world.slack.messages(channel))


async def measure(folder: Path, *, count: int) -> Catching:
    """Queue so many launches in one channel and five in another, be away ten minutes, and let all be told."""
    database = f"sqlite:///{folder / 'bot.sqlite3'}"
    await migrate(database)
    async with a_world(folder, database=database) as world:
        await world.bot.store.transact(lambda tx: put(tx, world, channel=BUSY, count=count))
        await world.bot.store.transact(lambda tx: put(tx, world, channel=OTHER, count=_OTHERS))
        world.slack.faults.drop("*", times=None)
        for _ in range(10):
            world.clock.offset += timedelta(minutes=1)
            await world.bot.announcer.tick()
        world.slack.faults.clear()
        world.slack.rates.is_on = True
        world.slack.calls.clear()
        return await _catch_up(world, count=count)


async def _catch_up(world: World, *, count: int) -> Catching:
    seconds = other = 0.0
    while told(world, BUSY) < count and seconds < 20 * EACH * count:
        seconds += _TICK
        world.clock.offset += timedelta(seconds=_TICK)
        await world.bot.announcer.tick()
        if not other and told(world, OTHER) == _OTHERS:
            other = seconds
    asked = Counter(call.method for call in world.slack.calls)
    return Catching(
        told=seconds,
        other_told=other or seconds,
        limited=sum(call.status == 429 for call in world.slack.calls),
        reads=asked["conversations.history"] + asked["conversations.replies"],
    )


async def main() -> int:
    """Measure and print; 1 if `--strict` and a goal is missed for sure."""
    logging.disable(logging.CRITICAL)
    goals: list[Goal] = []
    for count in (60, 200):
        with tempfile.TemporaryDirectory() as folder:
            found = await measure(Path(folder), count=count)
        say(f"{count} launches queued by an outage of ten minutes: {found}")
        goals += [
            Goal(text=f"{count} told, times Slack's pace", value=found.told / EACH / count, at_most=1.5),
            Goal(text=f"another channel's five beside {count}", value=found.other_told / EACH / 5, at_most=2),
        ]
    return verdict(goals, strict="--strict" in sys.argv)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
