"""A call to Slack that outlives its lease: no second card, and no card that stays stale."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.store.database import LEASE
from bot.store.migrating import migrate
from tests.slack.test_approvals import DELETE, POLICY
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.world import World

CHANGES = "C0VMCHANGES"


pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[World]:
    """Where launches need approval."""
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(database)
    async with a_world(tmp_path, database=database, policy=POLICY) as made:
        yield made


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


async def ask_for_approval(world: World) -> None:
    """A launch whose approvers are asked in a channel of theirs, with its home card told."""
    ada = world.person("ada")
    await world.fill(ada, "delete virtual", DELETE, channel="ops")
    assert (await world.send(ada)).ok


async def until_called_in(world: World, channel: str, method: str) -> None:
    async with asyncio.timeout(20):
        while not any(call.arguments.get("channel") == channel for call in world.slack.calls_of(method)):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)


async def test_a_copy_that_slack_took_after_the_claim_was_lost_is_deleted(asking: World) -> None:
    await ask_for_approval(asking)
    asking.slack.faults.slow("chat.postMessage", seconds=2, channel=CHANGES)
    late = asyncio.create_task(asking.bot.announcer.tick())
    await until_called_in(asking, CHANGES, "chat.postMessage")
    await pass_a_lease(asking)
    await asking.bot.announcer.tick()
    await late
    for _ in range(4):
        await asking.pass_time(seconds=10)
    (copy,) = asking.slack.messages("vm-changes")
    assert "Approve" in asking.person("ben").reads(copy)


async def test_a_change_of_a_copy_that_slack_took_after_the_claim_was_lost_is_drawn_anew(
    asking: World,
) -> None:
    await ask_for_approval(asking)
    await asking.tick()
    (copy,) = asking.slack.messages("vm-changes")
    ada = asking.person("ada")
    ben = asking.person("ben")
    await ben.press("Approve", in_={**copy, "channel": CHANGES}, stale=True)
    await asking.bot.dispatcher.drain(seconds=5)
    asking.slack.faults.slow("chat.update", seconds=2, channel=CHANGES)
    late = asyncio.create_task(asking.bot.announcer.tick())
    await until_called_in(asking, CHANGES, "chat.update")
    await ada.press("Withdraw", in_={**asking.card(), "channel": "C0OPS"}, stale=True)
    await asking.bot.dispatcher.drain(seconds=5)
    for _ in range(4):
        await pass_a_lease(asking)
        await asking.bot.announcer.tick()
    await late
    for _ in range(4):
        await asking.pass_time(seconds=10)
    (copy,) = asking.slack.messages("vm-changes")
    assert "Withdrawn" in ben.reads(copy)
