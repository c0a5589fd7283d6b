"""What a card and the status say of a run that is paused in Orchestrator, or that nobody could look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.domain.launch import State
from bot.service.tracker import BULK_FROM
from bot.store.migrating import migrate
from tests.service.test_tracker import run as many_runs
from tests.service.test_troubles import back_up, launch_of, settled
from tests.wiring.test_safety import POLICY
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.demo.slack.wire import Json
    from tests.world import World

NO_BULK = "GET */catalog/*"
STATE = "GET */state"


@pytest.fixture(params=["alone", "in bulk"])
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A bot that looks at each run by itself, or at all with one query because many are open."""
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(database)
    async with a_world(tmp_path, database=database, policy=POLICY) as made:
        if request.param == "in bulk":
            await many_runs(made, 2 * BULK_FROM)
        yield made


def reads(world: World, card: Json) -> str:
    """The card as Ada sees it now."""
    shown = next(each for each in world.slack.messages("ops") if each["ts"] == card["ts"])
    return world.person("ada").reads(shown)


async def status(world: World) -> str:
    """`/vro status` as Ada reads it."""
    ada = world.person("ada")
    before = len(ada.ephemerals("ops"))
    answer = await ada.slash("/vro", "status", channel="ops")
    await settled(world)
    return "\n".join([answer.text, *(ada.reads(each) for each in ada.ephemerals("ops")[before:])])


async def execution_of(world: World, card: Json) -> str:
    """The run of a card's launch."""
    launch = await launch_of(world, card)
    assert launch.execution_id is not None
    return launch.execution_id


async def test_a_run_that_was_paused_is_not_called_running(world: World) -> None:
    card = await back_up(world)
    await world.pass_time(seconds=3)
    assert "Running" in reads(world, card)
    execution_id = await execution_of(world, card)
    world.orchestrator.set_state(execution_id, "suspended")
    for _ in range(3):
        await world.pass_time(seconds=31)
    assert "Paused by somebody in Orchestrator" in reads(world, card)
    assert "Running" not in reads(world, card)
    assert "Paused by somebody in Orchestrator" in await status(world)
    world.orchestrator.set_state(execution_id, "running")
    for _ in range(3):
        await world.pass_time(seconds=31)
    assert "Running" in reads(world, card)
    world.orchestrator.finish(execution_id)
    for _ in range(3):
        await world.pass_time(seconds=31)
    assert (await launch_of(world, card)).state is State.SUCCEEDED


async def test_a_run_that_is_paused_while_it_asks_does_not_go_on(world: World) -> None:
    card = await back_up(world)
    await world.pass_time(seconds=3)
    execution_id = await execution_of(world, card)
    for state in ("waiting", "suspended"):
        world.orchestrator.set_state(execution_id, state)
        for _ in range(3):
            await world.pass_time(seconds=31)
    assert "The run goes on" not in world.told(card)
    assert "Paused by somebody" in reads(world, card)
    world.orchestrator.set_state(execution_id, "waiting")
    for _ in range(3):
        await world.pass_time(seconds=31)
    assert "Waiting for an answer" in reads(world, card)


@pytest.mark.parametrize("fault", [ArmedFault.ERROR, ArmedFault.UNAVAILABLE, ArmedFault.CUT_JSON])
async def test_a_run_that_nobody_could_look_at_for_an_hour_is_not_called_running(
    world: World, fault: ArmedFault
) -> None:
    card = await back_up(world)
    await world.pass_time(seconds=3)
    execution_id = await execution_of(world, card)
    world.orchestrator.set_state(execution_id, "running")  # until told otherwise
    world.orchestrator.fault(NO_BULK, fault, times=None)
    world.orchestrator.fault(STATE, fault, times=None)
    for _ in range(5):
        await world.pass_time(minutes=10)
    assert "Running" in reads(world, card)
    for _ in range(4):
        await world.pass_time(minutes=10)
    assert "Not seen since" in reads(world, card)
    assert "Running" not in reads(world, card)
    assert "Not seen since" in await status(world)
    version = (await launch_of(world, card)).version
    await world.pass_time(minutes=10)
    assert (await launch_of(world, card)).version == version  # what stays as it is, is not written again
    world.orchestrator.clear_faults()
    for _ in range(4):
        await world.pass_time(minutes=6)
    assert "Not seen since" not in reads(world, card)
    assert "Running" in reads(world, card)


async def test_an_hour_of_looks_of_which_one_succeeded_is_no_hour_unseen(world: World) -> None:
    card = await back_up(world)
    await world.pass_time(seconds=3)
    execution_id = await execution_of(world, card)
    world.orchestrator.set_state(execution_id, "running")
    for _ in range(2):
        world.orchestrator.fault(NO_BULK, ArmedFault.ERROR, times=None)
        world.orchestrator.fault(STATE, ArmedFault.ERROR, times=None)
        for _ in range(5):
            await world.pass_time(minutes=10)
        world.orchestrator.clear_faults()
        await world.pass_time(minutes=6)
    assert "Running" in reads(world, card)
    assert "Not seen since" not in reads(world, card)
