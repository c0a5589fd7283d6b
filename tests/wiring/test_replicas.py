"""Two replicas on one PostgreSQL: they share the work, and one takes up what the other leaves."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.domain.errors import AlreadyDecided, Overtaken
from bot.domain.launch import State
from bot.domain.people import Person as Somebody
from bot.store.database import Clock
from bot.wiring.build import build
from tests.wiring.test_safety import POLICY, launch_id_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.wiring.build import Bot
    from tests.world import World

DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
SHORT = "wait for replication"
START = "POST */executions"
DATASTORE = "gold-01"
ALL_MAY = """
rules:
  - name: all
    workflows: {folders: ["**"]}
    run: {everyone: true}
    safe_to_repeat: true
"""
A_SECOND = timedelta(seconds=1)
LESS_THAN_A_LEASE = timedelta(seconds=18)
THE_REST = timedelta(seconds=3)


pytestmark = [pytest.mark.databases("postgresql"), pytest.mark.policy(POLICY)]


@asynccontextmanager
async def another(world: World, clock: Clock | None = None) -> AsyncIterator[Bot]:
    """A second replica, with the same settings and the same clock, unless it has its own."""
    async with build(world.settings, clock=clock or world.clock) as bot:
        yield bot


async def tick(*replicas: Bot) -> None:
    """A round of each, side by side."""
    await asyncio.gather(*(each.tracker.tick() for each in replicas))
    await asyncio.gather(*(each.announcer.tick() for each in replicas))


async def ask(world: World, times: int, words: str = SHORT) -> None:
    """So many launches, not started yet."""
    ada = world.person("ada")
    for _ in range(times):
        await world.fill(ada, words, {})
        assert (await world.turn(ada)).ok


async def test_no_launch_is_claimed_by_both(world: World) -> None:
    await ask(world, 6)
    async with another(world) as second:
        stores = (world.bot.store, second.store)
        hands = await asyncio.gather(*(store.launches.claim(limit=3) for store in stores))
        claimed = [launch.id for hand in hands for launch in hand]
        assert [len(hand) for hand in hands] == [3, 3]
        assert len(set(claimed)) == 6


async def test_two_at_once_start_each_launch_once_and_tell_it_once(world: World) -> None:
    await ask(world, 8)
    async with another(world) as second:
        for _ in range(30):
            await tick(world.bot, second)
            await world.pass_time(seconds=2)
    assert len(world.orchestrator.starts) == 8
    cards = world.slack.messages("ops")
    assert len(cards) == 8
    for card in cards:
        told = world.told(card)
        assert told.count("Started") == 1
        assert told.count("Succeeded") == 1


async def test_one_takes_up_the_launches_of_a_dead_one_when_their_lease_ends(world: World) -> None:
    await ask(world, 1)
    (claimed,) = await world.bot.store.launches.claim(limit=10)
    async with another(world) as second:
        await world.crash()
        world.clock.offset += LESS_THAN_A_LEASE
        await tick(second)
        assert not world.orchestrator.starts
        world.clock.offset += THE_REST
        await tick(second)
        assert len(world.orchestrator.starts) == 1
        launch = await second.store.transact(lambda tx: tx.launch(claimed.id))
        assert launch.state is State.RUNNING


async def test_a_start_that_a_dead_one_had_sent_is_found_by_the_other(world: World) -> None:
    await ask(world, 1)
    slow = world.orchestrator.fault(START, ArmedFault.SLOW)
    ticking = asyncio.create_task(world.bot.tracker.tick())
    async with asyncio.timeout(5):
        await slow.holding()
    async with another(world) as second:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        await world.crash()
        slow.release()
        for _ in range(30):
            world.clock.offset += A_SECOND
            await tick(second)
    (card,) = world.slack.messages("ops")
    assert "It did start, as run" in world.told(card)
    assert len(world.orchestrator.starts) == 1


async def test_of_two_approvals_at_two_replicas_one_counts(world: World) -> None:
    card = await world.launch(world.person("ada"), "delete virtual machine", DELETE)
    launch_id = launch_id_of(card)
    team_id, grace = world.bot.slack.identity.team_id, world.person("grace")
    who = await world.bot.people.member(Somebody(team_id=team_id, user_id=grace.id))
    async with another(world) as second:
        results = await asyncio.gather(
            *(each.approvals.approve(launch_id, who=who) for each in (world.bot, second)),
            return_exceptions=True,
        )
    refused = [each for each in results if isinstance(each, AlreadyDecided)]
    assert len(refused) == 1


async def test_a_claim_that_ended_writes_nothing_any_more(world: World) -> None:
    await ask(world, 1)
    (stale,) = await world.bot.store.launches.claim(limit=10)
    async with another(world) as second:
        world.clock.offset += LESS_THAN_A_LEASE + THE_REST
        await tick(second)
        with pytest.raises(Overtaken):
            await world.bot.launches.begin(stale)
    assert len(world.orchestrator.starts) == 1


async def ask_for_a_move(world: World) -> None:
    """A launch whose objects are looked up right before its start."""
    ada = world.person("ada")
    await world.fill(ada, "move virtual machine", {})
    await world.enter(ada, {"Virtual machine": ("web-01",), "Datastore": (DATASTORE,)})
    assert (await world.send(ada)).ok


async def test_a_machine_that_was_paused_with_its_clock_before_the_start_left_sends_it_no_more(
    world: World,
) -> None:
    (world.folder / "policy.yaml").write_text(ALL_MAY, encoding="utf-8")
    await world.stop()
    await world.start(POLICY_FILE=str(world.folder / "policy.yaml"))
    await ask_for_a_move(world)
    held = world.orchestrator.fault("GET */catalog/*", ArmedFault.SLOW, times=1)
    ticking = asyncio.create_task(world.bot.tracker.tick())
    async with asyncio.timeout(10):
        await held.holding()
    others_clock = Clock()  # goes on, while the first one's stands still
    async with another(world, others_clock) as second:
        for _ in range(60):
            others_clock.offset += timedelta(seconds=5)
            await second.tracker.tick()
            if world.orchestrator.starts:
                break
        assert len(world.orchestrator.starts) == 1
        held.release()
        await ticking
    assert len(world.orchestrator.starts) == 1


async def test_a_start_that_was_held_up_for_most_of_its_lease_is_put_off(world: World) -> None:
    (world.folder / "policy.yaml").write_text(ALL_MAY, encoding="utf-8")
    await world.stop()
    await world.start(POLICY_FILE=str(world.folder / "policy.yaml"))
    await ask_for_a_move(world)
    held = world.orchestrator.fault("GET */catalog/*", ArmedFault.SLOW, times=1)
    ticking = asyncio.create_task(world.bot.tracker.tick())
    async with asyncio.timeout(10):
        await held.holding()
    world.clock.offset += timedelta(seconds=6)
    held.release()
    await ticking
    assert not world.orchestrator.starts
    await world.tick()
    await world.until_told("Started")
    assert len(world.orchestrator.starts) == 1
