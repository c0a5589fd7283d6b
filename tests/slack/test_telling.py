"""How a launch is told in Slack: each message once, each card in its place and up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bot.demo.slack.driver.person import PretendPerson
    from tests.world import World


pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def ada(world: World) -> PretendPerson:
    return world.person("ada")


async def ask(world: World, who: PretendPerson, *, channel: str) -> None:
    """A launch that needs no approval, sent and not told yet."""
    await world.fill(who, "health report", {}, channel=channel)
    assert (await world.send(who)).ok


async def let_pass(world: World) -> None:
    """Time enough for every second try."""
    for _ in range(6):
        await world.pass_time(seconds=10)


async def test_a_card_in_direct_messages_whose_answer_was_lost_is_not_posted_twice(
    world: World, ada: PretendPerson
) -> None:
    await ask(world, ada, channel=ada.dm)
    world.slack.faults.lose_answer("chat.postMessage")
    await let_pass(world)
    (card,) = world.slack.messages(ada.dm)
    assert "Succeeded" in ada.reads(card)


async def test_a_card_that_went_to_the_requester_instead_is_not_posted_twice(
    world: World, ada: PretendPerson
) -> None:
    await ask(world, ada, channel="ops")
    world.slack.directory.channel("ops").members.discard("U0BOT")
    world.slack.faults.fail("chat.postMessage", "not_in_channel")
    world.slack.faults.lose_answer("chat.postMessage")
    await let_pass(world)
    (card,) = world.slack.messages(ada.dm)
    assert "Succeeded" in ada.reads(card)


async def test_changes_wait_while_slack_asks_to_slow_down_and_then_show_only_the_latest(
    world: World, ada: PretendPerson
) -> None:
    await ask(world, ada, channel="ops")
    await world.tick()
    world.slack.faults.limit("chat.update", retry_after=60)
    for _ in range(5):
        await world.pass_time(seconds=10)
    assert "Succeeded" in world.told()
    assert "Succeeded" not in ada.reads(world.card())
    assert [call.method for call in world.slack.calls].count("chat.update") == 1
    await world.pass_time(seconds=25)
    assert "Succeeded" in ada.reads(world.card())
    assert [call.method for call in world.slack.calls].count("chat.update") == 2


async def test_a_card_does_not_wait_until_its_thread_takes_posts_again(
    world: World, ada: PretendPerson
) -> None:
    await ask(world, ada, channel="ops")
    await world.tick()
    world.slack.faults.limit("chat.postMessage", retry_after=60)
    for _ in range(5):
        await world.pass_time(seconds=10)
    assert "Succeeded" not in world.told()
    assert "Succeeded" in ada.reads(world.card())
    changes = len(world.slack.calls_of("chat.update"))
    await world.pass_time(seconds=25)
    assert "Succeeded" in world.told()
    assert len(world.slack.calls_of("chat.update")) == changes
