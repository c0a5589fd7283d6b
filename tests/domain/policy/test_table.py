"""What the policy answers, case by case: each row is a wish, the answer, and the rule that gives it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import NotAllowed, NotAMember
from bot.domain.execution import Argument
from bot.domain.people import Membership, Person, Place
from bot.domain.policy import RulingOutcome, Why, explain, refusal
from bot.domain.values import EncryptedText, Properties, SdkObject, SealedSecret, SecretRef
from bot.domain.workflow import ParameterType, WorkflowSummary
from bot.policy_file import parse_policy

if TYPE_CHECKING:
    from bot.domain.policy import Ruling
    from bot.domain.values import Value

POLICY = """
people:
  operators: {users: [U0ADA, U0BEN], groups: [S0OPERATORS]}
  managers: {groups: [S0MANAGERS]}

freezes:
  - {name: weekend, zone: Europe/Berlin, from: Fri 18:00, to: Mon 06:00}
  - {name: year end, zone: Europe/Berlin, from: 2026-12-23 18:00, to: 2027-01-04 08:00}

break_glass:
  users: [U0ADA]
  review: {people: [managers]}

rules:
  - name: reports
    workflows: {names: [Report], tags: [read-only]}
    run: {everyone: true}
    risk: read_only
    in_freeze: run

  - name: the desk
    workflows: {ids: [notice-1]}
    run: {domains: [desk.example.com]}
    channels: [C0DESK]
    in_freeze: run

  - name: the desk's second channel
    workflows: {ids: [notice-1]}
    run: {domains: [desk.example.com]}
    channels: [C0DESKTWO]
    in_freeze: run

  - name: production
    workflows: {folders: ["Machines/**"]}
    when: {environment: prod}
    run: {people: [operators]}
    risk: destructive
    approve:
      - {people: [operators], count: 2}
      - {people: [managers]}

  - name: large
    workflows: {folders: ["Machines/*"]}
    when: {environment: [test, dev], sizeGb: {minimum: 500, maximum: 1000}}
    run: {people: [operators]}
    approve: {people: [managers]}
    in_freeze: refuse

  - name: machines
    workflows: {folders: ["Machines/*"]}
    when: {environment: [test, dev]}
    run: {people: [operators]}
    in_freeze: refuse

  - name: disks
    workflows: {names: [Resize disk]}
    run: {people: [operators], domains: [ops.example.com]}
    one_at_a_time: vm
    inputs:
      sizeGb: {minimum: 1, maximum: 500}
      vm: {minimum: 3, maximum: 12, pattern: "[A-Za-z0-9-]+"}
      tier: {choices: [Gold, silver]}

  - name: vcenter
    workflows: {folders: [Library/vCenter]}
    when: {cluster: [prod-a, domain-c7]}
    run: {everyone: true}
    approve: {people: [managers]}

  - name: library
    workflows: {folders: [Library/**]}
    when: {force: false, retries: 3}
    run: {everyone: true}
"""
TUESDAY = datetime(2026, 12, 1, 10, tzinfo=UTC)
SATURDAY = datetime(2026, 12, 5, 10, tzinfo=UTC)
FRIDAY_18 = datetime(2026, 12, 4, 17, tzinfo=UTC)  # in Berlin an hour later
MONDAY_6 = datetime(2026, 12, 7, 5, tzinfo=UTC)
YEAR_END = datetime(2026, 12, 23, 17, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 4, 7, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)
REASON = "The array loses data."


def somebody(
    user: str, *groups: str, email: str = "", confirmed: bool = True, member: bool = True
) -> Membership:
    return Membership(
        person=Person(team_id="T0HARBOUR", user_id=user),
        is_member=member,
        groups=frozenset(groups),
        email=email,
        email_confirmed=confirmed and bool(email),
    )


ADA = somebody("U0ADA", "S0OPERATORS")
CARL = somebody("U0CARL", "S0OPERATORS", "S0MANAGERS")
DORA = somebody("U0DORA", email="Dora@Desk.Example.com")
EVE = somebody("U0EVE")
UNREAD = replace(EVE, unread=frozenset({"S0OPERATORS"}))
UNREAD_ELSEWHERE = replace(EVE, unread=frozenset({"S0MANAGERS"}))
GUEST = somebody("U0ADA", "S0OPERATORS", member=False)


def workflow(path: str, *, id: str = "w-1", tags: tuple[str, ...] | None = ()) -> WorkflowSummary:  # noqa: A002
    folder, _, name = path.rpartition("/")
    return WorkflowSummary(id=id, name=name, folder=folder, tags=tags or ())


REPORT = workflow("Reports/Report")
TAGGED = workflow("Elsewhere/List machines", tags=("vm", "read-only"))
NOTICE = workflow("Desk/Send notice", id="notice-1")
MACHINE = workflow("Machines/Linux/Restart")
DEEP = workflow("Machines/Linux/Berlin/Restart")
DISK = workflow("Disks/Resize disk")
CLUSTER = workflow("Library/vCenter/Drain")
LIBRARY = workflow("Library/Mail/Send")
STRANGE = workflow("Nowhere/Strange")


@dataclass(frozen=True, kw_only=True)
class Row:
    says: str
    who: Membership = ADA
    what: WorkflowSummary = MACHINE
    at: datetime = TUESDAY
    where: str = "C0OPS"
    glass: str = ""
    outcome: RulingOutcome
    rule: str | None
    why: Why | None = None
    approvals: tuple[int, ...] = ()
    freeze: str | None = None
    lock: str = ""
    given: tuple[tuple[str, Value], ...] = ()

    def ruling(self) -> Ruling:
        return parse_policy(POLICY, secrets=()).decide(
            workflow=self.what,
            who=self.who,
            place=Place(channel_id=self.where),
            arguments=tuple(
                Argument(name=name, type=ParameterType(declared="Any"), value=value)
                for name, value in self.given
            ),
            at=self.at,
            break_glass=self.glass,
        )


def row(
    says: str,
    outcome: RulingOutcome,
    rule: str | None,
    given: dict[str, Value] | None = None,
    **more: object,
) -> Row:
    pairs = tuple((given or {}).items())
    return Row(says=says, outcome=outcome, rule=rule, given=pairs, **more)  # type: ignore[arg-type]


ALLOW, DENY, APPROVAL, FREEZE = (
    RulingOutcome.ALLOWED,
    RulingOutcome.DENIED,
    RulingOutcome.APPROVAL,
    RulingOutcome.FROZEN,
)
PROD: dict[str, Value] = {"environment": "prod"}
TEST: dict[str, Value] = {"environment": "test"}
SMALL = {**TEST, "sizeGb": 10}
VM = SdkObject(type="VC:VirtualMachine", id="vm-12", name="web-01")


def cluster(value: Value) -> dict[str, Value]:
    return {"cluster": value}


ROWS = (
    # who
    row("everyone may", ALLOW, "reports", who=EVE, what=REPORT),
    row("a guest may nothing, whatever rule names them", DENY, None, who=GUEST, why=Why.NOT_A_MEMBER),
    row("not even what everyone may", DENY, None, who=GUEST, what=REPORT, why=Why.NOT_A_MEMBER),
    row("somebody named may", ALLOW, "machines", SMALL),
    row("somebody of a named group may", ALLOW, "machines", SMALL, who=CARL),
    row("anybody else may not", DENY, "production", SMALL, who=EVE, why=Why.NO_RULE),
    row("what no rule covers nobody may", DENY, None, what=STRANGE, why=Why.NO_RULE),
    row(
        "a group Slack does not tell of is a no, not a later rule's yes",
        DENY,
        "production",
        SMALL,
        who=UNREAD,
        why=Why.NO_MEMBERS,
    ),
    row("unless the rule goes by another", DENY, "production", SMALL, who=UNREAD_ELSEWHERE, why=Why.NO_RULE),
    row("or is for everyone", ALLOW, "reports", who=UNREAD, what=REPORT),
    # e-mail domains
    row(
        "an address of the domain counts, free of case",
        ALLOW,
        "the desk",
        who=DORA,
        what=NOTICE,
        where="C0DESK",
    ),
    row(
        "an address Slack has not confirmed does not",
        DENY,
        "the desk",
        who=somebody("U0DORA", email="dora@desk.example.com", confirmed=False),
        what=NOTICE,
        where="C0DESK",
    ),
    row("nor does no address", DENY, "the desk", who=EVE, what=NOTICE, where="C0DESK"),
    row(
        "nor one of a domain below it",
        DENY,
        "the desk",
        who=somebody("U0DORA", email="dora@sub.desk.example.com"),
        what=NOTICE,
        where="C0DESK",
    ),
    row(
        "nor one that only ends alike",
        DENY,
        "the desk",
        who=somebody("U0DORA", email="dora@mydesk.example.com"),
        what=NOTICE,
        where="C0DESK",
    ),
    row(
        "nor one that hides the domain before another @",
        DENY,
        "the desk",
        who=somebody("U0DORA", email="dora@desk.example.com@evil.example"),
        what=NOTICE,
        where="C0DESK",
    ),
    # where
    row("a rule's channel counts", ALLOW, "the desk", who=DORA, what=NOTICE, where="C0DESK"),
    row(
        "in another channel a later rule may",
        ALLOW,
        "the desk's second channel",
        who=DORA,
        what=NOTICE,
        where="C0DESKTWO",
    ),
    row("in any other channel it is a no", DENY, "the desk", who=DORA, what=NOTICE, why=Why.NO_RULE),
    row("nor in direct messages", DENY, "the desk", who=DORA, what=NOTICE, where="D0DORA"),
    row("a rule without channels counts in direct messages", ALLOW, "reports", what=REPORT, where="D0ADA"),
    # which workflow
    row("by tag", ALLOW, "reports", who=EVE, what=TAGGED),
    row(
        "by id, whatever its name",
        ALLOW,
        "the desk",
        who=DORA,
        what=workflow("X/Y", id="notice-1"),
        where="C0DESK",
    ),
    row(
        "a name in another case is another name", DENY, None, what=workflow("Reports/report"), why=Why.NO_RULE
    ),
    row("one star stays within a folder", ALLOW, "machines", SMALL),
    row("and does not reach below", DENY, "production", TEST, what=DEEP, why=Why.NO_RULE),
    row("two stars do", APPROVAL, "production", PROD, what=DEEP, approvals=(2, 1)),
    row(
        "and mean the folder itself too",
        APPROVAL,
        "production",
        PROD,
        what=workflow("Machines/Restart"),
        approvals=(2, 1),
    ),
    row("a folder that only begins alike is another", DENY, None, PROD, what=workflow("Machines2/Restart")),
    # by argument
    row("production asks for more", APPROVAL, "production", PROD, approvals=(2, 1)),
    row(
        "in any case, with blanks around it",
        APPROVAL,
        "production",
        {"environment": " PROD "},
        approvals=(2, 1),
    ),
    row("than test", ALLOW, "machines", SMALL),
    row(
        "a value no rule is for is a no",
        DENY,
        "production",
        {"environment": "stage", "sizeGb": 1},
        why=Why.NO_RULE,
    ),
    row(
        "nothing given is a no, not a later rule's yes", DENY, "production", {"sizeGb": 1}, why=Why.NO_ANSWER
    ),
    row("nor is a field left empty", DENY, "production", {"environment": None}, why=Why.NO_ANSWER),
    row("or filled with nothing", DENY, "production", {"environment": ""}, why=Why.NO_ANSWER),
    row("or a list of nothing", DENY, "production", {"environment": ()}, why=Why.NO_ANSWER),
    row(
        "a typed secret cannot be told",
        DENY,
        "production",
        {"environment": SealedSecret(slot="environment")},
        why=Why.NO_ANSWER,
    ),
    row("nor a named one", DENY, "production", {"environment": SecretRef(name="prod")}, why=Why.NO_ANSWER),
    row(
        "nor an encrypted one",
        DENY,
        "production",
        {"environment": EncryptedText(text="prod")},
        why=Why.NO_ANSWER,
    ),
    row(
        "nor what has no plain form",
        DENY,
        "production",
        {"environment": Properties(entries=(("a", "prod"),))},
        why=Why.NO_ANSWER,
    ),
    row(
        "a list of which all fit counts",
        APPROVAL,
        "production",
        {"environment": ("prod", "PROD")},
        approvals=(2, 1),
    ),
    row(
        "a list of which some fit is a no",
        DENY,
        "production",
        {"environment": ("test", "prod")},
        why=Why.NO_ANSWER,
    ),
    row(
        "an argument of the same name in another case is another",
        DENY,
        "production",
        {"Environment": "prod"},
        why=Why.NO_ANSWER,
    ),
    # numbers, at their bounds
    row("just below a bound", ALLOW, "machines", {**TEST, "sizeGb": 499.999}),
    row("at the lower bound", APPROVAL, "large", {**TEST, "sizeGb": 500}, approvals=(1,)),
    row("at the upper bound", APPROVAL, "large", {**TEST, "sizeGb": 1000}, approvals=(1,)),
    row("just above it", ALLOW, "machines", {**TEST, "sizeGb": 1000.001}),
    row("a number typed as text is a number", APPROVAL, "large", {**TEST, "sizeGb": "500"}, approvals=(1,)),
    row("text that is none cannot be told", DENY, "large", {**TEST, "sizeGb": "500 GB"}, why=Why.NO_ANSWER),
    row("nor what is no number", DENY, "large", {**TEST, "sizeGb": float("nan")}, why=Why.NO_ANSWER),
    row("nor a truth value", DENY, "large", {**TEST, "sizeGb": True}, why=Why.NO_ANSWER),
    row("true and false are values", ALLOW, "library", {"force": False, "retries": 3}, what=LIBRARY),
    row("so are numbers, however written", ALLOW, "library", {"force": False, "retries": 3.0}, what=LIBRARY),
    row("another truth value is another", DENY, "library", {"force": True, "retries": 3}, what=LIBRARY),
    # objects of the inventory
    row(
        "an object counts by its id",
        APPROVAL,
        "vcenter",
        cluster(SdkObject(type="VC:Cluster", id="domain-c7", name="gold")),
        what=CLUSTER,
        approvals=(1,),
    ),
    row(
        "or by its name",
        APPROVAL,
        "vcenter",
        cluster(SdkObject(type="VC:Cluster", id="domain-c9", name="Prod-A")),
        what=CLUSTER,
        approvals=(1,),
    ),
    row(
        "one without a name could be any",
        DENY,
        "vcenter",
        cluster(SdkObject(type="VC:Cluster", id="domain-c9")),
        what=CLUSTER,
        why=Why.NO_ANSWER,
    ),
    row(
        "another object is another",
        DENY,
        "vcenter",
        {**cluster(SdkObject(type="VC:Cluster", id="domain-c9", name="test")), "force": True, "retries": 1},
        what=CLUSTER,
        why=Why.NO_RULE,
    ),
    # one at a time
    row(
        "a lock is on the value",
        FREEZE,
        "disks",
        {"vm": "Web-01"},
        what=DISK,
        at=SATURDAY,
        lock="web-01",
        freeze="weekend",
    ),
    row("of an object, on its id", ALLOW, "disks", {"vm": VM}, what=DISK, lock="vm-12"),
    row(
        "without a value there is no lock, so no run", DENY, "disks", {"vm": None}, what=DISK, why=Why.NO_LOCK
    ),
    row("nor of a secret", DENY, "disks", {"vm": SecretRef(name="web-01")}, what=DISK, why=Why.NO_LOCK),
    row("nor of a list", DENY, "disks", {"vm": ("web-01",)}, what=DISK, why=Why.NO_LOCK),
    row("nor of an input the workflow does not have", DENY, "disks", what=DISK, why=Why.NO_LOCK),
    # what the rule says of single inputs, whichever form they come from
    row(
        "inputs within their bounds",
        ALLOW,
        "disks",
        {"vm": "a-1", "sizeGb": 500, "tier": "gold"},
        what=DISK,
        lock="a-1",
    ),
    row(
        "a number above its maximum",
        DENY,
        "disks",
        {"vm": "a-1", "sizeGb": 500.1},
        what=DISK,
        why=Why.OUT_OF_BOUNDS,
    ),
    row("or below its minimum", DENY, "disks", {"vm": "a-1", "sizeGb": 0}, what=DISK, why=Why.OUT_OF_BOUNDS),
    row(
        "or no number at all",
        DENY,
        "disks",
        {"vm": "a-1", "sizeGb": float("nan")},
        what=DISK,
        why=Why.OUT_OF_BOUNDS,
    ),
    row("a text too long", DENY, "disks", {"vm": "a-23456789012"}, what=DISK, why=Why.OUT_OF_BOUNDS),
    row("or of another form", DENY, "disks", {"vm": "web_01"}, what=DISK, why=Why.OUT_OF_BOUNDS),
    row(
        "what is none of the choices",
        DENY,
        "disks",
        {"vm": "a-1", "tier": "bronze"},
        what=DISK,
        why=Why.OUT_OF_BOUNDS,
    ),
    row(
        "one item of a list is enough",
        DENY,
        "disks",
        {"vm": "a-1", "sizeGb": (1, 501)},
        what=DISK,
        why=Why.OUT_OF_BOUNDS,
    ),
    row(
        "what is left empty breaks no bound",
        ALLOW,
        "disks",
        {"vm": "a-1", "sizeGb": None},
        what=DISK,
        lock="a-1",
    ),
    row(
        "nor does a secret", ALLOW, "disks", {"vm": "a-1", "tier": SecretRef(name="x")}, what=DISK, lock="a-1"
    ),
    # freezes, at their bounds
    row("a second before it", APPROVAL, "production", PROD, at=FRIDAY_18 - A_SECOND, approvals=(2, 1)),
    row(
        "at its first moment a launch waits",
        FREEZE,
        "production",
        PROD,
        at=FRIDAY_18,
        approvals=(2, 1),
        freeze="weekend",
    ),
    row("or is refused", DENY, "machines", SMALL, at=FRIDAY_18, why=Why.FREEZE_REFUSES, freeze="weekend"),
    row(
        "in its last second",
        DENY,
        "machines",
        SMALL,
        at=MONDAY_6 - A_SECOND,
        why=Why.FREEZE_REFUSES,
        freeze="weekend",
    ),
    row("at its end it is over", ALLOW, "machines", SMALL, at=MONDAY_6),
    row("some rules it does not concern", ALLOW, "reports", what=REPORT, at=SATURDAY),
    row("a second before a dated one", ALLOW, "machines", SMALL, at=YEAR_END - A_SECOND),
    row(
        "at its first moment", DENY, "machines", SMALL, at=YEAR_END, why=Why.FREEZE_REFUSES, freeze="year end"
    ),
    row(
        "in its last second",
        DENY,
        "machines",
        SMALL,
        at=NEW_YEAR - A_SECOND,
        why=Why.FREEZE_REFUSES,
        freeze="year end",
    ),
    row("at its end", ALLOW, "machines", SMALL, at=NEW_YEAR),
    # breaking the glass
    row("passes an approval", ALLOW, "production", PROD, glass=REASON, why=Why.GLASS_BROKEN),
    row(
        "passes a freeze that waits",
        ALLOW,
        "production",
        PROD,
        glass=REASON,
        at=SATURDAY,
        why=Why.GLASS_BROKEN,
    ),
    row("passes one that refuses", ALLOW, "machines", SMALL, glass=REASON, at=SATURDAY, why=Why.GLASS_BROKEN),
    row(
        "is not for whoever is not named",
        DENY,
        "machines",
        SMALL,
        who=CARL,
        glass=REASON,
        why=Why.GLASS_NOT_THEIRS,
    ),
    row("opens nothing that no rule allows", DENY, None, what=STRANGE, glass=REASON, why=Why.NO_RULE),
    row(
        "nor what cannot be told", DENY, "production", {"environment": None}, glass=REASON, why=Why.NO_ANSWER
    ),
    row("nor one at a time without a value", DENY, "disks", what=DISK, glass=REASON, why=Why.NO_LOCK),
    row("keeps the lock", ALLOW, "disks", {"vm": VM}, what=DISK, glass=REASON, lock="vm-12"),
    row("is not for a guest", DENY, None, who=GUEST, glass=REASON, why=Why.NOT_A_MEMBER),
)


@pytest.mark.parametrize(
    "case", [pytest.param(each, id=f"{at}: {each.says}") for at, each in enumerate(ROWS)]
)
def test_the_policy_answers(case: Row) -> None:
    ruling = case.ruling()
    assert ruling.outcome is case.outcome
    assert (ruling.rule.name if ruling.rule else None) == case.rule
    assert case.why in {None, ruling.reasons[-1].why}
    assert tuple(stage.count for stage in ruling.approve) == case.approvals
    assert (ruling.freeze.name if ruling.freeze else None) == case.freeze
    assert ruling.lock == case.lock or ruling.outcome is DENY


@pytest.mark.parametrize(
    "case",
    [pytest.param(each, id=f"{at}: {each.says}") for at, each in enumerate(ROWS) if each.outcome is DENY],
)
def test_each_refusal_names_its_rule(case: Row) -> None:
    ruling = case.ruling()
    error, words = refusal(ruling), str(explain(ruling))
    assert words.startswith("No: ")
    if case.why is Why.NOT_A_MEMBER:
        assert isinstance(error, NotAMember)
        return
    assert isinstance(error, NotAllowed)
    assert error.message.endswith("Nothing was started.")
    assert f"“{case.rule}”" in error.message if case.rule else "No policy rule is for" in error.message
    assert case.rule is None or f"The rule “{case.rule}”" in words


def test_the_table_has_at_least_sixty_cases() -> None:
    assert len(ROWS) >= 60
    assert {each.outcome for each in ROWS} == set(RulingOutcome)
