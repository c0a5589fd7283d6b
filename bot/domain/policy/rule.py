"""One rule of the policy file, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from bot.domain.policy.folders import FolderPattern

if TYPE_CHECKING:
    from bot.domain.policy.group import Group
    from bot.domain.workflow import Workflow, WorkflowRef, WorkflowSummary

    AnyWorkflow: TypeAlias = Workflow | WorkflowSummary | WorkflowRef


class Risk(Enum):
    """How much harm a run can do, as the policy says."""

    READ_ONLY = "read_only"
    CHANGE = "change"
    DESTRUCTIVE = "destructive"


class OnExpiry(Enum):
    """What becomes of a request that nobody decided in time; it is never approved."""

    END = "end"
    ESCALATE = "escalate"  # to the stage's second group, once, for as long again


class InFreeze(Enum):
    """What becomes of a launch inside a freeze window."""

    RUN = "run"  # the freeze does not concern it
    WAIT = "wait"
    REFUSE = "refuse"


class ConfirmBy(Enum):
    """How an approval has to be given; each is stricter than the one before."""

    CLICK = "click"  # the button on the card
    DIALOG = "dialog"  # in the window that shows all of the request
    CODE = "code"  # there, with a one-time code

    def covers(self, asked: ConfirmBy) -> bool:
        """Whether an approval given in this way is at least as strict as the one asked for."""
        order = list(ConfirmBy)
        return order.index(self) >= order.index(asked)


@dataclass(frozen=True, kw_only=True)
class Notify:
    """Where else a request for approval is told."""

    channels: frozenset[str] = frozenset()
    direct: bool = False  # to each approver in direct messages


@dataclass(frozen=True, kw_only=True)
class StageRule:
    """One stage of an approval: how many of whom, in which time, and who is reminded when."""

    by: Group
    count: int = 1  # distinct people
    within: timedelta = timedelta(hours=24)
    remind: tuple[timedelta, ...] = ()  # after the stage began, growing
    escalate: Group | None = None  # these may decide as well, from escalate_after on
    escalate_after: timedelta | None = None
    notify: Notify = field(default_factory=Notify)
    confirm_by: str = ConfirmBy.CLICK.value
    delegable: bool = True  # False: nobody decides it in somebody else's name

    @property
    def confirmation(self) -> ConfirmBy:
        """How an approval has to be given."""
        return ConfirmBy(self.confirm_by)


@dataclass(frozen=True, kw_only=True)
class ArgumentTest:
    """What an argument has to hold for a rule to count: one of the values, or a number within bounds."""

    name: str
    values: frozenset[str] = frozenset()  # as `arguments.plain` writes them
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, kw_only=True)
class InputRule:
    """What the policy adds to an input; it may tighten what Orchestrator's form says, never loosen it."""

    required: bool | None = None  # None: as the form or, where there is none, the definition says
    label: str = ""
    hint: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None  # of a number; of a text, its length
    maximum: float | None = None
    pattern: str = ""

    @property
    def has_range(self) -> bool:
        """Whether it says how great or small, long or short something may be."""
        return self.minimum is not None or self.maximum is not None

    @property
    def is_bound(self) -> bool:
        """Whether it limits values at all."""
        return self.has_range or bool(self.choices or self.pattern)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of the policy file."""

    name: str
    ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()  # "Library/vCenter/**": `*` within one folder, `**` across
    tags: frozenset[str] = frozenset()
    when: tuple[ArgumentTest, ...] = ()  # all have to hold
    run: Group
    channels: frozenset[str] = frozenset()  # empty: anywhere
    risk: Risk | None = None
    approve: tuple[StageRule, ...] = ()  # in order; empty: none has to
    editors_may_not_approve: bool = False
    on_expiry: OnExpiry = OnExpiry.END
    in_freeze: InFreeze = InFreeze.WAIT
    one_at_a_time: str = ""  # the parameter of whose values each has one open run at most
    requester_input: str = ""  # the input that the bot fills with who asked
    hidden: frozenset[str] = frozenset()  # inputs whose values no channel shows
    safe_to_repeat: bool = False
    secrets: frozenset[str] = frozenset()  # named secrets its inputs may take
    secret_inputs: tuple[tuple[str, frozenset[str]], ...] = ()  # by secret, what alone it may be for
    typed_secrets: bool = False
    audited: str = "plain"  # how the audit keeps argument values: plain, hashed or none
    log: str = "private"  # who sees the log of a run: private (who asks for it), thread, or off
    inputs: tuple[tuple[str, InputRule], ...] = ()

    @cached_property
    def folder_patterns(self) -> tuple[FolderPattern, ...]:
        """The patterns of `folders`, each of which is compiled at most once."""
        return tuple(FolderPattern(written=each) for each in self.folders)

    def covers(self, workflow: AnyWorkflow) -> bool:
        """Whether this rule speaks of the workflow."""
        return (
            workflow.id in self.ids
            or workflow.name in self.names
            or not self.tags.isdisjoint(workflow.tags or ())
            or any(pattern.fits(workflow.folder) for pattern in self.folder_patterns)
        )

    def secrets_for(self, name: str) -> frozenset[str]:
        """The named secrets that the input of that name may take."""
        elsewhere = {secret for secret, inputs in self.secret_inputs if name not in inputs}
        return self.secrets - elsewhere

    def input(self, name: str) -> InputRule:
        """What the policy adds to the input of that name."""
        return dict(self.inputs).get(name, InputRule())
