"""What following open runs costs: `python -m tests.bench.open_runs [--runs 10000] [--strict]`.

The bot is a process of its own, and its CPU time alone counts. The runs have been open for an hour.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from bot.demo.orchestrator.faults import ArmedFault
from bot.domain.execution import Argument
from bot.domain.launch import Launch, State
from bot.domain.people import Person, Place
from bot.domain.steps import Step
from bot.domain.workflow import ParameterType, WorkflowRef
from bot.orchestrator.client import Orchestrator
from bot.orchestrator.connection import Connection
from bot.orchestrator.login import Basic
from bot.store.database import Clock
from bot.store.store import open_store
from tests.bench.figures import Goal, say, verdict
from tests.chaos.arena import LONG, OPERATORS, an_arena
from tests.chaos.bot_process import started

if TYPE_CHECKING:
    from bot.store.transaction import Transaction
    from tests.chaos.arena import Arena

_SETTLED = 65.0  # seconds until all that was due at the start has been looked at, and comes round together
_MEASURED = 90.0  # seconds, three rounds
_AT_ONCE = 20
_INPUT = Argument(name="target", type=ParameterType(declared="string"), value="seed")


async def begin(arena: Arena, count: int) -> None:
    """So many runs in Orchestrator, each with its launch, which was told long ago."""
    login = Basic(user="svc-chatops", password="pretend-password")
    async with Orchestrator(Connection(url=arena.orchestrator.url, login=login)) as client:
        (workflow,) = [each for each in await client.workflows() if each.name == LONG]
        of = WorkflowRef(id=workflow.id, name=LONG)
        ids: list[str] = []
        for _ in range(0, count, _AT_ONCE):
            begun = await asyncio.gather(*(client.start(of.id, (_INPUT,)) for _ in range(_AT_ONCE)))
            ids += [each.execution_id for each in begun]
    for each in ids:
        arena.orchestrator.set_state(each, "running")  # until told otherwise
    async with open_store(arena.database, clock=Clock()) as store:
        await store.transact(lambda tx: record(tx, arena, of, ids))
    with closing(sqlite3.connect(make_url(arena.database).database or "")) as database, database:
        database.execute("UPDATE launches SET tell_at = NULL")


def record(tx: Transaction, arena: Arena, workflow: WorkflowRef, execution_ids: list[str]) -> None:
    """The launches of these runs."""
    for number, execution_id in enumerate(execution_ids):
        operator = OPERATORS[number % len(OPERATORS)]
        launch = Launch(
            id=f"open-{number}",
            workflow=workflow,
            arguments=(_INPUT,),
            requester=Person(team_id="T0DEMO", user_id=operator),
            place=Place(channel_id=arena.channel_of(operator)),
            rule="changes",
            requested_at=tx.now,
            state=State.RUNNING,
            execution_id=execution_id,
            started_at=tx.now - timedelta(hours=1),
        )
        tx.add(Step(launch=launch, due=tx.now))


async def measure(count: int) -> tuple[float, float]:
    """The share of a core and the calls a second that following so many runs takes."""
    async with an_arena("sqlite", chance=random.Random(1)) as arena:
        await begin(arena, count)
        async with started(arena.bot(ORCHESTRATOR_TIMEOUT="15")) as bot:
            await asyncio.sleep(_SETTLED)
            counter = arena.orchestrator.fault(
                "* *", ArmedFault.SLOW, delay=0, times=None
            )  # it counts, no more
            before, loop = bot.cpu_seconds(), asyncio.get_running_loop()
            began = loop.time()
            await asyncio.sleep(_MEASURED)
            seconds = loop.time() - began
            calls = counter.seen
            return (bot.cpu_seconds() - before) / seconds, calls / seconds


async def main() -> int:
    """Measure and print; 1 if `--strict` and a goal is missed for sure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--strict", action="store_true")
    asked = parser.parse_args()
    idle, _ = await measure(0)
    share, calls = await measure(asked.runs)
    say(f"without runs: {idle:.1%} of a core; with {asked.runs}: {share:.1%}, {calls:.2f} calls a second")
    goals = [
        Goal(text=f"{asked.runs} open runs, % of a core", value=100 * share, at_most=8),
        Goal(text=f"{asked.runs} open runs, calls a second", value=calls, at_most=0.5),
    ]
    return verdict(goals, strict=asked.strict)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
