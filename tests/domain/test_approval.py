"""Who may vote, which votes count, and what a digest seals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.approval import Approval, Delegation, Stage, Vote, Voter, right_to_vote
from bot.domain.digest import canonical, digest_of, short
from bot.domain.errors import AlreadyVoted, MembersUnknown, MemberUnknown, NotAllowed, NotAMember, OwnRequest
from bot.domain.execution import Argument
from bot.domain.people import Membership, Person
from bot.domain.policy import Group, StageRule
from bot.domain.preset import Editor
from bot.domain.queueing import Queue, QueueEntry
from bot.domain.values import Properties, SealedSecret, SecretRef, SecretText
from bot.domain.workflow import ParameterType, WorkflowRef
from tests.strategies import NOON

LEADS, MANAGERS = Group(groups=frozenset({"S0LEADS"})), Group(groups=frozenset({"S0MANAGERS"}))
REQUESTER = frozenset({"U0ADA", "ada@harbour.example"})


def person(user: str, *, team: str = "T0") -> Person:
    return Person(team_id=team, user_id=user)


def membership(user: str, *groups: str, member: bool = True, email: str = "", team: str = "T0") -> Membership:
    return Membership(person=person(user, team=team), is_member=member, groups=frozenset(groups), email=email)


def vote(user: str, *, stands_in_for: str = "", other_email: str = "", digest: str = "d") -> Vote:
    other = person(stands_in_for) if stands_in_for else None
    return Vote(
        by=person(user),
        at=NOON,
        approved=True,
        stands_in_for=other,
        other_email=other_email,
        digest=digest,
    )


def delegation(by: str, to: str) -> Delegation:
    return Delegation(by=person(by), to=person(to), since=NOON, until=NOON + timedelta(hours=1))


def approval(*votes: Vote, count: int = 3, editors_may_not: bool = False) -> Approval:
    first = Stage(rule=StageRule(by=LEADS, count=count), votes=votes).opened(NOON)
    return Approval(stages=(first,), editors_may_not=editors_may_not)


def right(asked: Approval, voter: Voter, *, editors: tuple[Editor, ...] = ()) -> Person | None:
    found = right_to_vote(
        asked, asked.stages[0], voter, requester=REQUESTER, editors=editors, rule="production"
    )
    return found.person if found else None


# who may vote


def test_members_of_the_stage_vote_for_themselves_and_nobody_else_votes() -> None:
    assert right(approval(), Voter(who=membership("U0BEN", "S0LEADS"))) is None
    with pytest.raises(NotAllowed, match=r"the rule “production” names\. Your click changed nothing"):
        right(approval(), Voter(who=membership("U0EVE", "S0MANAGERS")))
    with pytest.raises(NotAMember):
        right(approval(), Voter(who=membership("U0BEN", "S0LEADS", member=False)))


def test_what_slack_did_not_say_counts_as_no_but_is_not_told_as_one() -> None:
    nobody_said = replace(membership("U0BEN", member=False), is_known=False)
    with pytest.raises(MemberUnknown, match=r"did not say .* try again"):
        right(approval(), Voter(who=nobody_said))
    group_unread = replace(membership("U0BEN"), unread=LEADS.groups)
    with pytest.raises(MembersUnknown, match=r"did not say .* Your click changed nothing"):
        right(approval(), Voter(who=group_unread))
    other_unread = replace(membership("U0BEN"), unread=MANAGERS.groups)
    with pytest.raises(NotAllowed, match="not among the approvers"):
        right(approval(), Voter(who=other_unread))
    stands_in_for_unread = Voter(who=membership("U0EVE"), stands_in_for=(group_unread,))
    with pytest.raises(MembersUnknown):
        right(approval(), stands_in_for_unread)


@pytest.mark.parametrize(
    "who",
    [
        membership("U0ADA", "S0LEADS"),
        membership("U0ADA", "S0LEADS", team="T0ELSEWHERE"),
        membership("U0ADA2", "S0LEADS", email="Ada@harbour.example"),
    ],
    ids=["the same account", "seen from another workspace", "a second account with the same e-mail"],
)
def test_nobody_decides_their_own_request_under_whatever_account(who: Membership) -> None:
    with pytest.raises(OwnRequest):
        right(approval(), Voter(who=who))


def test_nobody_votes_twice_nor_after_somebody_did_in_their_name() -> None:
    asked = approval(vote("U0BEN"), vote("U0EVE", stands_in_for="U0CLEO"))
    for user in ("U0BEN", "U0CLEO", "U0EVE"):
        with pytest.raises(AlreadyVoted):
            right(asked, Voter(who=membership(user, "S0LEADS")))


def test_nobody_votes_again_under_another_account_after_somebody_did_in_their_name() -> None:
    asked = approval(vote("U0EVE", stands_in_for="U0BEN", other_email="Ben@harbour.example"))
    second = membership("U0BEN2", "S0LEADS", email="ben@harbour.example")
    with pytest.raises(AlreadyVoted):
        right(asked, Voter(who=second))
    with pytest.raises(NotAllowed):
        right(asked, Voter(who=membership("U0DAN"), stands_in_for=(second,)))


@pytest.mark.parametrize(
    ("who", "away"),
    [
        (membership("U0EVE"), membership("U0ADA2", "S0LEADS", email="ada@harbour.example")),
        (membership("U0ADA2", email="ada@harbour.example"), membership("U0BEN", "S0LEADS")),
    ],
    ids=["given by their second account", "given to their second account"],
)
def test_nobody_has_their_own_request_decided_by_a_delegation(who: Membership, away: Membership) -> None:
    with pytest.raises((NotAllowed, OwnRequest)):
        right(approval(), Voter(who=who, stands_in_for=(away,)))


def test_a_vote_that_was_taken_back_uses_nobody_up() -> None:
    asked = approval(replace(vote("U0BEN"), withdrawn_at=NOON))
    assert right(asked, Voter(who=membership("U0BEN", "S0LEADS"))) is None


def test_whose_preset_it_was_filled_in_with_does_not_decide_it_where_the_policy_says_so() -> None:
    ben = Voter(who=membership("U0BEN", "S0LEADS", email="ben@harbour.example"))
    away = Voter(who=membership("U0EVE"), stands_in_for=(ben.who,))
    for user, email in (("U0BEN", ""), ("U0BEN2", "Ben@harbour.example")):
        editors = (Editor(person=person(user), email=email, preset="Shop front"),)
        assert right(approval(), ben, editors=editors) is None
        with pytest.raises(NotAllowed, match="filled in with your preset"):
            right(approval(editors_may_not=True), ben, editors=editors)
        with pytest.raises(NotAllowed):
            right(approval(editors_may_not=True), away, editors=editors)


def test_a_delegate_uses_the_first_right_that_is_left() -> None:
    ben, cleo, ada = (membership(user, "S0LEADS") for user in ("U0BEN", "U0CLEO", "U0ADA"))
    stands_in = Voter(who=membership("U0EVE"), stands_in_for=(ada, ben, cleo))
    assert right(approval(), stands_in) == person("U0BEN")
    assert right(approval(vote("U0BEN")), stands_in) == person("U0CLEO")
    with pytest.raises(NotAllowed):
        right(approval(vote("U0BEN"), vote("U0CLEO")), stands_in)
    own = Voter(who=membership("U0EVE", "S0LEADS"), stands_in_for=(ben,))
    assert right(approval(), own) is None, "their own right comes first"


def test_a_delegation_holds_from_its_first_moment_until_just_before_its_last() -> None:
    given_ = delegation("U0BEN", "U0EVE")
    assert given_.holds(NOON)
    assert given_.holds(NOON + timedelta(minutes=59))
    assert not given_.holds(NOON + timedelta(hours=1))
    assert not given_.holds(NOON - timedelta(seconds=1))


# which votes count


def test_votes_lapse_with_the_right_the_membership_or_the_request() -> None:
    cleos = vote("U0EVE", stands_in_for="U0CLEO")
    asked = approval(vote("U0BEN"), cleos)
    away = (delegation("U0CLEO", "U0EVE"),)
    known = {
        each.person: each
        for each in (membership("U0BEN", "S0LEADS"), membership("U0CLEO", "S0LEADS"), membership("U0EVE"))
    }
    assert asked.lapsed(known, away, digest="d") == ()
    assert len(asked.lapsed(known, away, digest="other")) == 2
    assert asked.lapsed(known | {person("U0BEN"): membership("U0BEN")}, away, digest="d") == (vote("U0BEN"),)
    gone = membership("U0EVE", member=False)
    assert [each.by for each in asked.lapsed(known | {gone.person: gone}, away, digest="d")] == [gone.person]
    assert len(asked.lapsed({}, away, digest="d")) == 2, "whoever is not known has no right"
    for others in ((), (delegation("U0CLEO", "U0BEN"),), (delegation("U0BEN", "U0EVE"),)):
        assert asked.lapsed(known, others, digest="d") == (cleos,)


def test_a_stage_that_needs_votes_again_gets_its_time_anew() -> None:
    one = Stage(rule=StageRule(by=LEADS), votes=(vote("U0BEN"),)).opened(NOON)
    two = Stage(rule=StageRule(by=MANAGERS)).opened(NOON)
    asked = Approval(stages=(one, two))
    later = NOON + timedelta(days=3)
    again = asked.without((vote("U0BEN"),), now=later)
    assert again.number == 0
    assert again.stages[0].expires_at == later + timedelta(hours=24)
    assert again.stages[0].membership == ()


def test_a_stage_is_due_at_whatever_comes_first() -> None:
    rule = StageRule(
        by=LEADS,
        within=timedelta(hours=4),
        remind=(timedelta(hours=1), timedelta(hours=2)),
        escalate=MANAGERS,
        escalate_after=timedelta(minutes=90),
    )
    stage = Stage(rule=rule).opened(NOON)
    hours = []
    for changed in (
        stage,
        replace(stage, reminded=1),
        replace(stage, reminded=1, escalated_at=NOON),
        replace(stage, reminded=2, escalated_at=NOON),
    ):
        assert changed.due_at is not None
        hours.append((changed.due_at - NOON) / timedelta(hours=1))
    assert hours == [1, 1.5, 2, 4]
    assert Stage(rule=rule).due_at is None


# the seal


def argument(name: str, value: object, *, declared: str = "string") -> Argument:
    return Argument(name=name, type=ParameterType(declared=declared), value=value)  # type: ignore[arg-type] # any value


def sealed(*arguments: Argument, **more: object) -> str:
    given_: dict[str, object] = {
        "workflow": WorkflowRef(id="w", name="Patch", version="1"),
        "arguments": arguments,
        "orchestrator": "https://orchestrator.example",
        "requester": person("U0ADA"),
    }
    return digest_of(**given_ | more)  # type: ignore[arg-type] # the names are real


def test_the_seal_depends_on_all_that_is_approved_and_on_nothing_else() -> None:
    one = sealed(argument("a", "x"), argument("b", 5))
    assert one == sealed(argument("b", 5.0), argument("a", "x"))
    assert one == sealed(
        argument("a", "x"), argument("b", 5), workflow=WorkflowRef(id="w", name="Renamed", version="1")
    )
    others = {
        sealed(argument("a", "y"), argument("b", 5)),
        sealed(argument("a", "x"), argument("b", "5")),
        sealed(argument("a", "x")),
        sealed(argument("a", "x"), argument("b", 5), workflow=WorkflowRef(id="w", name="P", version="2")),
        sealed(argument("a", "x"), argument("b", 5), workflow=WorkflowRef(id="v", name="P", version="1")),
        sealed(argument("a", "x"), argument("b", 5), orchestrator="https://other.example"),
        sealed(argument("a", "x"), argument("b", 5), requester=person("U0BEN")),
        sealed(argument("a", "x", declared="Text"), argument("b", 5)),
    }
    assert len(others | {one}) == 9
    assert len(short(one)) == 12


def test_secrets_are_sealed_by_name_or_keyed_hash_and_never_in_the_clear() -> None:
    assert sealed(argument("p", SecretRef(name="a"))) != sealed(argument("p", SecretRef(name="b")))
    assert sealed(argument("p", SealedSecret(slot="p", mac="1"))) != sealed(
        argument("p", SealedSecret(slot="p", mac="2"))
    )
    with pytest.raises(TypeError):
        sealed(argument("p", SecretText(text="hunter2")))


@given(st.lists(st.tuples(st.text(max_size=5), st.integers()), max_size=5, unique_by=lambda pair: pair[0]))
def test_properties_are_sealed_in_any_order(pairs: list[tuple[str, int]]) -> None:
    forward = Properties(entries=tuple(pairs))
    assert canonical(forward) == canonical(Properties(entries=tuple(reversed(pairs))))


# whose turn


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=9))
def test_turns_go_round_and_keep_each_persons_own_order(asked: list[str]) -> None:
    waiting = tuple(
        QueueEntry(launch_id=f"{number:02}", requester=person(who), since=NOON + timedelta(seconds=number))
        for number, who in enumerate(asked)
    )
    order = Queue(waiting=waiting).order(waiting[-1])
    assert sorted(order, key=lambda each: each.since) == list(waiting)
    for who in set(asked):
        own = [each.since for each in order if each.requester == person(who)]
        assert own == sorted(own)
    for number, each in enumerate(order):
        before = order[:number]
        rounds = sum(earlier.requester == each.requester for earlier in before)
        assert all(
            sum(earlier.requester == person(who) for earlier in before) >= min(rounds, asked.count(who))
            for who in set(asked)
        ), "nobody is served twice before everybody was once"


def test_among_equals_whoever_had_no_turn_comes_first() -> None:
    ada, ben = (
        QueueEntry(launch_id=user, requester=person(user), since=NOON + timedelta(seconds=second))
        for second, user in enumerate(("U0ADA", "U0BEN"))
    )
    assert Queue(waiting=(ada,)).order(ben) == (ada, ben)
    assert Queue(waiting=(ada,), turns={ada.requester: NOON}).order(ben) == (ben, ada)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=9))
def test_what_people_approved_goes_before_what_needed_no_approval(asked: list[tuple[str, bool]]) -> None:
    waiting = tuple(
        QueueEntry(
            launch_id=f"{number:02}",
            requester=person(who),
            since=NOON + timedelta(seconds=number),
            goes_first=approved,
        )
        for number, (who, approved) in enumerate(asked)
    )
    order = Queue(waiting=waiting).order(waiting[0])
    assert [each.goes_first for each in order] == sorted((each for _, each in asked), reverse=True)
    for kind in (True, False):
        alone = tuple(each for each in waiting if each.goes_first is kind)
        if alone:
            assert tuple(each for each in order if each.goes_first is kind) == Queue(waiting=alone).order(
                alone[0]
            )
