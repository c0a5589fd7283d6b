"""Who may decide a request, in their own name or in somebody else's, case by case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.approval import Approval, Delegation, Stage, Vote, Voter, right_to_vote
from bot.domain.errors import AlreadyVoted, NotAllowed, NotAMember, OwnRequest, Refusal
from bot.domain.people import Membership, Person
from bot.domain.preset import Editor
from bot.policy_file import parse_policy

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
POLICY = """
rules:
  - name: machines
    workflows: {folders: ["**"]}
    run: {everyone: true}
    editors_may_not_approve: true
    approve:
      - users: [U0ADA, U0BEN, U0GRACE]
        groups: [S0MANAGERS, S0BOARD]
        domains: [board.example.com]
        count: 2
        escalate: {users: [U0LINUS], after: 1h}
      - {groups: [S0MANAGERS]}
"""
STAGES = parse_policy(POLICY, secrets=()).rules[0].approve


def somebody(name: str, *groups: str, email: str | None = None, member: bool = True) -> Membership:
    return Membership(
        person=Person(team_id="T0HARBOUR", user_id=f"U0{name.upper()}"),
        is_member=member,
        groups=frozenset(groups),
        email=email if email is not None else f"{name}@harbour.example",
        email_confirmed=True,
    )


ADA, BEN, GRACE, LINUS, EVE = map(somebody, ("ada", "ben", "grace", "linus", "eve"))
MANA = somebody("mana", "S0MANAGERS", "S0BOARD")
DORA = somebody("dora", email="dora@board.example.com")
LEFT = somebody("grace", "S0MANAGERS", member=False)
TWIN = somebody("twin", "S0MANAGERS", email="Ben@harbour.example")  # another account of the same human


@dataclass(frozen=True, kw_only=True)
class Row:
    says: str
    who: Membership
    instead_of: tuple[Membership, ...] = ()
    voted: tuple[Vote, ...] = ()
    stage: int = 0
    escalated: bool = False
    gives: str | type[Refusal]  # in whose name, or why not


def row(says: str, who: Membership, gives: str | type[Refusal], **more: object) -> Row:
    return Row(says=says, who=who, gives=gives, **more)  # type: ignore[arg-type]


def vote(who: Membership, *, instead_of: Membership | None = None, withdrawn: bool = False) -> Vote:
    return Vote(
        by=who.person,
        at=NOW,
        approved=True,
        email=who.email,
        stands_in_for=instead_of.person if instead_of else None,
        withdrawn_at=NOW if withdrawn else None,
    )


OWN = "their own"
ROWS = (
    row("somebody named", BEN, OWN),
    row("somebody of two named groups", MANA, OWN),
    row("an address of a named domain", DORA, OWN),
    row("anybody else", EVE, NotAllowed),
    row("a former member", LEFT, NotAMember),
    row("the requester, though named", ADA, OwnRequest),
    row(
        "the requester by another account",
        somebody("adatoo", "S0MANAGERS", email="ADA@harbour.example"),
        OwnRequest,
    ),
    row("an editor, though named", GRACE, NotAllowed),
    row("the second group before it was asked", LINUS, NotAllowed),
    row("the second group afterwards", LINUS, OWN, escalated=True),
    row("whoever is of another stage only", BEN, NotAllowed, stage=1),
    row("nobody twice in a stage", BEN, AlreadyVoted, voted=(vote(BEN),)),
    row("nobody in two stages", MANA, AlreadyVoted, voted=(vote(MANA),), stage=1),
    row("no human by two accounts", TWIN, AlreadyVoted, voted=(vote(BEN),)),
    row("again after taking it back", BEN, OWN, voted=(vote(BEN, withdrawn=True),)),
    row("a delegate", EVE, "U0BEN", instead_of=(BEN,)),
    row("a delegate of nobody who may", EVE, NotAllowed, instead_of=(LINUS,)),
    row("a delegate of the requester", EVE, NotAllowed, instead_of=(ADA,)),
    row("a delegate of an editor", EVE, NotAllowed, instead_of=(GRACE,)),
    row("a delegate of somebody who left", EVE, NotAllowed, instead_of=(LEFT,)),
    row("the requester as a delegate", ADA, OwnRequest, instead_of=(BEN,)),
    row("an editor as a delegate", GRACE, NotAllowed, instead_of=(BEN,)),
    row("a guest as a delegate", somebody("guest", member=False), NotAMember, instead_of=(BEN,)),
    row("a delegate of whoever voted", EVE, NotAllowed, instead_of=(BEN,), voted=(vote(BEN),)),
    row(
        "a delegate once, though of two",
        EVE,
        AlreadyVoted,
        instead_of=(MANA,),
        voted=(vote(EVE, instead_of=BEN),),
    ),
    row("whoever a delegate voted for", BEN, AlreadyVoted, voted=(vote(EVE, instead_of=BEN),)),
    row("a delegate in their own name, where they have one", MANA, OWN, instead_of=(BEN,)),
    row("a delegate of the first who still may", EVE, "U0MANA", instead_of=(BEN, MANA), voted=(vote(BEN),)),
)


@pytest.mark.parametrize(
    "case", [pytest.param(each, id=f"{at}: {each.says}") for at, each in enumerate(ROWS)]
)
def test_who_may_decide(case: Row) -> None:
    first, second = (Stage(rule=rule) for rule in STAGES)
    first = Stage(rule=first.rule, votes=case.voted, escalated_at=NOW if case.escalated else None)
    approval = Approval(stages=(first, second), editors_may_not=True)

    def ask() -> str:
        right = right_to_vote(
            approval,
            approval.stages[case.stage],
            Voter(who=case.who, stands_in_for=case.instead_of),
            requester=frozenset({"U0ADA", "ada@harbour.example"}),
            editors=(Editor(person=GRACE.person),),
            rule="production",
        )
        return right.person.user_id if right else OWN

    if isinstance(case.gives, str):
        assert ask() == case.gives
        return
    with pytest.raises(case.gives) as caught:
        ask()
    assert type(caught.value) is case.gives
    assert case.gives is not NotAllowed or "the rule “production”" in caught.value.message


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        (NOW - timedelta(microseconds=1), False),
        (NOW, True),
        (NOW + timedelta(days=1) - timedelta(microseconds=1), True),
        (NOW + timedelta(days=1), False),
    ],
)
def test_a_delegation_holds_from_its_first_moment_and_is_over_at_its_end(at: datetime, holds: bool) -> None:  # noqa: FBT001 - a table's column
    away = Delegation(by=BEN.person, to=EVE.person, since=NOW, until=NOW + timedelta(days=1))
    assert away.holds(at) is holds
