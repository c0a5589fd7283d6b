"""Somebody is away: another decides in their name, everybody sees it, and together they count as one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bot.demo.slack.driver.person import PretendPerson
    from tests.world import World

DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
POLICY = Path(__file__).parent / "approvals.yaml"


pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.policy(POLICY)]


@pytest.fixture
def ben(world: World) -> PretendPerson:
    return world.person("ben")


async def stand_in(world: World, away: PretendPerson, other: str, *, days: int = 7) -> None:
    """Let somebody decide in one's name for some days."""
    await away.slash("/vro", "delegate", channel="ops")
    await away.until(lambda: away.view is not None)
    await away.pick("Who decides for me", other)
    await away.type("Until", world.now() + timedelta(days=days))
    assert (await away.submit()).ok


async def said(who: PretendPerson, words: str) -> str:
    """What the command answers."""
    before = len(who.ephemerals("ops"))
    assert (await who.slash("/vro", words, channel="ops")).ok
    await who.until(lambda: len(who.ephemerals("ops")) > before)
    return who.reads(who.ephemerals("ops")[-1])


async def test_a_stand_in_decides_in_the_name_of_who_is_away_and_counts_once(
    world: World, ben: PretendPerson
) -> None:
    grace, linus = world.person("grace"), world.person("linus")
    card = await world.launch(world.person("ada"), "delete virtual", DELETE)
    assert (await grace.press("Approve", in_=card)).ok
    await world.bot.dispatcher.drain(seconds=5)
    assert "not among the approvers" in grace.reads(grace.ephemerals("ops")[-1])
    await stand_in(world, ben, "grace")
    assert "<@U0GRACE> decides for <@U0BEN> until" in ben.reads()
    await world.press(grace, "Approve", card=card)
    await world.tick()
    assert "<@U0GRACE> approved it for <@U0BEN>, who is away" in world.told(card)
    assert "*Approved* by <@U0GRACE> for <@U0BEN>" in ben.reads(world.card())
    await world.press(grace, "Approve")
    assert "one person, one decision" in grace.reads(grace.ephemerals("ops")[-1])
    assert not world.orchestrator.starts
    await world.press(linus, "Approve")
    await world.until_told("Succeeded", card=card)


async def test_everybody_sees_who_is_away_until_it_ends(world: World, ben: PretendPerson) -> None:
    linus = world.person("linus")
    assert "Nobody lets another decide" in await said(linus, "delegate list")
    await stand_in(world, ben, "grace", days=2)
    for words in ("delegate list", "status"):
        assert "<@U0GRACE> decides for <@U0BEN> until" in await said(linus, words), words
    await world.pass_time(hours=49)
    for words in ("delegate list", "status"):
        assert "decides for" not in await said(linus, words), words


async def test_who_is_back_ends_it(world: World, ben: PretendPerson) -> None:
    await stand_in(world, ben, "grace")
    assert "You decide for yourself again" in await said(ben, "delegate off")
    assert "Nobody was deciding for you" in await said(ben, "delegate off")


@pytest.mark.parametrize(
    ("other", "days", "words"),
    [
        ("ben", 1, "cannot stand in for yourself"),
        ("gil", 1, "full members"),
        ("grace", -1, "a moment that is to come"),
        ("grace", 91, "within 90 days"),
    ],
)
async def test_what_cannot_be_is_said_at_its_field(
    world: World, ben: PretendPerson, other: str, days: int, words: str
) -> None:
    await ben.slash("/vro", "delegate", channel="ops")
    await ben.until(lambda: ben.view is not None)
    await ben.pick("Who decides for me", other)
    await ben.type("Until", world.now() + timedelta(days=days))
    sent = await ben.submit()
    assert words in str(sent.errors)
    assert "Nobody lets another decide" in await said(ben, "delegate list")
