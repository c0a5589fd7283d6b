"""Whatever people, policy, clock and crashes do in whatever order: what approvals promise holds.

Hypothesis drives a real bot on a real SQLite file and a pretend Orchestrator; with the profile
`thorough` it looks longer.
"""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.draft import LaunchOptions
from bot.domain.errors import Refusal
from bot.domain.launch import OPEN, Launch, State
from bot.domain.policy import BreakGlass, Freeze, Group, OnExpiry, Policy, Span
from tests.service_world import LEADS, MANAGERS, NAMES, only, open_service_world, patching, person, stage
from tests.service_world import rule as a_rule

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from datetime import datetime

    from bot.domain.people import Person
    from tests.service_world import ServiceWorld

EXAMPLES = settings().max_examples // 3  # each is a bot's life
Result = TypeVar("Result")

POLICIES: dict[str, Policy] = {
    "nobody": only(a_rule(one_at_a_time="vmName")),
    "one lead": only(a_rule(stage(LEADS))),
    "two leads": only(a_rule(stage(LEADS, count=2)), at_most=2),
    "a lead, then a manager": only(
        a_rule(stage(LEADS, hours=2), stage(MANAGERS, hours=2), one_at_a_time="vmName")
    ),
    "a second group": only(
        a_rule(
            stage(LEADS, escalate=MANAGERS, escalate_after=timedelta(minutes=30)), on_expiry=OnExpiry.ESCALATE
        )
    ),
    "nothing": Policy(),
}
WISHES = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(["web-01", "web-02"]),
    st.sampled_from([0, 90, 200]),  # minutes until it shall start
    st.sampled_from(["", "", "", "The shop is down."]),
)
NUMBERS = st.integers(0, 5)
GLASS = BreakGlass(by=Group(users=frozenset({"U0DAN"})), review=MANAGERS)


class Approving(RuleBasedStateMachine):
    """Everything at once."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory(prefix="approving-")
        self.stack = AsyncExitStack()
        self.office: ServiceWorld = self.do(self.stack.enter_async_context(self.opened()))
        self.begin = self.office.clock.now()
        self.freeze = (self.begin + timedelta(hours=3), self.begin + timedelta(hours=5))
        self.version = 1
        self.asked: list[Launch] = []
        self.judged = 0  # starts that were looked at
        self.away: dict[Person, tuple[Person, datetime]] = {}  # who decides for whom, and until when

    def opened(self) -> Any:  # noqa: ANN401 - a context manager that the stack enters
        """An office on a file of its own."""
        return open_service_world(f"sqlite:///{Path(self.folder.name) / 'bot.sqlite3'}", POLICIES["nobody"])

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a piece of the bot's work to its end."""
        return self.loop.run_until_complete(asyncio.wait_for(work, 20))

    def teardown(self) -> None:
        """Let time pass until every request has ended, then close."""
        try:
            self.every_request_ends()
        finally:
            self.do(self.stack.aclose())
            self.loop.close()
            self.folder.cleanup()

    # what happens

    @initialize(
        name=st.sampled_from(sorted(set(POLICIES) - {"nothing"})),
        frozen=st.booleans(),
        away=st.sampled_from([1, 30]),  # hours for which a lead is stood in for
        wishes=st.lists(WISHES, min_size=2, max_size=4),
    )
    def begins(self, *, name: str, frozen: bool, away: int, wishes: list[tuple[str, str, int, str]]) -> None:
        self.spans = (Span(begin=naive(self.freeze[0]), end=naive(self.freeze[1])),) if frozen else ()
        self.policy_changes(name)
        self.somebody_is_away("ben", "ada", away)
        here = [each for each in NAMES if person(each) not in self.away]
        for number, wish in enumerate(wishes):
            self.somebody_asks(wish)
            if self.asked:
                self.people_approve_at_once(number, here)

    @rule(name=st.sampled_from(sorted(POLICIES)))
    def policy_changes(self, name: str) -> None:
        freezes = (Freeze(name="freeze", zone="UTC", spans=self.spans),) if self.spans else ()
        chosen = POLICIES[name]
        self.office.policy = Policy(
            rules=chosen.rules, at_most=chosen.at_most, freezes=freezes, break_glass=GLASS
        )

    @rule(wish=WISHES)
    def somebody_asks(self, wish: tuple[str, str, int, str]) -> None:
        name, vm, later, glass = wish
        start_at = self.office.clock.now() + timedelta(minutes=later) if later else None
        with suppress(Refusal):
            wishes = LaunchOptions(start_at=start_at, break_glass=glass)
            self.asked.append(self.do(self.office.ask(name, vm=vm, wishes=wishes)))

    @precondition(lambda self: self.asked)
    @rule(number=NUMBERS, names=st.just(NAMES) | st.lists(st.sampled_from(NAMES), min_size=1, max_size=3))
    def people_approve_at_once(self, number: int, names: Sequence[str]) -> None:
        launch = self.one(number)

        async def all_of_them() -> None:
            clicks = (self.office.approve(name, launch) for name in names)
            for result in await asyncio.gather(*clicks, return_exceptions=True):
                if isinstance(result, BaseException) and not isinstance(result, Refusal):
                    raise result

        self.do(all_of_them())
        self.look_at_new_starts()

    @precondition(lambda self: self.asked)
    @rule(number=NUMBERS, name=st.sampled_from(NAMES))
    def somebody_rejects(self, number: int, name: str) -> None:
        launch = self.one(number)
        self.quietly(self.office.bot.approvals.reject(launch.id, who=self.office.who(name), reason="No."))

    @precondition(lambda self: self.asked)
    @rule(number=NUMBERS, name=st.sampled_from(NAMES))
    def somebody_takes_their_vote_back(self, number: int, name: str) -> None:
        launch = self.one(number)
        self.quietly(self.office.bot.approvals.withdraw_vote(launch.id, who=self.office.who(name)))

    @precondition(lambda self: self.asked)
    @rule(number=NUMBERS)
    def the_requester_withdraws(self, number: int) -> None:
        launch = self.one(number)
        who = self.office.memberships[launch.requester]
        self.quietly(self.office.bot.launches.cancel(launch.id, who=who))

    @rule(by=st.sampled_from(NAMES), to=st.sampled_from(NAMES), hours=st.sampled_from([1, 30]))
    def somebody_is_away(self, by: str, to: str, hours: int) -> None:
        until = self.office.clock.now() + timedelta(hours=hours)
        who, other = self.office.who(by), self.office.who(to)
        self.quietly(self.office.bot.approvals.delegate(who=who, to=other, until=until))
        if by != to:
            self.away[who.person] = (other.person, until)

    @rule(name=st.sampled_from(NAMES))
    def somebody_is_back(self, name: str) -> None:
        self.do(self.office.bot.approvals.end_delegation(who=self.office.who(name)))
        self.away.pop(person(name), None)

    @rule(
        name=st.sampled_from(NAMES),
        groups=st.sampled_from([(), ("S0LEADS",), ("S0MANAGERS",), ("S0LEADS", "S0MANAGERS")]),
    )
    def somebody_changes_groups(self, name: str, groups: tuple[str, ...]) -> None:
        self.office.put(name, *groups)

    @rule(number=st.integers(0, 1))
    def who_approved_loses_the_right(self, number: int) -> None:
        held = [launch for launch in self.open_launches() if launch.hold and launch.approval]
        for launch in held[number : number + 1]:
            for vote in launch.approval.votes if launch.approval else ():
                self.office.put(vote.right.user_id.removeprefix("U0").lower())

    @rule(number=st.integers(0, 1))
    def who_is_stood_in_for_is_back(self, number: int) -> None:
        held = [launch for launch in self.open_launches() if launch.hold and launch.approval]
        for launch in held[number : number + 1]:
            for vote in launch.approval.votes if launch.approval else ():
                self.somebody_is_back(vote.right.user_id.removeprefix("U0").lower())

    @rule()
    def the_workflow_changes(self) -> None:
        self.version += 1
        self.office.orchestrator.add_workflow(patching(version=f"{self.version}.0.0"))

    @rule(minutes=st.sampled_from([0.5, 5, 31, 61]))
    def time_passes(self, minutes: float) -> None:
        self.do(self.office.pass_time(minutes=minutes))
        self.look_at_new_starts()

    @rule()
    def the_bot_is_restarted(self) -> None:
        self.do(self.office.restart())

    def one(self, number: int) -> Launch:
        """One of the launches."""
        return self.asked[number % len(self.asked)]

    def quietly(self, work: Coroutine[Any, Any, object]) -> None:
        """A refusal is an answer."""
        with suppress(Refusal):
            self.do(work)

    # what holds

    def look_at_new_starts(self) -> None:
        """Judge each start when it has just left, by what holds at that moment."""
        new = self.office.orchestrator.starts[self.judged :]
        self.judged += len(new)
        now = [self.do(self.office.now_is(launch)) for launch in self.asked]
        for start in new:
            (launch,) = [each for each in now if each.execution_id == start.execution_id]
            self.was_rightly_started(launch, start.at)

    def was_rightly_started(self, launch: Launch, at: datetime) -> None:
        """By enough distinct people who may approve, for just this, not in a freeze, not before its time."""
        assert launch.start_at is None or launch.start_at <= at
        assert launch.workflow.version == f"{self.version}.0.0", "what runs is what was asked for"
        if launch.break_glass:
            assert launch.requester == person("dan")
            return
        assert not self.spans or not self.freeze[0] <= at < self.freeze[1]
        (rule_,) = self.office.policy.rules
        votes = launch.approval.votes if launch.approval else ()
        assert all(vote.digest == launch.digest for vote in votes)
        for vote in votes:
            assert vote.stands_in_for is None or self.is_stood_in_for(vote.stands_in_for, vote.by, at)
        identities: list[Person] = [who for vote in votes for who in {vote.by, vote.right}]
        assert len(identities) == len(set(identities)), "one human, one vote"
        assert launch.requester not in identities
        passed = launch.approval.stages if launch.approval else ()
        assert len(passed) >= len(rule_.approve)
        for asked, passed_stage in zip(rule_.approve, passed, strict=False):
            may = asked.by | asked.escalate if asked.escalate else asked.by
            rightly = [
                vote for vote in passed_stage.membership if may.has(self.office.memberships[vote.right])
            ]
            assert len(rightly) >= asked.count

    def is_stood_in_for(self, away: Person, by: Person, at: datetime) -> bool:
        """Whether somebody decided in another's name at that moment."""
        to, until = self.away[away]
        return to == by and at < until

    @invariant()
    def nothing_is_started_twice_and_machines_are_not_shared(self) -> None:
        now = [self.do(self.office.now_is(launch)) for launch in self.asked]
        runs = [launch.execution_id for launch in now if launch.execution_id]
        assert len(runs) == len(set(runs)) == len(self.office.orchestrator.starts)
        locked = [
            launch.lock for launch in now if launch.lock and launch.state in {State.RUNNING, State.WAITING}
        ]
        assert len(locked) == len(set(locked))

    def every_request_ends(self) -> None:
        """Nobody does anything any more, and time passes."""
        for _ in range(80):
            if not self.open_launches():
                return
            self.time_passes(7)
        assert self.open_launches() == []

    def open_launches(self) -> list[Launch]:
        now = (self.do(self.office.now_is(launch)) for launch in self.asked)
        return [launch for launch in now if launch.state in OPEN]


def naive(moment: datetime) -> datetime:
    """As a clock on the wall shows it in UTC."""
    return moment.replace(tzinfo=None)


TestApproving = Approving.TestCase
TestApproving.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
