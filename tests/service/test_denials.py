"""Whoever is refused for want of a right is named in the audit, at every door."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from bot.domain.draft import LaunchOptions
from bot.domain.errors import NotAllowed, NotAMember, OwnRequest
from bot.domain.people import Membership, Person, Place
from bot.domain.policy import BreakGlass, Group
from bot.domain.steps.finding import Verdict
from tests.service_world import LEADS, RUN_SECONDS, only, open_service_world, person, rule, stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.domain.audit import AuditEntry
    from bot.domain.launch import Launch
    from tests.service_world import ServiceWorld
    from tests.world import World

POLICY = Path(__file__).parent.parent / "slack" / "approvals.yaml"
Door: TypeAlias = "Callable[[ServiceWorld, Launch, Membership], Awaitable[object]]"

OUTSIDER = Membership(person=person("mallory"), is_member=False, email="mallory@elsewhere.example")
DOORS: dict[str, Door] = {
    "approve": lambda office, launch, who: office.bot.approvals.approve(launch.id, who=who),
    "reject": lambda office, launch, who: office.bot.approvals.reject(launch.id, who=who, reason="No."),
    "reject, at its form": lambda office, launch, who: office.bot.approvals.about_to_reject(
        launch.id, who=who
    ),
    "look": lambda office, launch, who: office.bot.launches.read(launch.id, who=who),
    "stop": lambda office, launch, who: office.bot.launches.cancel(launch.id, who=who),
    "settle": lambda office, launch, who: office.bot.launches.settle(
        launch.id, who=who, verdict=Verdict.NOT_STARTED
    ),
    "take a decision back": lambda office, launch, who: office.bot.approvals.withdraw_vote(
        launch.id, who=who
    ),
    "delegate": lambda office, _, who: office.bot.approvals.delegate(
        who=who, to=office.who("eve"), until=office.clock.now() + timedelta(hours=1)
    ),
}


pytestmark = pytest.mark.policy(POLICY)
on_sqlite = pytest.mark.databases("sqlite")


@pytest.fixture
async def office(migrated: str) -> AsyncIterator[ServiceWorld]:
    glass = BreakGlass(by=Group(users=frozenset({"U0DAN"})), review=LEADS)
    async with open_service_world(migrated, only(rule(stage(LEADS, count=2)), break_glass=glass)) as made:
        yield made


async def last(office: ServiceWorld) -> AuditEntry:
    """The newest record of the audit."""
    return (await office.bot.store.audit.page())[-1].entry


@pytest.mark.parametrize("door", DOORS)
async def test_a_refusal_names_who_was_refused_and_what_they_wanted(office: ServiceWorld, door: str) -> None:
    launch = await office.ask("ada")
    office.memberships[OUTSIDER.person] = OUTSIDER
    with pytest.raises((NotAllowed, NotAMember, OwnRequest)) as refused:
        await DOORS[door](office, launch, OUTSIDER)
    entry = await last(office)
    assert (entry.what, entry.user_id, entry.email) == (
        "refused",
        "U0MALLORY",
        "mallory@elsewhere.example",
    )
    assert entry.detail == {"wish": door.partition(",")[0], "why": refused.value.message}
    assert entry.launch_id == ("" if door == "delegate" else launch.id)
    assert await office.now_is(launch) == launch


async def test_who_may_not_review_a_broken_glass_is_named(office: ServiceWorld) -> None:
    launch = await office.ask("dan", wishes=LaunchOptions(break_glass="The shop is down."))
    await office.tick()
    await office.pass_time(seconds=RUN_SECONDS + 5)
    await office.pass_time(seconds=30)
    for name in ("dan", "eve"):
        for review in (office.bot.approvals.may_review, office.bot.approvals.review):
            with pytest.raises((NotAllowed, OwnRequest)):
                await review(launch.id, who=office.who(name))
            entry = await last(office)
            assert (entry.what, entry.user_id) == ("refused", f"U0{name.upper()}")
            assert entry.detail["wish"] == "review"


async def test_a_refusal_while_slack_does_not_tell_says_that_it_is_in_doubt(office: ServiceWorld) -> None:
    launch = await office.ask("ada")
    unknown = Membership(person=person("ben"), is_member=False, is_known=False)
    office.memberships[person("ben")] = unknown
    with pytest.raises(NotAMember):
        await office.bot.approvals.approve(launch.id, who=unknown)
    assert "Slack did not say" in (await last(office)).detail["in_doubt"]


# through Slack


async def refused(world: World) -> list[tuple[str, str]]:
    """Who was refused what, in order."""
    entries = [record.entry for record in await world.bot.store.audit.page()]
    return [(each.user_id, each.detail["wish"]) for each in entries if each.what == "refused"]


@on_sqlite
async def test_each_button_and_command_that_is_refused_is_recorded_once(world: World) -> None:
    ada, grace, gil = (world.person(name) for name in ("ada", "grace", "gil"))
    card = await world.launch(
        ada, "delete virtual", {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
    )
    for button in ("Approve", "Reject"):
        await world.press(grace, button, card=card)
    for button in ("Approve", "Reject", "Review", "Withdraw"):
        await world.press(gil, button, card=card)
    await gil.slash("/vro", "delegate", channel="ops")
    assert await refused(world) == [
        ("U0GRACE", "approve"),
        ("U0GRACE", "reject"),
        *[("U0GUEST", "use the bot")] * 5,
    ]
    await world.press(ada, "Review", card=card)
    assert len(await refused(world)) == 7, "to look at one's own request is no refusal"


@on_sqlite
async def test_who_may_not_stop_a_run_is_recorded_by_button_and_command(world: World) -> None:
    disk = {"Virtual machine": "web-01", "Disk": "0", "New size (GB)": "80"}
    card = await world.launch(world.person("ada"), "resize disk", disk)
    await world.tick()
    linus = world.person("linus")
    await world.press(linus, "Cancel run", card=world.card())
    short = linus.reads(card).partition("Launch `")[2][:8]
    answer = await linus.slash("/vro", f"cancel {short}", channel="ops")
    assert answer.message is not None
    assert "no such launch" in linus.reads(answer.message)
    assert await refused(world) == [("U0LINUS", "stop")] * 2


@on_sqlite
async def test_a_form_that_policy_does_not_open_is_recorded_with_the_workflow(world: World) -> None:
    (found,) = world.bot.catalogue.named("Health report")
    ben = await world.bot.people.membership(Person(team_id=world.bot.slack.identity.team_id, user_id="U0BEN"))
    with pytest.raises(NotAllowed):
        await world.bot.drafts.open(
            workflow=await world.bot.catalogue.definition(found.id),
            who=ben,
            place=Place(channel_id="C0OPS"),
        )
    entry = (await world.bot.store.audit.page())[-1].entry
    assert (entry.what, entry.user_id) == ("refused", "U0BEN")
    assert (entry.detail["workflow"], entry.detail["rule"]) == ("Health report", "two of three")
