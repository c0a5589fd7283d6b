"""`channels:` in a rule means that the person is in that channel, not that its id was named."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.draft import LaunchOptions
from bot.domain.errors import ChannelUnknown, NotAllowed, NotTheirChannel, UnknownPreset
from bot.domain.launch import State
from bot.domain.policy import Policy, Rule
from bot.service.places import Places
from bot.service.presets import Presets
from tests.service_world import LEADS, OPS, only, open_service_world, person, rule, stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.service_world import ServiceWorld

IN_OPS = rule(name="in ops", channels=frozenset({OPS.channel_id}))
ANYWHERE = rule(stage(LEADS), name="anywhere")


@pytest.fixture
async def office(migrated: str) -> AsyncIterator[ServiceWorld]:
    async with open_service_world(migrated, only(IN_OPS)) as made:
        yield made


def outside(office: ServiceWorld, name: str, *, known: bool = True) -> None:
    office.channels[person(name), OPS.channel_id] = False if known else None


async def test_who_is_not_in_the_channel_is_not_let_by_a_rule_for_it(office: ServiceWorld) -> None:
    outside(office, "ada")
    with pytest.raises(NotAllowed, match=r"is for people in this channel\. Nothing was started"):
        await office.ask("ada")
    await office.ask("ben")


async def test_a_later_rule_for_any_place_counts_for_them(office: ServiceWorld) -> None:
    office.policy = Policy(rules=(IN_OPS, ANYWHERE))
    outside(office, "ada")
    assert (await office.ask("ada")).rule == "anywhere"
    assert (await office.ask("ben")).rule == "in ops"


async def test_where_slack_does_not_say_nobody_is_let_and_no_later_rule_counts(office: ServiceWorld) -> None:
    office.policy = Policy(rules=(IN_OPS, rule(name="laxer")))
    outside(office, "ada", known=False)
    with pytest.raises(NotAllowed, match="Slack does not say just now"):
        await office.ask("ada")


@pytest.mark.parametrize("known", [True, False])
async def test_who_left_the_channel_meanwhile_starts_nothing(office: ServiceWorld, known: bool) -> None:  # noqa: FBT001 - a case
    wishes = LaunchOptions(start_at=office.clock.now() + timedelta(hours=3))
    launch = await office.ask("ada", wishes=wishes)
    outside(office, "ada", known=known)
    await office.pass_time(hours=3.1)
    now = await office.now_is(launch)
    assert (now.state, office.starts()) == (State.FAILED if known else State.APPROVED, 0)
    office.channels.clear()
    await office.pass_time(minutes=6)
    assert office.starts() == (0 if known else 1)


async def test_a_place_that_was_chosen_is_one_they_are_in_whatever_the_rules(office: ServiceWorld) -> None:
    office.policy = only(ANYWHERE)
    places = Places(policy=lambda: office.policy, in_channel=office.in_channel)
    draft = await office.draft("ada")
    for known, error in ((True, NotTheirChannel), (False, ChannelUnknown)):
        outside(office, "ada", known=known)
        with pytest.raises(error):
            await places.allow(
                workflow=draft.workflow, who=office.who("ada"), place=OPS, is_place_chosen=True
            )
    found: Rule = await places.allow(
        workflow=draft.workflow, who=office.who("ada"), place=OPS, is_place_chosen=False
    )
    assert found.name == "anywhere"


async def test_a_preset_shared_with_a_channel_is_for_who_is_in_it(office: ServiceWorld) -> None:
    places = Places(policy=lambda: office.policy, in_channel=office.in_channel)
    presets = Presets(store=office.bot.store, places=places)
    launch = await office.ask("ben")
    kept = await presets.save(who=office.who("ben"), workflow=launch.workflow, name="Nightly", arguments=[])
    await presets.change(kept.id, who=office.who("ben"), name="Nightly", channel_id=OPS.channel_id)
    ada = office.who("ada")
    assert len(await presets.offered(who=ada, place=OPS)) == 1
    for known, error in ((True, UnknownPreset), (False, ChannelUnknown)):
        outside(office, "ada", known=known)
        assert await presets.offered(who=ada, place=OPS) == ()
        with pytest.raises(error):
            await presets.read(kept.id, who=ada, place=OPS)
    outside(office, "ben")
    assert len(await presets.offered(who=office.who("ben"), place=OPS)) == 1
