"""Who may run what, where, and who has to approve it: the first rule that fits decides, none means no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.domain.errors import NotAllowed, NotAMember, NotHere, OwnRequest

if TYPE_CHECKING:
    from bot.domain.launch import Approval, Launch, WorkflowRef
    from bot.domain.people import Place, Standing
    from bot.domain.workflow import Workflow, WorkflowSummary

    AnyWorkflow = Workflow | WorkflowSummary | WorkflowRef


@dataclass(frozen=True, kw_only=True)
class Group:
    """A set of people: users and user groups by Slack id, or every full member."""

    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    everyone: bool = False

    def has(self, who: Standing) -> bool:
        """Whether this person belongs to it."""
        return self.everyone or who.person.user_id in self.users or bool(self.groups & who.groups)


@dataclass(frozen=True, kw_only=True)
class InputRule:
    """What the policy adds to a plain input: Orchestrator's own list names only its type."""

    required: bool = True
    label: str = ""
    hint: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None  # of a number; of a text, its length
    maximum: float | None = None
    pattern: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovalRule:
    """Who approves, and how long the request stands."""

    by: Group
    within: timedelta = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of the policy file."""

    name: str
    ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()  # "Library/vCenter/**": `*` within one folder, `**` across
    run: Group
    channels: frozenset[str] = frozenset()  # empty: anywhere
    approve: ApprovalRule | None = None
    safe_to_repeat: bool = False
    secrets: frozenset[str] = frozenset()  # named secrets its inputs may take
    typed_secrets: bool = False
    audited: str = "plain"  # how the audit keeps argument values: plain, hashed or none
    inputs: tuple[tuple[str, InputRule], ...] = ()

    def covers(self, workflow: AnyWorkflow) -> bool:
        """Whether this rule speaks of the workflow."""
        return (
            workflow.id in self.ids
            or workflow.name in self.names
            or any(_folder_pattern(pattern).fullmatch(workflow.folder) for pattern in self.folders)
        )

    def input(self, name: str) -> InputRule:
        """What the policy adds to the input of that name."""
        return dict(self.inputs).get(name, InputRule())


@lru_cache(maxsize=512)
def _folder_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a folder pattern; `Library/**` also means Library itself."""
    parts = re.split(r"(/\*\*|\*\*|\*)", pattern.strip("/"))
    known = {"/**": r"(?:/.*)?", "**": r".*", "*": r"[^/]*"}
    return re.compile("".join(known.get(part, re.escape(part)) for part in parts), re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The rules in the order of the file."""

    rules: tuple[Rule, ...] = ()

    def find(self, *, workflow: AnyWorkflow, who: Standing, place: Place | None) -> Rule | None:
        """The first rule under which this person may run this workflow here; `place` None: anywhere."""
        for number in sorted(self.rules_for(who=who, place=place)):
            if self.rules[number].covers(workflow):
                return self.rules[number]
        return None

    def rules_for(self, *, who: Standing, place: Place | None) -> frozenset[int]:
        """The numbers of the rules that let this person run something here; `place` None: anywhere."""
        if not who.is_member:
            return frozenset()
        return frozenset(
            number
            for number, rule in enumerate(self.rules)
            if (place is None or not rule.channels or place.channel_id in rule.channels) and rule.run.has(who)
        )

    def rules_on(self, workflow: AnyWorkflow) -> frozenset[int]:
        """The numbers of the rules that speak of this workflow."""
        return frozenset(number for number, rule in enumerate(self.rules) if rule.covers(workflow))

    def allow(self, *, workflow: AnyWorkflow, who: Standing, place: Place) -> Rule:
        """Like `find`, but NotAMember, NotAllowed or NotHere says why not."""
        if not who.is_member:
            raise NotAMember
        rule = self.find(workflow=workflow, who=who, place=place)
        if rule is not None:
            return rule
        elsewhere = self.find(workflow=workflow, who=who, place=None)
        if elsewhere is None:
            raise NotAllowed(f"No policy rule lets you run “{workflow.name}”. Nothing was started.")
        raise NotHere(
            f"“{workflow.name}” may not be run here. Nothing was started.",
            channels=tuple(sorted(elsewhere.channels)),
        )

    @property
    def groups(self) -> frozenset[str]:
        """Every Slack user group the policy names."""
        asked = [rule.run.groups for rule in self.rules]
        asked += [rule.approve.by.groups for rule in self.rules if rule.approve]
        return frozenset().union(*asked)

    @property
    def secrets(self) -> frozenset[str]:
        """Every named secret some rule allows."""
        return frozenset().union(*(rule.secrets for rule in self.rules))


def check_approver(launch: Launch, approval: Approval, who: Standing) -> None:
    """NotAMember, OwnRequest or NotAllowed unless this person may decide this launch."""
    if not who.is_member:
        raise NotAMember
    if who.person == launch.requester:
        raise OwnRequest
    if not approval.has(who):
        raise NotAllowed("You are not among the approvers of this launch. Your click changed nothing.")
