"""A restart on SQLite with many launches that only wait: `python -m tests.bench.restart [--strict]`, simulated clock.

The process dies with all of them claimed; five runs end before the next one starts.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.launch import Happening
from bot.domain.steps import NewEvent, Step
from bot.store.database import LEASE
from bot.store.migrating import migrate
from tests.bench.figures import Goal, say, verdict
from tests.wiring.test_safety import launch_id_of
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.demo.slack.wire import Json
    from bot.domain.launch import Launch
    from bot.store.transaction import Transaction
    from tests.world import World

DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
_WAITING, _ENDED = 1_000, 5
_AWAY = timedelta(minutes=12)
_TICK = 0.5  # seconds
_ROUNDS = 120  # also after the five were told, so that what is needless and late is seen, too
_NONE = 0.5  # a goal is a number above 0


@dataclass(frozen=True, kw_only=True)
class Restarted:
    """What the new process did."""

    looked_at: int  # launches that only wait and were taken up: all, or nothing was measured
    needless: int  # calls to Slack for them
    told: float  # seconds of the simulated clock until card and thread of all five say how they ended
    limited: int  # calls answered 429


async def measure(folder: Path, *, waiting: int) -> Restarted:
    """Die with so many launches waiting for approval, let five runs end, and start again."""
    database = f"sqlite:///{folder / 'bot.sqlite3'}"
    await migrate(database)
    async with a_world(folder, database=database) as world:
        waits = await world.launch(world.person("ben"), "delete virtual", DELETE)
        cards = [await _run(world) for _ in range(_ENDED)]
        await put(world, await world.the_launch(launch_id_of(waits)), count=waiting)
        claimed = await _claim_all(world)
        await world.crash()
        world.clock.offset += _AWAY
        world.slack.calls.clear()
        world.slack.rates.is_on = True
        await world.start()
        told = await _until_told(world, cards)
        theirs = {card["ts"] for card in cards}
        calls = [call for call in world.slack.calls if call.method.startswith(("chat.", "conversations."))]
        of = (call.arguments.get("thread_ts") or call.arguments.get("ts") for call in calls)
        return Restarted(
            looked_at=claimed - await _claim_all(world),
            needless=sum(ts not in theirs for ts in of),
            told=told,
            limited=sum(call.status == 429 for call in calls),
        )


async def put(world: World, launch: Launch, *, count: int) -> None:
    """So many launches that wait for approval as this one does, their cards told."""
    await world.bot.store.transact(lambda tx: _copy(tx, launch, count=count))
    outbox, numbers = world.bot.store.outbox, itertools.count(1)
    while tellings := await outbox.claim(limit=200):
        for telling in tellings:
            version, ts = telling.launch.version, f"1700000000.{next(numbers):06}"
            await outbox.remember_home(telling, channel=launch.place.channel_id, ts=ts, version=version)
            await outbox.told(telling, up_to=telling.events[-1].seq, card=version)


def _copy(tx: Transaction, launch: Launch, *, count: int) -> None:
    for number in range(count):
        told = (NewEvent(what=Happening.REQUESTED, by=launch.requester),)
        tx.add(Step(launch=replace(launch, id=f"waiting-{number}"), told=told, due=tx.now))


async def _run(world: World) -> Json:
    """The card of a run that ends while the process is away."""
    card = await world.launch(world.person("ada"), "back up database", {"database": "erp"})
    assert "Running" in world.person("ada").reads(world.card()), "it ended too soon"
    return card


async def _claim_all(world: World) -> int:
    """Claim all that wait, where their leases ended; how many that were."""
    world.clock.offset += LEASE
    claimed = 0
    while found := await world.bot.store.launches.claim(limit=200):
        claimed += len(found)
    return claimed


async def _until_told(world: World, cards: Sequence[Json]) -> float:
    """Do what the loops do, until the five are told, and a while longer; when they were."""
    told = 0.0
    for number in range(1, _ROUNDS + 1):
        world.clock.offset += timedelta(seconds=_TICK)
        while await world.bot.tracker.tick():
            pass
        while await world.bot.announcer.tick():
            pass
        if not told and all(_says_how_it_ended(world, card) for card in cards):
            told = number * _TICK
    return told or _ROUNDS * _TICK


def _says_how_it_ended(world: World, card: Json) -> bool:
    shown = next(each for each in world.slack.messages("ops") if each["ts"] == card["ts"])
    return "Succeeded" in world.told(card) and "Succeeded" in world.person("ada").reads(shown)


async def main() -> int:
    """Measure and print; 1 if `--strict` and a goal is missed for sure."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        found = await measure(Path(folder), waiting=_WAITING)
    say(f"restarted with {_WAITING:,} launches that only wait, and 5 that ended meanwhile: {found}")
    goals = (
        Goal(text="waiting launches taken up", value=found.looked_at, at_least=_WAITING),
        Goal(text="calls to Slack for them", value=found.needless, at_most=_NONE),
        Goal(text="the five told after, s", value=found.told, at_most=5),
        Goal(text="calls answered 429", value=found.limited, at_most=_NONE),
    )
    return verdict(goals, strict="--strict" in sys.argv)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
