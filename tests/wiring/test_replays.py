"""A payload that comes a second time, newly signed, after a restart or at another replica, has no effect."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.domain.launch import State
from bot.domain.people import Person as Somebody
from bot.slack.receivers.http import PATH
from bot.store.inbox import REMEMBERED
from bot.store.migrating import migrate
from bot.wiring.build import build
from bot.wiring.port import listening
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.demo.slack.delivery.envelope import Delivery
    from bot.demo.slack.driver.person import PretendPerson
    from tests.world import World

POLICY = Path(__file__).parent.parent / "slack" / "approvals.yaml"


@pytest.fixture
async def world(tmp_path: Path, database: str) -> AsyncIterator[World]:
    await migrate(database)
    async with a_world(tmp_path, database=database, policy=POLICY) as made:
        yield made


async def replayed(world: World, delivery: Delivery) -> None:
    await world.slack.replay(delivery)
    await world.bot.dispatcher.drain(seconds=5)
    await world.tick()


async def approved_and_taken_back(world: World) -> tuple[str, Delivery]:
    """Ben's yes, and its payload; by now he has taken it back."""
    ben = world.person("ben")
    card = await world.launch(world.person("ada"), "health report")
    await world.press(ben, "Approve", card=card)
    delivery = world.slack.deliveries[-1]
    launch_id = delivery.payload["actions"][0]["value"].split(" ")[0]
    await world.bot.approvals.withdraw_vote(launch_id, who=await world.bot.people.membership(person_of(ben)))
    return launch_id, delivery


async def votes(world: World, launch_id: str) -> int:
    launch = await world.the_launch(launch_id)
    assert launch.state is State.AWAITING_APPROVAL
    return len(launch.approval.votes) if launch.approval else 0


@pytest.mark.parametrize("where", ["here", "after a restart"])
async def test_a_replayed_yes_does_not_count_again_after_it_was_taken_back(world: World, where: str) -> None:
    launch_id, delivery = await approved_and_taken_back(world)
    if where == "after a restart":
        await world.stop()
        await world.start()
    await replayed(world, delivery)
    assert await votes(world, launch_id) == 0
    await world.press(world.person("ben"), "Approve")
    assert await votes(world, launch_id) == 1


async def test_nor_at_another_replica(world: World, database: str) -> None:
    if database.startswith("sqlite"):
        pytest.skip("one process per SQLite file")
    launch_id, delivery = await approved_and_taken_back(world)
    async with (
        build(world.settings, clock=world.clock) as other,
        listening(world.settings, lambda: other) as port,
    ):
        world.slack.deliver_to(f"http://127.0.0.1:{port}{PATH}")
        await world.slack.replay(delivery)
        await other.dispatcher.drain(seconds=5)
        assert await votes(world, launch_id) == 0


async def test_a_replayed_form_does_not_delegate_again(world: World) -> None:
    ben = world.person("ben")
    await ben.slash("/vro", "delegate", channel="ops")
    await ben.until(lambda: ben.view is not None)
    await ben.pick("Who decides for me", "linus")
    await ben.type("Until", world.now() + timedelta(days=3))
    assert (await ben.submit()).ok
    await world.bot.dispatcher.drain(seconds=5)
    sent = world.slack.deliveries[-1]
    assert len(await world.bot.approvals.delegations()) == 1
    await world.bot.approvals.end_delegation(who=await world.bot.people.membership(person_of(ben)))
    await world.stop()
    await world.start()
    await replayed(world, sent)
    assert await world.bot.approvals.delegations() == ()


async def test_every_payload_of_a_story_changes_nothing_when_it_comes_again(world: World) -> None:
    ada, ben, grace = world.person("ada"), world.person("ben"), world.person("grace")
    card = await world.launch(ada, "health report")
    await world.press(ben, "Approve", card=card)
    await world.press(grace, "Approve", card=world.card())
    await world.until_told("Succeeded")
    starts, audited = len(world.orchestrator.starts), len(await world.bot.store.audit.page())
    cards = len(world.slack.messages("ops"))
    await world.stop()
    await world.start()
    for delivery in list(world.slack.deliveries):
        await replayed(world, delivery)
    await world.pass_time(minutes=1)
    assert len(world.orchestrator.starts) == starts == 1
    assert len(await world.bot.store.audit.page()) == audited
    assert len(world.slack.messages("ops")) == cards


async def test_what_was_seen_is_forgotten_when_no_signature_counts_any_more(world: World) -> None:
    inbox = world.bot.store.inbox
    assert await inbox.is_first("a")
    assert not await inbox.is_first("a")
    world.clock.offset += REMEMBERED + timedelta(minutes=2)
    await inbox.claim(limit=1)
    assert await inbox.is_first("a")


def person_of(who: PretendPerson) -> Somebody:
    return Somebody(team_id=who.member.team_id, user_id=who.member.id)
