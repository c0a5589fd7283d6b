"""A call to Slack that outlives its lease: no second card, and no card that stays stale."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.store.database import LEASE

if TYPE_CHECKING:
    from tests.world import World


pytestmark = pytest.mark.databases("sqlite")


async def until_called(world: World, method: str) -> None:
    async with asyncio.timeout(20):
        while not world.slack.calls_of(method):  # noqa: ASYNC110 - another process, so to speak, calls
            await asyncio.sleep(0.01)


async def pass_a_lease(world: World) -> None:
    """Nothing is claimed and told by anybody but by the test."""
    world.clock.offset += LEASE + timedelta(seconds=1)


async def test_a_card_that_slack_took_after_the_claim_was_lost_is_deleted(world: World) -> None:
    ada = world.person("ada")
    await world.fill(ada, "health report", {}, channel="ops")
    assert (await world.send(ada)).ok
    world.slack.faults.slow("chat.postMessage", seconds=2)
    late = asyncio.create_task(world.bot.announcer.tick())
    await until_called(world, "chat.postMessage")
    await pass_a_lease(world)
    await world.bot.announcer.tick()
    await late
    for _ in range(4):
        await world.pass_time(seconds=10)
    (card,) = world.slack.messages("ops")
    assert "Succeeded" in ada.reads(card)
    assert "Succeeded" in world.told(card)


async def test_a_change_that_slack_took_after_the_claim_was_lost_is_drawn_anew(world: World) -> None:
    ada = world.person("ada")
    await world.fill(ada, "health report", {}, channel="ops")
    assert (await world.send(ada)).ok
    await world.bot.announcer.tick()
    await world.bot.tracker.tick()
    world.slack.faults.slow("chat.update", seconds=2)
    late = asyncio.create_task(world.bot.announcer.tick())
    await until_called(world, "chat.update")
    for _ in range(4):
        await pass_a_lease(world)
        await world.bot.tracker.tick()
        await world.bot.announcer.tick()
    await late
    for _ in range(4):
        await world.pass_time(seconds=10)
    (card,) = world.slack.messages("ops")
    assert "Succeeded" in ada.reads(card)


async def test_what_was_found_in_doubt_is_noted_before_a_pause_ends_the_doubt(world: World) -> None:
    ada = world.person("ada")
    await world.fill(ada, "health report", {}, channel="ops")
    assert (await world.send(ada)).ok
    world.slack.faults.lose_answer("chat.postMessage")  # the card is there, and nobody heard so
    await world.bot.announcer.tick()
    await pass_a_lease(world)
    world.slack.faults.limit("chat.postMessage", retry_after=1)  # the story has to wait
    await world.bot.announcer.tick()
    await pass_a_lease(world)
    world.slack.faults.lose_answer("chat.postMessage")  # now the story is there as well
    await world.bot.announcer.tick()
    await pass_a_lease(world)
    world.slack.faults.limit("chat.update", retry_after=1)  # found in the thread; the card has to wait
    await world.bot.announcer.tick()
    for _ in range(6):
        await world.pass_time(seconds=30)
    (card,) = world.slack.messages("ops")
    assert world.told(card).count("asked for this launch") == 1
    assert "Succeeded" in world.told(card)
