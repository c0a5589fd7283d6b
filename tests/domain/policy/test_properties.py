"""What holds for every policy and every wish."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import BotError
from bot.domain.execution import Argument
from bot.domain.people import Membership, Person, Place
from bot.domain.policy import (
    ArgumentTest,
    BreakGlass,
    Freeze,
    Group,
    InFreeze,
    Policy,
    Rule,
    RulingOutcome,
    Span,
    StageRule,
    WeekMoment,
    Why,
    explain,
    refusal,
)
from bot.domain.policy.shadows import unreachable
from bot.domain.values import SecretRef
from bot.domain.workflow import ParameterType, WorkflowSummary

if TYPE_CHECKING:
    import pytest

    from bot.domain.policy import Ruling

NO_ZONE = Freeze(
    name="broken",
    zone="Nowhere/Never",
    spans=(Span(begin=WeekMoment(day=0, at=time(0)), end=WeekMoment(day=6, at=time(23))),),
)
USERS, GROUPS, CHANNELS = ("U0ADA", "U0BEN"), ("S0A", "S0B"), ("C0OPS", "C0DESK")


def some(members: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(members))


groups = st.one_of(
    st.builds(Group, users=some(USERS), groups=some(GROUPS), domains=some(("ops.example.com",))),
    st.just(Group(everyone=True)),
)
values = st.one_of(
    st.sampled_from(["prod", "test", "", "PROD"]),
    st.integers(-3, 3),
    st.booleans(),
    st.none(),
    st.just(SecretRef(name="prod")),
    st.lists(st.sampled_from(["prod", "test"]), max_size=2).map(tuple),
)
argument_tests = st.one_of(
    st.builds(ArgumentTest, name=st.just("a"), values=some(("prod", "test", "1", "true")).filter(bool)),
    st.builds(ArgumentTest, name=st.just("b"), minimum=st.integers(-2, 2)),
)
rules = st.builds(
    Rule,
    name=st.sampled_from(["one", "two", "three"]),
    ids=some(("w-1", "w-2")),
    folders=st.lists(st.sampled_from(["**", "A/*", "A/**", "B"]), max_size=2).map(tuple),
    tags=some(("vm", "net")),
    when=st.lists(argument_tests, max_size=2).map(tuple),
    run=groups,
    channels=some(CHANNELS),
    approve=st.lists(st.builds(StageRule, by=groups, count=st.integers(1, 3)), max_size=2).map(tuple),
    in_freeze=st.sampled_from(InFreeze),
    one_at_a_time=st.sampled_from(["", "a"]),
)
weekend = Freeze(
    name="weekend",
    zone="Europe/Berlin",
    spans=(Span(begin=WeekMoment(day=4, at=time(18)), end=WeekMoment(day=0, at=time(6))),),
)
policies = st.builds(
    Policy,
    rules=st.lists(rules, max_size=4).map(tuple),
    freezes=st.sampled_from([(), (weekend,), (NO_ZONE,)]),
    break_glass=st.one_of(st.none(), st.builds(BreakGlass, by=groups, review=groups)),
)
people = st.builds(
    Membership,
    person=st.builds(Person, team_id=st.just("T1"), user_id=st.sampled_from(USERS)),
    is_member=st.sampled_from([True, True, True, False]),
    groups=some(GROUPS),
    email=st.sampled_from(["", "a@ops.example.com"]),
    email_confirmed=st.booleans(),
)
workflows = st.builds(
    WorkflowSummary,
    id=st.sampled_from(["w-1", "w-2", "w-3"]),
    name=st.just("Restart"),
    folder=st.sampled_from(["A", "A/x", "A/x/y", "B"]),
    tags=st.sampled_from([(), ("vm",)]),
)
arguments = st.one_of(
    st.none(),
    st.dictionaries(st.sampled_from(["a", "b"]), values).map(
        lambda given: tuple(
            Argument(name=name, type=ParameterType(declared="Any"), value=value)
            for name, value in given.items()
        )
    ),
)
moments = st.one_of(
    st.none(),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
)
places = st.one_of(st.none(), st.builds(Place, channel_id=st.sampled_from(CHANNELS)))
wishes = st.fixed_dictionaries(
    {
        "workflow": workflows,
        "who": people,
        "place": places,
        "arguments": arguments,
        "at": moments,
        "break_glass": st.sampled_from(["", "", "A reason."]),
    }
)


@given(policies, wishes)
def test_the_same_wish_gets_the_same_answer(policy: Policy, wish: dict[str, object]) -> None:
    assert policy.decide(**wish) == policy.decide(**wish)  # type: ignore[arg-type]


@given(policies, wishes)
def test_what_explain_says_is_what_decide_does(policy: Policy, wish: dict[str, object]) -> None:
    ruling = policy.decide(**wish)  # type: ignore[arg-type]
    said = explain(ruling)
    assert said.answer.startswith("Yes" if ruling.allowed else "No")
    assert len(said.because) == len(ruling.reasons)
    assert (ruling.allowed and bool(ruling.approve)) == ("approve" in "\n".join(said.follows))
    if not ruling.allowed:
        assert isinstance(refusal(ruling), BotError)
        assert not said.follows


@given(policies, wishes)
def test_rules_behind_the_one_that_settles_it_change_nothing(policy: Policy, wish: dict[str, object]) -> None:
    ruling = policy.decide(**wish)  # type: ignore[arg-type]
    if ruling.reasons[-1].rule is None:
        return
    last = next(at for at, rule in enumerate(policy.rules) if rule is ruling.rule)
    shorter = Policy(rules=policy.rules[: last + 1], freezes=policy.freezes, break_glass=policy.break_glass)
    assert shorter.decide(**wish) == ruling  # type: ignore[arg-type]


@given(policies, wishes)
def test_a_yes_needs_a_member_a_rule_and_its_people(policy: Policy, wish: dict[str, object]) -> None:
    ruling = policy.decide(**wish)  # type: ignore[arg-type]
    if ruling.allowed:
        assert ruling.wish.who.is_member
        assert ruling.rule is not None
        assert ruling.rule.covers(ruling.wish.workflow)
        assert ruling.rule.run.has(ruling.wish.who)
        assert ruling.approve == (() if ruling.wish.break_glass else ruling.rule.approve)


@given(policies, wishes)
def test_a_rule_that_can_never_decide_never_does(policy: Policy, wish: dict[str, object]) -> None:
    hidden = {shadow.number for shadow in unreachable(policy.rules)}
    ruling = policy.decide(**wish)  # type: ignore[arg-type]
    if any(reason.why in {Why.DECIDES, Why.MAY_DECIDE} for reason in ruling.reasons):
        assert next(at for at, rule in enumerate(policy.rules) if rule is ruling.rule) not in hidden


def _ask(policy: Policy, *, folder: str = "", at: datetime | None = None) -> Ruling:
    return policy.decide(
        workflow=WorkflowSummary(id="w-1", name="Restart", folder=folder),
        who=Membership(person=Person(team_id="T1", user_id="U1"), is_member=True),
        place=None,
        arguments=(),
        at=at,
    )


def test_an_error_in_evaluating_is_a_no_that_names_the_rule(caplog: pytest.LogCaptureFixture) -> None:
    rule = Rule(name="frozen", folders=("**",), run=Group(everyone=True))
    ruling = _ask(Policy(rules=(rule,), freezes=(NO_ZONE,)), at=datetime(2026, 12, 1, tzinfo=UTC))
    assert ruling.outcome is RulingOutcome.DENIED
    assert ruling.reasons[-1].why is Why.FAILED
    assert "“frozen”" in str(refusal(ruling))
    assert "Nowhere/Never" in caplog.text


def test_an_error_in_one_rule_does_not_let_a_later_one_say_yes() -> None:
    asks = ArgumentTest(name="a", values=frozenset({"1"}))
    first = Rule(name="first", folders=("**",), run=Group(everyone=True), when=(asks,))
    later = Rule(name="later", folders=("**",), run=Group(everyone=True))
    too_large = Argument(name="a", type=ParameterType(declared="number"), value=10**400)
    ruling = Policy(rules=(first, later)).decide(
        workflow=WorkflowSummary(id="w-1", name="Restart"),
        who=Membership(person=Person(team_id="T1", user_id="U1"), is_member=True),
        place=None,
        arguments=(too_large,),
    )
    assert (ruling.allowed, ruling.rule, ruling.reasons[-1].why) == (False, first, Why.FAILED)
