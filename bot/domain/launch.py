"""A launch: one wish to run one workflow once, from request to its one true end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from bot.domain.errors import TooLate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from bot.domain.execution import Argument
    from bot.domain.people import Person, Place, Standing


class State(Enum):
    """Where a launch stands."""

    AWAITING_APPROVAL = "awaiting approval"
    APPROVED = "approved"
    STARTING = "starting"
    UNCERTAIN = "uncertain"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"

    @property
    def is_end(self) -> bool:
        """Whether nothing follows."""
        return not NEXT[self]


_ENDS_OF_A_RUN = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED, State.LOST})

NEXT: dict[State, frozenset[State]] = {
    State.AWAITING_APPROVAL: frozenset({State.APPROVED, State.REJECTED, State.EXPIRED, State.WITHDRAWN}),
    State.APPROVED: frozenset({State.STARTING, State.FAILED, State.WITHDRAWN}),
    State.STARTING: frozenset({State.RUNNING, State.APPROVED, State.FAILED, State.UNCERTAIN}),
    State.UNCERTAIN: frozenset({State.RUNNING, State.APPROVED, State.FAILED, State.LOST, State.WITHDRAWN}),
    State.RUNNING: frozenset({State.WAITING}) | _ENDS_OF_A_RUN,
    State.WAITING: frozenset({State.RUNNING}) | _ENDS_OF_A_RUN,
    **{end: frozenset() for end in (*_ENDS_OF_A_RUN, State.REJECTED, State.EXPIRED, State.WITHDRAWN)},
}
OPEN = frozenset(state for state, following in NEXT.items() if following)
IN_ORCHESTRATOR = frozenset({State.RUNNING, State.WAITING})


class Happening(Enum):
    """What the thread of a launch tells, one event each."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    HELD_UP = "held up"  # Orchestrator took nothing; the start is tried again
    STARTED = "started"
    UNCERTAIN = "uncertain"
    NOT_FOUND = "not found"  # two looks found nothing: a person has to settle it
    AMBIGUOUS = "ambiguous"  # several runs could be this one: a person has to settle it
    FOUND = "found"
    SETTLED = "settled"
    WAITING = "waiting"
    RESUMED = "resumed"
    CANCEL_ASKED = "cancel asked"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a launch; `seq` counts from 1 within it."""

    launch_id: str
    seq: int
    what: Happening
    at: datetime
    by: Person | None = None
    note: str = ""  # a person's reason or the cause, as plain text


@dataclass(frozen=True, kw_only=True)
class WorkflowRef:
    """The workflow a launch runs, as it was when the form was shown."""

    id: str
    name: str
    version: str = ""
    folder: str = ""
    tags: tuple[str, ...] | None = None  # None: not known


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Who may approve a launch, and until when."""

    users: frozenset[str] = frozenset()  # Slack user ids
    groups: frozenset[str] = frozenset()  # Slack user group ids
    expires_at: datetime

    def has(self, who: Standing) -> bool:
        """Whether this person is among the approvers."""
        return who.person.user_id in self.users or bool(self.groups & who.groups)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a person decided on an approval."""

    by: Person
    at: datetime
    approved: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Search:
    """The state of looking for a run whose start was never answered."""

    cause: str
    looks: int = 0
    looked_at: datetime | None = None
    candidates: tuple[str, ...] = ()  # execution ids that could be this launch's
    compared: tuple[str, ...] = ()  # those that this look, which still goes on, found to have other inputs
    needs_person: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a launch ended: the cause where it did not succeed, what it gave back where it ran."""

    detail: str = ""
    outputs: tuple[Argument, ...] = ()
    business_state: str = ""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """One wish to run one workflow once."""

    id: str
    workflow: WorkflowRef
    arguments: tuple[Argument, ...] = field(repr=False)
    requester: Person
    place: Place
    rule: str  # name of the policy rule that allowed it
    requested_at: datetime
    state: State
    approval: Approval | None = None
    decision: Decision | None = None
    safe_to_repeat: bool = False  # policy: a second run does no harm
    audited: str = "plain"  # policy: how the audit keeps the arguments: plain, hashed or none
    tries: int = 0  # starts begun
    starting_at: datetime | None = None  # before the latest POST left
    search: Search | None = None
    execution_id: str | None = None
    started_at: datetime | None = None
    cancel_asked_by: Person | None = None
    missing_since: datetime | None = None  # Orchestrator answers 404 for the run since then
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    version: int = 1  # counts every write
    fence: int = 0  # counts every claim: a late holder's write is refused

    def move(self, to: State, **changes: Any) -> Launch:  # noqa: ANN401 - fields of this class, checked by replace
        """Step to `to`; TooLate if that does not follow from here."""
        if to not in NEXT[self.state]:
            raise TooLate(f"This launch is {self.state.value}, so it cannot become {to.value}.")
        return replace(self, state=to, **changes)

    @property
    def took(self) -> float | None:
        """Seconds between start and end of the run, if both are known."""
        if self.started_at is None or self.ended_at is None:
            return None
        return max(0.0, (self.ended_at - self.started_at).total_seconds())


def plan() -> Mapping[str, tuple[str, ...]]:
    """The state drawing as words, for the document that shows it."""
    return {state.value: tuple(sorted(after.value for after in NEXT[state])) for state in State}
