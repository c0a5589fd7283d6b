"""The clock under load: how many calls to Orchestrator a round costs."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.domain.execution import Argument
from bot.domain.launch import Launch, State
from bot.domain.people import Person, Place
from bot.domain.steps import Step
from bot.domain.workflow import ParameterType, WorkflowRef
from tests.service.test_troubles import workflow_id

if TYPE_CHECKING:
    from bot.store.transaction import Transaction
    from tests.world import World

BACKUP = "Back up database"  # it takes minutes


pytestmark = pytest.mark.databases("sqlite")


async def run(world: World, count: int) -> None:
    """So many runs in Orchestrator, each with its launch, all to be looked at now."""
    argument = Argument(name="database", type=ParameterType(declared="string"), value="erp")
    start = world.bot.orchestrator.start
    begun = []
    for _ in range(0, count, 10):  # more at once would wait for one another until they give up
        begun += await asyncio.gather(*(start(workflow_id(BACKUP), (argument,)) for _ in range(10)))

    def record(tx: Transaction) -> None:
        for number, run in enumerate(begun):
            launch = Launch(
                id=f"launch-{number}",
                workflow=WorkflowRef(id=workflow_id(BACKUP), name=BACKUP),
                arguments=(argument,),
                requester=Person(team_id="T", user_id="U"),
                place=Place(channel_id="C"),
                rule="backups",
                requested_at=tx.now,
                state=State.RUNNING,
                execution_id=run.execution_id,
                started_at=tx.now - timedelta(hours=1),
            )
            tx.add(Step(launch=launch, due=tx.now))

    await world.bot.store.transact(record)


async def calls_of_a_round(world: World) -> int:
    before = len(world.orchestrator.requests)
    await world.bot.tracker.tick()
    return len(world.orchestrator.requests) - before


async def test_hundreds_of_runs_are_followed_with_a_few_calls_a_round(world: World) -> None:
    await run(world, 400)
    assert 1 <= await calls_of_a_round(world) <= 6
    world.clock.offset += timedelta(seconds=31)
    assert 1 <= await calls_of_a_round(world) <= 6


async def test_where_the_bulk_query_fails_each_run_is_asked_for_and_then_left_alone_for_a_while(
    world: World,
) -> None:
    await run(world, 30)
    world.orchestrator.fault("GET */catalog/*", ArmedFault.FORBIDDEN, times=None)
    assert await calls_of_a_round(world) >= 30
    assert await calls_of_a_round(world) == 0
    world.clock.offset += timedelta(seconds=31)
    assert await calls_of_a_round(world) == 30


async def test_old_runs_come_to_share_one_bulk_query(world: World) -> None:
    """Runs that became due one by one, all over the half minute between two looks."""
    await run(world, 60)

    def spread(tx: Transaction) -> None:
        for number in range(60):
            launch = tx.launch(f"launch-{number}")
            tx.save(Step(launch=launch, due=tx.now + timedelta(seconds=number / 2)))

    await world.bot.store.transact(spread)
    for _ in range(40):
        await world.pass_time(seconds=1)
    before = len(world.orchestrator.requests)
    for _ in range(60):
        world.clock.offset += timedelta(seconds=1)
        await world.bot.tracker.tick()
    catalogue = [each for each in list(world.orchestrator.requests)[before:] if "/catalog/" in each]
    assert len(catalogue) <= 3 * 5
    assert len(world.orchestrator.requests) - before <= 3 * 5
