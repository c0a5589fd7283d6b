"""Who people are, asked of a Slack that limits calls, cuts lists and answers nonsense."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

import pytest

from bot.demo.slack import PretendSlack
from bot.demo.slack.faults import Garbage
from bot.demo.slack.people import APPROVERS, TEAM, demo_cast
from bot.demo.slack.state.directory import Member, UserGroup
from bot.domain.errors import MemberUnknown, NotAMember, NotInChannel
from bot.domain.people import Person, Place
from bot.domain.policy import Group, Policy, Rule
from bot.slack.answers import SlackClient, SlackDidNotSay
from bot.slack.channels import Channels
from bot.slack.delivery.posting import Posting
from bot.slack.people import People
from bot.slack.session import open_session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

GARBAGE = get_args(Garbage)


def member(number: int, **more: object) -> Member:
    """A full member of the workspace."""
    person = Member(
        id=f"U{number:04}", name=f"p{number}", real_name=f"Person {number}", team_id=TEAM, email="p@x.example"
    )
    return replace(person, **more)  # type: ignore[arg-type] # a test names real fields


def by_groups(*groups: str) -> Policy:
    """A policy with a rule for each group."""
    rules = (Rule(name=name, folders=("**",), run=Group(groups=frozenset({name}))) for name in groups)
    return Policy(rules=tuple(rules))


@dataclass(kw_only=True)
class Bench:
    """A pretend Slack that keeps its limits, a clock that tests move, and what asks it."""

    slack: PretendSlack
    client: SlackClient
    times: list[timedelta]
    policy: Policy = field(default_factory=Policy)
    teams: frozenset[str] = frozenset({TEAM})

    def __post_init__(self) -> None:
        self.people = People(client=self.client, policy=lambda: self.policy, teams=self.teams, now=self.now)

    def now(self) -> datetime:
        return datetime(2026, 11, 30, 8, tzinfo=UTC) + self.times[0]

    def move(self, **time: float) -> None:
        self.times[0] += timedelta(**time)

    def refused(self) -> int:
        return sum(call.status == 429 for call in self.slack.calls)


@asynccontextmanager
async def a_bench(
    *members: Member,
    groups: tuple[UserGroup, ...] = (),
    policy: Policy | None = None,
    teams: frozenset[str] = frozenset({TEAM}),
) -> AsyncIterator[Bench]:
    """Slack with these people; its rate limits are on."""
    times = [timedelta()]

    def now() -> datetime:
        return datetime(2026, 11, 30, 8, tzinfo=UTC) + times[0]

    cast = demo_cast()
    cast = replace(cast, members=(*cast.members, *members), user_groups=(*cast.user_groups, *groups))
    async with (
        PretendSlack(cast=cast, now=now, rate_limits=True) as slack,
        open_session(proxy=None) as session,
    ):
        client = SlackClient(slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        yield Bench(slack=slack, client=client, times=times, policy=policy or Policy(), teams=teams)


def person(number: int, team: str = TEAM) -> Person:
    """Somebody, as a payload names them."""
    return Person(team_id=team, user_id=f"U{number:04}")


async def test_people_who_were_met_once_cost_no_call_while_nobody_needs_them() -> None:
    async with a_bench(*map(member, range(60))) as bench:
        for number in range(60):
            bench.move(seconds=1.3)
            assert (await bench.people.membership(person(number))).is_member
        before = len(bench.slack.calls)
        for _ in range(30):
            bench.move(minutes=1)
            await bench.people.refresh()
        assert len(bench.slack.calls) == before
        assert not bench.refused()


async def test_a_rush_beyond_the_limit_of_users_info_is_read_by_the_page() -> None:
    async with a_bench(*map(member, range(150))) as bench:
        found = await asyncio.gather(*(bench.people.membership(person(number)) for number in range(150)))
        assert all(who.is_member for who in found)
        assert not bench.refused()
        assert len(bench.slack.calls_of("users.info")) <= 100


async def test_an_old_answer_serves_an_hour_where_slack_limits_and_then_nobody_knows() -> None:
    async with a_bench(member(1)) as bench:
        assert (await bench.people.membership(person(1))).is_member
        bench.slack.faults.limit("*", times=None, retry_after=30)
        bench.move(minutes=59)
        assert (await bench.people.member(person(1))).is_member
        bench.move(minutes=2)
        with pytest.raises(
            MemberUnknown, match=r"Slack did not say .* nothing was started .* in \d+ seconds"
        ):
            await bench.people.member(person(1))


async def test_what_slack_limits_is_not_asked_again_before_its_time() -> None:
    async with a_bench(member(1)) as bench:
        bench.slack.faults.limit("*", times=None, retry_after=30)
        for _ in range(5):
            assert not (await bench.people.membership(person(1))).is_known
        assert len(bench.slack.calls_of("users.info")) == 1
        bench.slack.faults.clear()
        bench.move(seconds=31)
        assert (await bench.people.membership(person(1))).is_member


async def test_somebody_slack_does_not_know_is_no_member_and_that_is_known() -> None:
    async with a_bench() as bench:
        who = await bench.people.membership(person(404))
        assert (who.is_known, who.is_member) == (True, False)
        with pytest.raises(NotAMember) as caught:
            await bench.people.member(person(404))
        assert not isinstance(caught.value, MemberUnknown)


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_an_answer_that_is_not_slacks_says_nothing_of_a_person(garbage: Garbage) -> None:
    async with a_bench(member(1)) as bench:
        bench.slack.faults.garble("users.info", garbage)
        assert not (await bench.people.membership(person(1))).is_known
        assert (await bench.people.membership(person(1))).is_member


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_an_answer_that_is_not_slacks_says_nothing_of_a_group(garbage: Garbage) -> None:
    async with a_bench(policy=by_groups(APPROVERS)) as bench:
        for method in ("usergroups.list", "usergroups.users.list"):
            bench.slack.faults.garble(method, garbage)
        await bench.people.refresh()
        assert await bench.people.members_of(APPROVERS) == frozenset({"U0GRACE", "U0LINUS"})


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_an_answer_that_is_not_slacks_says_nothing_of_a_channel_or_a_post(garbage: Garbage) -> None:
    async with a_bench() as bench:
        channels = Channels(client=bench.client, now=bench.now)
        posting = Posting(client=bench.client, now=bench.now)
        since = bench.now()
        for method in ("conversations.info", "conversations.history", "conversations.open"):
            bench.slack.faults.garble(method, garbage)
        with pytest.raises(SlackDidNotSay):
            await channels.check(Place(channel_id="C0OPS"))
        await channels.check(Place(channel_id="C0OPS"))
        with pytest.raises(NotInChannel):
            await channels.check(Place(channel_id="C0RANDOM"))
        for target in ("C0OPS", "U0ADA"):
            with pytest.raises(SlackDidNotSay):
                await posting.find(target, kind="launch_card", launch_id="1", since=since)
            assert await posting.find(target, kind="launch_card", launch_id="1", since=since) is None


async def test_many_groups_are_read_with_one_call_and_what_is_cut_by_itself() -> None:
    names = [f"S{number:04}" for number in range(150)]
    groups = [UserGroup(id=name, handle=name, name=name, users=["U0ADA", "U0BEN"]) for name in names]
    groups[7].listed_up_to = 1
    async with a_bench(groups=tuple(groups), policy=by_groups(*names)) as bench:
        for _ in range(20):
            await bench.people.refresh()
            ben = await bench.people.membership(Person(team_id=TEAM, user_id="U0BEN"))
            assert (len(ben.groups), ben.unread) == (150, frozenset())
            bench.move(minutes=1)
        assert not bench.refused()
        assert len(bench.slack.calls_of("usergroups.list")) <= 6
        assert {call.arguments["usergroup"] for call in bench.slack.calls_of("usergroups.users.list")} == {
            "S0007"
        }


@pytest.mark.parametrize(
    ("acts_in", "profile", "serves", "is_member"),
    [
        ("T2", {"team_id": "T2", "enterprise_id": "E1", "teams": ("T2",)}, {TEAM, "E1"}, True),
        (TEAM, {"team_id": "E1", "enterprise_id": "E1", "teams": (TEAM,)}, {TEAM, "E1"}, True),
        (TEAM, {"team_id": "T2", "enterprise_id": "E1", "teams": (TEAM, "T2")}, {TEAM}, True),
        ("E1", {"team_id": "T2", "enterprise_id": "E1", "teams": (TEAM, "T2")}, {TEAM}, True),
        ("E1", {"team_id": "T2", "enterprise_id": "E1", "teams": ("T2",)}, {TEAM}, False),
        ("T2", {"team_id": "T2", "enterprise_id": "E2", "teams": ("T2",)}, {TEAM, "E1"}, False),
        (TEAM, {"team_id": "T9"}, {TEAM}, False),
        ("T9", {"team_id": "T9", "is_stranger": True}, {TEAM, "E1"}, False),
        (TEAM, {"team_id": "T2", "enterprise_id": "E1", "is_restricted": True}, {TEAM, "E1"}, False),
    ],
)
async def test_an_organisation_admits_the_members_of_its_workspaces(
    acts_in: str,
    profile: dict[str, object],
    serves: set[str],
    is_member: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    async with a_bench(member(1, id="W0001", **profile), teams=frozenset(serves)) as bench:
        who = await bench.people.membership(Person(team_id=acts_in, user_id="W0001"))
        assert (who.is_known, who.is_member) == (True, is_member)


# of this moment: what votes and starts are decided on


async def test_a_right_that_was_lost_in_slack_is_seen_at_the_next_vote_or_start() -> None:
    async with a_bench(member(1), policy=by_groups(APPROVERS)) as bench:
        bench.slack.directory.user_groups[APPROVERS].users.append("U0001")
        assert (await bench.people.membership_now(person(1))).groups == {APPROVERS}
        bench.slack.directory.change_member("U0001", is_restricted=True)
        bench.slack.directory.user_groups[APPROVERS].users.remove("U0001")
        bench.move(seconds=11)
        kept = await bench.people.membership(person(1))
        assert (kept.is_member, set(kept.groups)) == (
            True,
            {APPROVERS},
        )  # what a click is answered from at once
        now = await bench.people.membership_now(person(1))
        assert (now.is_member, now.groups, now.is_certain) == (False, frozenset(), True)


async def test_what_fails_once_is_asked_again_at_once() -> None:
    async with a_bench(member(1), policy=by_groups(APPROVERS)) as bench:
        bench.slack.faults.status("users.info", 503)
        bench.slack.faults.drop("usergroups.list")
        assert (await bench.people.membership_now(person(1))).is_certain


async def test_while_slack_does_not_answer_what_it_said_five_minutes_ago_is_the_oldest_that_counts() -> None:
    async with a_bench(member(1), policy=by_groups(APPROVERS)) as bench:
        await bench.people.membership_now(person(1))
        for method in ("users.info", "users.list", "usergroups.list", "usergroups.users.list"):
            bench.slack.faults.status(method, 503, times=None)
        bench.move(minutes=4)
        assert (await bench.people.membership_now(person(1))).is_certain
        bench.move(minutes=2)
        old = await bench.people.membership_now(person(1))
        assert (old.is_member, old.is_known, set(old.unread)) == (False, False, {APPROVERS})


async def test_a_rush_of_votes_and_starts_keeps_slacks_limits() -> None:
    async with a_bench(*map(member, range(5)), policy=by_groups(APPROVERS)) as bench:
        for number in range(100):
            bench.move(seconds=0.6)
            assert (await bench.people.membership_now(person(number % 5))).is_certain
        assert not bench.refused()


# who is in a channel


async def test_who_is_in_a_channel_is_asked_and_kept_for_a_minute() -> None:
    async with a_bench(member(1)) as bench:
        channel = bench.slack.directory.channel("ops")
        assert await bench.people.in_channel(person(1), channel.id) is False
        channel.members.add("U0001")
        assert await bench.people.in_channel(person(1), channel.id) is True
        channel.members.remove("U0001")
        assert await bench.people.in_channel(person(1), channel.id) is True
        bench.move(seconds=61)
        assert await bench.people.in_channel(person(1), channel.id) is False


async def test_somebody_is_found_among_thousands() -> None:
    async with a_bench(member(1)) as bench:
        channel = bench.slack.directory.channel("ops")
        channel.members |= {f"U8{number:05}" for number in range(2500)} | {"U9LAST"}
        assert await bench.people.in_channel(Person(team_id=TEAM, user_id="U9LAST"), channel.id) is True
        asked = [call for call in bench.slack.calls if call.method == "conversations.members"]
        assert len(asked) == 3


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_an_answer_that_is_not_slacks_says_nothing_of_who_is_in_a_channel(garbage: Garbage) -> None:
    async with a_bench(member(1)) as bench:
        channel = bench.slack.directory.channel("ops")
        channel.members.add("U0001")
        bench.slack.faults.garble("conversations.members", garbage)
        assert await bench.people.in_channel(person(1), channel.id) is None


async def test_a_channel_the_bot_may_not_see_is_not_known() -> None:
    async with a_bench(member(1)) as bench:
        assert await bench.people.in_channel(person(1), "C0NOWHERE") is None
