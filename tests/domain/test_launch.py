"""The life of a launch: no step leaves the drawing, ends are ends, and nothing starts twice unlooked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.approval import Voter
from bot.domain.draft import Draft, LaunchOptions
from bot.domain.errors import AlreadyDecided, Busy, Refusal, TooLate, Unreachable
from bot.domain.execution import Execution, ExecutionState
from bot.domain.forms.form import Form
from bot.domain.launch import IN_ORCHESTRATOR, NEXT, OPEN, Happening, Launch, State, plan
from bot.domain.people import Membership, Person, Place
from bot.domain.policy import Group, Policy, Rule, StageRule
from bot.domain.policy.policy import judge
from bot.domain.policy.ruling import Wish
from bot.domain.seal import WorkflowSeal
from bot.domain.steps import Due, Step, asking, deciding, finding, following, starting, stopping, waiting
from bot.domain.steps.changes import FreshWorkflow
from bot.domain.steps.finding import Verdict
from bot.domain.workflow import Workflow
from tests.strategies import NOON, launches

if TYPE_CHECKING:
    from collections.abc import Callable

ADA = Membership(person=Person(team_id="T", user_id="U0ADA"), is_member=True)
GRACE = Membership(person=Person(team_id="T", user_id="U0GRACE"), is_member=True, groups=frozenset({"S1"}))
VOTER = Voter(who=GRACE)
SETTLE = timedelta(minutes=1)
IN_AN_HOUR = StageRule(by=Group(groups=frozenset({"S1"})), within=timedelta(hours=1))
APPROVERS = (IN_AN_HOUR,)


def requested(*, approve: tuple[StageRule, ...] = (), safe: bool = False) -> Step:
    """The first step of a launch."""
    draft = Draft(
        id="1",
        person=ADA.person,
        place=Place(channel_id="C"),
        workflow=Workflow(id="w", name="w"),
        form=Form(),
        expires_at=NOON,
    )
    rule_ = Rule(name="r", folders=("**",), run=Group(everyone=True), approve=approve, safe_to_repeat=safe)
    wish = Wish(workflow=draft.workflow, who=ADA, place=draft.place, arguments=())
    return asking.requested(
        draft,
        who=ADA,
        ruling=judge(Policy(rules=(rule_,)), wish),
        rule=rule_,
        arguments=(),
        wishes=LaunchOptions(),
        fresh=FreshWorkflow(workflow=draft.workflow, seal=WorkflowSeal(definition="e" * 64), digest="d" * 64),
        now=NOON,
    )


# the drawing


def test_every_state_is_drawn_and_every_end_can_be_reached() -> None:
    assert set(NEXT) == set(State)
    reached, todo = set(), [State.AWAITING_APPROVAL]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += NEXT[state]
    assert reached == set(State)


def test_from_every_open_state_some_end_can_be_reached() -> None:
    for state in OPEN:
        seen: set[State] = set()
        todo = {state}
        while todo:
            seen |= todo
            todo = {after for each in todo for after in NEXT[each]} - seen
        assert any(each.is_end for each in seen)


def test_ends_are_those_that_nothing_follows() -> None:
    ends = {state for state in State if state.is_end}
    assert ends == set(State) - OPEN
    assert ends == {
        State.SUCCEEDED,
        State.FAILED,
        State.CANCELLED,
        State.LOST,
        State.REJECTED,
        State.EXPIRED,
        State.WITHDRAWN,
    }
    assert IN_ORCHESTRATOR <= OPEN


def test_nothing_starts_but_what_is_approved_and_starting_is_left_only_with_an_answer() -> None:
    assert {state for state in State if State.STARTING in NEXT[state]} == {State.APPROVED}
    assert State.STARTING not in NEXT[State.UNCERTAIN]


@given(launches, st.sampled_from(State))
def test_a_launch_moves_only_along_the_drawing(launch: Launch, to: State) -> None:
    if to in NEXT[launch.state]:
        assert launch.move(to).state is to
    else:
        with pytest.raises(TooLate):
            launch.move(to)


def test_the_drawing_can_be_told_in_words() -> None:
    assert plan()["approved"] == ("awaiting approval", "failed", "starting", "withdrawn")
    assert plan()["succeeded"] == ()
    assert len(plan()) == len(State)


# every step from every state


@dataclass(frozen=True, kw_only=True)
class Named:
    """A step with its name."""

    name: str
    take: Callable[[Launch], Step]


def a_run(state: ExecutionState) -> Execution:
    """A run that is over."""
    return Execution(id="e1", state=state, start_date=NOON, end_date=NOON + timedelta(seconds=5))


def looking(*ours: str) -> Named:
    return Named(
        name=f"looked and saw {len(ours)}",
        take=lambda it: finding.looked(it, ours=ours, settle=SETTLE, now=NOON),
    )


def settling(verdict: Verdict) -> Named:
    return Named(
        name=f"settled: {verdict.value}",
        take=lambda it: finding.settled(it, who=ADA, verdict=verdict, execution_id="e1", now=NOON),
    )


def seeing(state: State) -> Named:
    run = ExecutionState(state.value)
    return Named(name=f"seen {state.value}", take=lambda it: following.seen(it, run=run, now=NOON))


def ending(state: ExecutionState) -> Named:
    return Named(
        name=f"ended {state.value}",
        take=lambda it: following.ended(it, end=state, run=a_run(state), now=NOON),
    )


def unreading(looks: int) -> Named:
    return Named(
        name=f"unread {looks}",
        take=lambda it: following.unread(
            replace(it, unread_looks=looks), end=ExecutionState.FAILED, cause=Unreachable(), now=NOON
        ),
    )


STEPS = [
    Named(name="approved", take=lambda it: deciding.approved(it, VOTER, comment="", seen="", now=NOON)),
    Named(name="rejected", take=lambda it: deciding.rejected(it, VOTER, reason="no", seen="", now=NOON)),
    Named(name="expired", take=lambda it: waiting.waited(it, now=NOON + timedelta(hours=2))),
    Named(name="stopped", take=lambda it: stopping.stopped(it, by=ADA.person, now=NOON)),
    Named(name="starting", take=lambda it: starting.starting(it, now=NOON)),
    Named(name="started", take=lambda it: starting.started(it, execution_id="e1", now=NOON)),
    Named(name="held up", take=lambda it: starting.held_up(it, cause=Unreachable(), now=NOON)),
    Named(name="declined", take=lambda it: starting.declined(it, detail="No.", now=NOON)),
    Named(name="uncertain", take=lambda it: finding.uncertain(it, cause="Lost.", now=NOON)),
    *(looking(*ours) for ours in ((), ("e1",), ("e1", "e2"))),
    *(settling(verdict) for verdict in Verdict),
    *(seeing(state) for state in sorted(IN_ORCHESTRATOR, key=str)),
    *(ending(state) for state in (ExecutionState.COMPLETED, ExecutionState.FAILED, ExecutionState.CANCELED)),
    *(unreading(looks) for looks in (0, 9)),
    Named(name="missing", take=lambda it: following.missing(it, look=it.fence, now=NOON)),
    Named(
        name="missing for long",
        take=lambda it: following.missing(
            replace(it, missing_since=NOON - timedelta(hours=1), missing_fence=it.fence - 1),
            look=it.fence,
            now=NOON,
        ),
    ),
]


def in_state(state: State) -> Launch:
    """A launch in that state, as poorly furnished as can be."""
    return replace(requested(approve=APPROVERS).launch, state=state)


@pytest.mark.parametrize(
    ("named", "state"), list(product(STEPS, State)), ids=lambda it: getattr(it, "name", it)
)
def test_no_step_leaves_the_drawing(named: Named, state: State) -> None:
    before = in_state(state)
    try:
        step = named.take(before)
    except Refusal:
        return
    after = step.launch.state
    path_of_two = {later for nearer in NEXT[state] for later in NEXT[nearer]}
    assert after is state or after in NEXT[state] or after in path_of_two
    if state.is_end:
        assert step.launch == before, "an end is an end"
        assert step.told == ()


# many steps in any order


class Life(RuleBasedStateMachine):
    """Whatever happens in whatever order, as the tracker, people and Orchestrator would have it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.due: object = None
        self.may_have_arrived = False  # a start is out there of which nobody knows
        self.looks_since = 0
        self.trail: list[State] = []
        self.told: list[Happening] = []

    @initialize(approve=st.sampled_from([(), APPROVERS]), safe=st.booleans())
    def begin(self, approve: tuple[StageRule, ...], safe: bool) -> None:  # noqa: FBT001 - Hypothesis gives it
        self.launch = requested(approve=approve, safe=safe).launch
        self.due = NOON
        self.trail = [self.launch.state]

    def take(self, take: Callable[[Launch], Step]) -> bool:
        """Take a step as the store would write it; a refusal changes nothing."""
        before = self.launch
        try:
            step = take(before)
        except Refusal:
            return False
        if step.launch.state is State.STARTING and before.state is not State.STARTING:
            assert not self.may_have_arrived, "it was started again although it may have started"
            assert before.state in {State.APPROVED, State.AWAITING_APPROVAL}
        self.launch = step.launch
        if step.due is not Due.UNCHANGED:
            self.due = step.due
        if before.state is not step.launch.state:
            self.trail.append(step.launch.state)
            assert step.told or step.launch.state in {State.STARTING, State.APPROVED}, "nobody was told"
        self.told += [each.what for each in step.told]
        return True

    @rule(minutes=st.sampled_from([0.1, 1, 2, 10, 400]))
    def time_passes(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def approves(self) -> None:
        self.take(lambda it: deciding.approved(it, VOTER, comment="", seen="", now=self.now))

    @rule()
    def rejects(self) -> None:
        self.take(lambda it: deciding.rejected(it, VOTER, reason="no", seen="", now=self.now))

    @rule()
    def expires(self) -> None:
        if self.launch.state is State.AWAITING_APPROVAL:
            self.take(lambda it: waiting.waited(it, now=self.now))

    @rule()
    def stops(self) -> None:
        self.take(lambda it: stopping.stopped(it, by=ADA.person, now=self.now))

    @rule()
    def begins(self) -> None:
        if self.launch.state is State.APPROVED:
            assert self.take(lambda it: starting.starting(it, now=self.now))

    @rule(cause=st.sampled_from([Unreachable(), Busy(retry_after=timedelta(hours=1))]))
    def nothing_was_sent(self, cause: Unreachable | Busy) -> None:
        if self.launch.state is State.STARTING:
            assert self.take(lambda it: starting.held_up(it, cause=cause, now=self.now))

    @rule()
    def orchestrator_declines(self) -> None:
        if self.launch.state is State.STARTING:
            assert self.take(lambda it: starting.declined(it, detail="No.", now=self.now))

    @rule()
    def orchestrator_starts_it(self) -> None:
        if self.launch.state is State.STARTING:
            assert self.take(lambda it: starting.started(it, execution_id="e1", now=self.now))

    @rule()
    def the_answer_is_lost(self) -> None:
        if self.launch.state is State.STARTING:
            assert self.take(lambda it: finding.uncertain(it, cause="Lost.", now=self.now))
            self.may_have_arrived, self.looks_since = True, 0

    @rule(
        ours=st.sampled_from([(), ("e1",), ("e1", "e2")]),
        unread=st.sampled_from([0, 3]),
        gone=st.sampled_from([0, 0, 1]),
    )
    def looks(self, ours: tuple[str, ...], unread: int, gone: int) -> None:
        if self.launch.state is not State.UNCERTAIN or self.due is None:
            return
        looked_at = self.launch.search.looked_at if self.launch.search else None
        enough = looked_at is not None and self.now - looked_at >= SETTLE and not ours and not unread
        enough = enough and not gone
        if enough:
            self.may_have_arrived = False  # two looks, a settling time apart, found nothing
        self.take(
            lambda it: finding.looked(it, ours=ours, gone=gone, unread=unread, settle=SETTLE, now=self.now)
        )
        if self.launch.state is State.UNCERTAIN:
            self.may_have_arrived = True

    @rule(verdict=st.sampled_from(Verdict), execution_id=st.sampled_from(["e1", "e9", None]))
    def somebody_settles(self, verdict: Verdict, execution_id: str | None) -> None:
        waits = self.launch.search is not None and self.launch.search.needs_person
        if verdict is Verdict.NOT_STARTED and waits and self.launch.state is State.UNCERTAIN:
            self.may_have_arrived = False  # a person answers for that
        cancelled = self.launch.cancel_asked_by is not None
        took = self.take(
            lambda it: finding.settled(it, who=ADA, verdict=verdict, execution_id=execution_id, now=self.now)
        )
        if took and verdict is Verdict.NOT_STARTED and cancelled:
            assert self.launch.state is State.WITHDRAWN, "what was cancelled is not started again"

    @rule(state=st.sampled_from(sorted(IN_ORCHESTRATOR, key=str)))
    def is_seen(self, state: State) -> None:
        if self.launch.state in IN_ORCHESTRATOR and state is not self.launch.state:
            run = ExecutionState(state.value)
            assert self.take(lambda it: following.seen(it, run=run, now=self.now))

    @rule(state=st.sampled_from([ExecutionState.COMPLETED, ExecutionState.FAILED, ExecutionState.CANCELED]))
    def ends(self, state: ExecutionState) -> None:
        if self.launch.state in IN_ORCHESTRATOR:
            assert self.take(lambda it: following.ended(it, end=state, run=a_run(state), now=self.now))

    @rule()
    def is_missing(self) -> None:
        if self.launch.state in IN_ORCHESTRATOR:
            assert self.take(lambda it: following.missing(it, look=it.fence, now=self.now))

    @invariant()
    def it_stays_on_the_drawing(self) -> None:
        for one, next_one in zip(self.trail, self.trail[1:], strict=False):
            through = {later for nearer in NEXT[one] for later in NEXT[nearer]}
            assert next_one in NEXT[one] or next_one in through

    @invariant()
    def an_open_launch_is_never_forgotten(self) -> None:
        if not self.trail:
            return
        search = self.launch.search
        waits_for_person = self.launch.state is State.UNCERTAIN and search is not None and search.needs_person
        assert (self.due is None) == (self.launch.state.is_end or waits_for_person)

    @invariant()
    def an_end_has_its_time_and_is_told_once(self) -> None:
        if not self.trail:
            return
        assert (self.launch.ended_at is not None) == self.launch.state.is_end
        told_ends = {
            Happening.SUCCEEDED,
            Happening.FAILED,
            Happening.CANCELLED,
            Happening.LOST,
            Happening.REJECTED,
            Happening.EXPIRED,
            Happening.WITHDRAWN,
        }
        given_up = self.launch.state is State.LOST and Happening.SETTLED in self.told
        ends = [each for each in self.told if each in told_ends]
        assert len(ends) == (1 if self.launch.state.is_end and not (given_up and not ends) else 0)

    @invariant()
    def a_launch_that_runs_has_a_run(self) -> None:
        if self.trail and self.launch.state in IN_ORCHESTRATOR:
            assert self.launch.execution_id is not None
            assert self.launch.started_at is not None


TestLife = Life.TestCase
TestLife.settings = settings(stateful_step_count=30, deadline=None)


# deciding in time


def test_a_request_is_due_when_its_time_is_over() -> None:
    step = requested(approve=APPROVERS)
    assert step.due == NOON + timedelta(hours=1)
    assert requested().due == NOON


def test_an_approval_claims_the_start_in_the_same_step() -> None:
    step = deciding.approved(requested(approve=APPROVERS).launch, VOTER, comment="", seen="", now=NOON)
    assert step.launch.state is State.APPROVED
    assert step.due is Due.CLAIMED
    assert [each.what for each in step.told] == [Happening.APPROVED]
    assert step.launch.approval is not None
    assert [vote.by for vote in step.launch.approval.votes] == [GRACE.person]


def test_a_request_cannot_be_decided_after_its_time_even_if_no_clock_has_ticked() -> None:
    launch = requested(approve=APPROVERS).launch
    with pytest.raises(AlreadyDecided, match="expired"):
        deciding.approved(launch, VOTER, comment="", seen="", now=NOON + timedelta(hours=1))


def test_a_request_is_not_expired_before_its_time() -> None:
    launch = requested(approve=APPROVERS).launch
    assert waiting.waited(launch, now=NOON).launch == launch
    assert waiting.waited(launch, now=NOON).due == NOON + timedelta(hours=1)


# waiting for Orchestrator


def test_the_pauses_between_starts_grow_and_are_bounded() -> None:
    launch = replace(requested().launch, state=State.STARTING)
    pauses = []
    for tried in (0, 1, 2, 4, 8, 60, 290, 600, 3600):
        since = NOON - timedelta(seconds=tried)
        step = starting.held_up(replace(launch, trying_since=since), cause=Unreachable(), now=NOON)
        assert not isinstance(step.due, Due | None)
        pauses.append((step.due - NOON).total_seconds())
    assert pauses == sorted(pauses)
    assert pauses[0] == 2
    assert pauses[-1] == 300


def test_orchestrator_says_how_long_to_wait_within_reason() -> None:
    launch = replace(requested().launch, state=State.STARTING, tries=3)
    step = starting.held_up(launch, cause=Busy(retry_after=timedelta(seconds=40)), now=NOON)
    assert step.due == NOON + timedelta(seconds=40)
    step = starting.held_up(launch, cause=Busy(retry_after=timedelta(days=1)), now=NOON)
    assert step.due == NOON + timedelta(minutes=15)


def test_the_first_delay_is_told_and_the_next_are_not() -> None:
    launch = replace(requested().launch, state=State.STARTING)
    first = starting.held_up(launch, cause=Unreachable(), now=NOON)
    second = starting.held_up(first.launch, cause=Unreachable(), now=NOON)
    assert [each.what for each in first.told] == [Happening.HELD_UP]
    assert second.told == ()


def test_starting_is_given_up_after_hours_counted_from_the_first_try() -> None:
    launch = replace(requested().launch, state=State.STARTING, trying_since=NOON)
    last = NOON + starting.GIVE_UP_STARTING
    assert starting.held_up(launch, cause=Unreachable(), now=last).launch.state is State.APPROVED
    late = last + timedelta(seconds=1)
    assert starting.held_up(launch, cause=Unreachable(), now=late).launch.state is State.FAILED
    fresh = replace(launch, trying_since=None)
    assert starting.held_up(fresh, cause=Unreachable(), now=late).launch.state is State.APPROVED


# doubt


def doubtful(*, safe: bool = False, cancelled: bool = False) -> Launch:
    """A launch whose start was lost at noon."""
    launch = replace(
        requested(safe=safe).launch, state=State.STARTING, cancel_asked_by=ADA.person if cancelled else None
    )
    return finding.uncertain(launch, cause="Lost.", now=NOON).launch


def look(
    launch: Launch,
    *ours: str,
    at: timedelta = timedelta(),
    others: tuple[str, ...] = (),
    gone: int = 0,
    unread: int = 0,
) -> Step:
    """One look, or a turn of it."""
    return finding.looked(
        launch, ours=ours, others=others, gone=gone, unread=unread, settle=SETTLE, now=NOON + at
    )


def test_one_look_that_finds_nothing_is_not_enough_nor_are_two_within_the_settling_time() -> None:
    for safe in (True, False):
        first = look(doubtful(safe=safe))
        assert first.launch.state is State.UNCERTAIN
        assert first.due == NOON + SETTLE
        second = look(first.launch, at=SETTLE - timedelta(seconds=1))
        assert second.launch == first.launch
        assert second.due == NOON + SETTLE


def test_after_two_looks_only_what_is_safe_is_started_again_by_itself() -> None:
    again = look(look(doubtful(safe=True)).launch, at=SETTLE)
    assert again.launch.state is State.APPROVED
    assert again.launch.search is None
    asking = look(look(doubtful()).launch, at=SETTLE)
    assert asking.launch.state is State.UNCERTAIN
    assert asking.launch.search is not None
    assert asking.launch.search.needs_person
    assert asking.due is None


def test_a_look_is_over_only_when_all_runs_are_compared() -> None:
    turn = look(doubtful(safe=True), others=("e1", "e2"), unread=1)
    assert turn.due == NOON + finding.COMPARE_MORE
    assert turn.launch.search is not None
    assert (turn.launch.search.looks, turn.launch.search.compared) == (0, ("e1", "e2"))
    first = look(turn.launch, others=("e3",))
    assert first.launch.search is not None
    assert (first.launch.search.looks, first.launch.search.compared) == (1, ())
    assert look(doubtful(), "e1", unread=1).launch.state is State.UNCERTAIN
    assert look(look(doubtful(), "e1", unread=1).launch, "e1").launch.execution_id == "e1"


def test_a_run_that_is_listed_but_not_shown_is_for_a_person_to_settle_even_where_it_is_safe() -> None:
    turn = look(look(doubtful(safe=True)).launch, at=SETTLE, others=("e1",), gone=1, unread=1)
    asking = look(turn.launch, at=SETTLE * 2, others=("e2",))
    assert asking.launch.search is not None
    assert asking.launch.search.needs_person
    assert "A run could not be compared" in asking.told[0].note
    assert look(look(doubtful(), gone=1).launch, "e2", gone=1).launch.execution_id == "e2"


def test_what_was_too_much_to_compare_is_for_a_person_to_settle_even_where_it_is_safe() -> None:
    many = tuple(f"e{number}" for number in range(finding.MOST_COMPARED))
    asking = look(look(doubtful(safe=True)).launch, at=SETTLE, others=many, unread=3)
    assert asking.launch.search is not None
    assert asking.launch.search.needs_person
    assert "3 runs" in asking.told[0].note


def test_what_was_cancelled_meanwhile_asks_a_person_like_any_other_and_is_not_repeated() -> None:
    for safe in (True, False):
        step = look(look(doubtful(safe=safe, cancelled=True)).launch, at=SETTLE)
        assert step.launch.state is State.UNCERTAIN
        assert step.launch.search is not None
        assert step.launch.search.needs_person


def test_one_run_is_adopted_and_several_are_for_a_person_to_choose_from() -> None:
    found = look(doubtful(), "e1")
    assert (found.launch.state, found.launch.execution_id) == (State.RUNNING, "e1")
    assert [each.what for each in found.told] == [Happening.FOUND]
    asking = look(doubtful(), "e1", "e2")
    assert asking.launch.search is not None
    assert asking.launch.search.candidates == ("e1", "e2")
    with pytest.raises(TooLate, match="candidates"):
        finding.settled(asking.launch, who=ADA, verdict=Verdict.STARTED, execution_id="e3", now=NOON)
    chosen = finding.settled(asking.launch, who=ADA, verdict=Verdict.STARTED, execution_id="e2", now=NOON)
    assert chosen.launch.execution_id == "e2"


def test_a_run_in_doubt_that_was_cancelled_is_not_started_again_by_the_word_of_a_person() -> None:
    asking = look(doubtful(cancelled=True), "e1", "e2")
    step = finding.settled(asking.launch, who=GRACE, verdict=Verdict.NOT_STARTED, execution_id=None, now=NOON)
    assert step.launch.state is State.WITHDRAWN
    assert [each.what for each in step.told] == [Happening.SETTLED, Happening.WITHDRAWN]


# stopping


def test_stopping_is_asked_for_once() -> None:
    launch = replace(requested().launch, state=State.RUNNING, execution_id="e1", started_at=NOON)
    asked = stopping.stopped(launch, by=ADA.person, now=NOON)
    assert asked.due == NOON
    with pytest.raises(TooLate, match="already asked"):
        stopping.stopped(asked.launch, by=GRACE.person, now=NOON)


def test_stopping_a_start_in_flight_leaves_its_claim_alone() -> None:
    asked = stopping.stopped(replace(requested().launch, state=State.STARTING), by=ADA.person, now=NOON)
    assert asked.due is Due.UNCHANGED
    assert asked.launch.state is State.STARTING
    withdrawn = starting.held_up(replace(asked.launch, tries=1), cause=Unreachable(), now=NOON)
    assert withdrawn.launch.state is State.WITHDRAWN
    running = starting.started(asked.launch, execution_id="e1", now=NOON)
    assert running.launch.cancel_asked_by == ADA.person


# the end


def test_a_run_that_is_missing_is_lost_after_five_minutes_in_a_row() -> None:
    launch = replace(requested().launch, state=State.RUNNING, execution_id="e1", started_at=NOON)
    missing = following.missing(launch, look=3, now=NOON)
    assert missing.launch.state is State.RUNNING
    back = following.seen(missing.launch, run=ExecutionState.WAITING, now=NOON)
    assert back.launch.missing_since is None
    soon = following.missing(missing.launch, look=4, now=NOON + timedelta(minutes=4))
    assert soon.launch.state is State.RUNNING
    later = following.missing(missing.launch, look=4, now=NOON + timedelta(minutes=5))
    assert later.launch.state is State.LOST


def test_a_look_in_between_that_saw_the_run_ends_its_missing() -> None:
    launch = replace(requested().launch, state=State.RUNNING, execution_id="e1", started_at=NOON)
    missing = following.missing(launch, look=7, now=NOON).launch
    much_later = NOON + timedelta(minutes=9)
    again = following.missing(missing, look=9, now=much_later).launch
    assert (again.state, again.missing_since) == (State.RUNNING, much_later)


def test_an_end_that_was_seen_outlasts_the_purge_of_its_run() -> None:
    launch = replace(requested().launch, state=State.RUNNING, execution_id="e1", started_at=NOON)
    step = following.unread(launch, end=ExecutionState.FAILED, cause=Unreachable(), now=NOON)
    assert step.launch.state is State.RUNNING
    gone = following.missing(step.launch, look=1, now=NOON).launch
    gone = following.missing(gone, look=2, now=NOON + timedelta(minutes=6)).launch
    assert gone.state is State.FAILED
    assert gone.outcome is not None
    assert gone.outcome.unread


def test_a_node_that_has_not_heard_of_the_end_does_not_keep_it_from_being_known() -> None:
    launch = replace(requested().launch, state=State.RUNNING, execution_id="e1", started_at=NOON)
    stale = a_run(ExecutionState.RUNNING)
    ended = following.ended(launch, end=ExecutionState.COMPLETED, run=stale, now=NOON)
    assert ended.launch.state is State.SUCCEEDED


def test_a_run_took_as_long_as_its_own_dates_say() -> None:
    launch = replace(requested().launch, state=State.RUNNING, execution_id="e1", started_at=NOON)
    late = NOON + timedelta(hours=1)
    ended = following.ended(
        launch, end=ExecutionState.COMPLETED, run=a_run(ExecutionState.COMPLETED), now=late
    ).launch
    assert ended.took == 5
    undated = replace(a_run(ExecutionState.FAILED), start_date=None, content_exception="x" * 20_000)
    failed = following.ended(launch, end=ExecutionState.FAILED, run=undated, now=late).launch
    assert failed.took == 3600
    assert failed.outcome is not None
    assert len(failed.outcome.detail) == 10_000


def test_arguments_are_not_in_the_repr_of_a_launch() -> None:
    assert "arguments" not in repr(requested().launch)
