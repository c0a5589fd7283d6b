"""A launch: one wish to run one workflow once, from request to its one true end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from bot.domain.errors import TooLate
from bot.domain.people import identities_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from bot.domain.approval import Approval
    from bot.domain.execution import Argument
    from bot.domain.people import Person, Place
    from bot.domain.policy import Risk
    from bot.domain.preset import Editor
    from bot.domain.questions import RunQuestion
    from bot.domain.workflow import WorkflowRef


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
    State.AWAITING_APPROVAL: frozenset(
        {State.APPROVED, State.REJECTED, State.EXPIRED, State.WITHDRAWN, State.FAILED}
    ),
    State.APPROVED: frozenset({State.AWAITING_APPROVAL, State.STARTING, State.FAILED, State.WITHDRAWN}),
    State.STARTING: frozenset({State.RUNNING, State.APPROVED, State.FAILED, State.UNCERTAIN}),
    State.UNCERTAIN: frozenset({State.RUNNING, State.APPROVED, State.FAILED, State.LOST, State.WITHDRAWN}),
    State.RUNNING: frozenset({State.WAITING}) | _ENDS_OF_A_RUN,
    State.WAITING: frozenset({State.RUNNING}) | _ENDS_OF_A_RUN,
    **{end: frozenset() for end in (*_ENDS_OF_A_RUN, State.REJECTED, State.EXPIRED, State.WITHDRAWN)},
}
OPEN = frozenset(state for state, following in NEXT.items() if following)
IN_ORCHESTRATOR = frozenset({State.RUNNING, State.WAITING})
OCCUPYING = IN_ORCHESTRATOR | {State.STARTING, State.UNCERTAIN}  # keeps its lock, counts as an open run


class Happening(Enum):
    """What the thread of a launch tells, one event each."""

    REQUESTED = "requested"
    BREAK_GLASS = "break glass"  # it passes approval and freezes for a written reason
    VOTED = "voted"  # a yes that is not the last one needed
    STAGE_OPENED = "stage opened"
    VOTE_WITHDRAWN = "vote withdrawn"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    ASKED_ANEW = "asked anew"  # what was approved is not what would run, or who may approve has changed
    TOO_FEW = "too few approvers"  # who could still approve it: the group was emptied, or was never enough
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    HELD = "held"  # until a moment, or in the queue
    HELD_UP = "held up"  # Orchestrator took nothing; the start is tried again
    STARTED = "started"
    UNCERTAIN = "uncertain"
    NOT_FOUND = "not found"  # two looks found nothing: a person has to settle it
    AMBIGUOUS = "ambiguous"  # several runs could be this one: a person has to settle it
    FOUND = "found"
    SETTLED = "settled"
    WAITING = "waiting"
    RESUMED = "resumed"
    ANSWERED = "answered"
    RESUME_ASKED = "resume asked"  # of a run that failed and waits in the error handler
    CANCEL_ASKED = "cancel asked"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"
    REVIEW_ASKED = "review asked"
    REVIEWED = "reviewed"


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a launch; `seq` counts from 1 within it."""

    launch_id: str
    seq: int
    what: Happening
    at: datetime
    by: Person | None = None
    note: str = ""  # a person's reason or the cause, as plain text
    detail: Mapping[str, Any] = field(default_factory=dict)  # JSON: counts, places, moments


class HoldKind(Enum):
    """What an approved launch waits for."""

    LATER = "later"  # the moment somebody wished for
    FREEZE = "freeze"  # its end
    LOCK = "lock"  # another run on the same machine, cluster or the like
    FULL = "full"  # as many runs are open as the policy allows
    PAUSED = "paused"  # somebody paused it, its rule or all


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Why an approved launch does not start yet."""

    kind: HoldKind
    since: datetime  # of waiting in the queue, whatever for: who waits longest comes first
    until: datetime | None = None
    why: str = ""  # the freeze's name, the value of which one may run at a time, or why it is paused
    place: int = 0  # in the queue, from 1
    behind: str = ""  # the launch just before this one, or the one that runs
    behind_of: Person | None = None  # who asked for that, or who paused it

    @property
    def queues(self) -> bool:
        """Whether it waits for other launches, not for a moment."""
        return self.kind in {HoldKind.LOCK, HoldKind.FULL}


@dataclass(frozen=True, kw_only=True)
class Review:
    """Somebody looked at a launch that passed the policy's barriers for a written reason."""

    by: Person
    at: datetime
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Search:
    """The state of looking for a run whose start was never answered."""

    cause: str
    looks: int = 0
    looked_at: datetime | None = None
    candidates: tuple[str, ...] = ()  # execution ids that could be this launch's
    compared: tuple[str, ...] = ()  # those that this look, which still goes on, found to have other inputs
    gone: int = 0  # those of them that are listed but not shown
    needs_person: bool = False
    unread_since: datetime | None = None  # the list of runs could not be read since then


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a launch ended: the cause where it did not succeed, what it gave back where it ran."""

    detail: str = ""
    step: str = ""  # at which it failed, as the workflow's author called it
    log: tuple[str, ...] = ()  # the last warnings and errors of a run that failed, oldest first
    outputs: tuple[Argument, ...] = ()
    business_state: str = ""
    unread: str = ""  # why its outputs or its error could not be read; empty: they were


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
    digest: str = ""  # seals what runs, with what, where and for whom; each vote names it
    seal: tuple[tuple[str, str], ...] = ()  # of the workflow itself, as `seal.seal_of` reads it
    approval: Approval | None = None
    start_at: datetime | None = None  # not before, as the requester wished
    break_glass: str = ""  # the written reason to pass approval and freezes; empty: it passes none
    review: Review | None = None  # of a launch that passed them
    hold: Hold | None = None  # why it does not start although it may
    foreseen: Hold | None = None  # the freeze it would wait for, as the policy stood when it was asked for
    withdrawn_by: Person | None = None
    lock: str = ""  # of what one may run at a time, as the policy's queues know it; empty: of nothing
    editors: tuple[Editor, ...] = ()  # whose presets the request was filled in with
    requester_email: str = ""
    about: str = ""  # the thread of the message it is about, "C123:171.5": how it ends is told there as well
    risk: Risk | None = None
    labels: tuple[tuple[str, str], ...] = ()  # by input, what its form calls it where that is not its name
    hidden: frozenset[str] = frozenset()  # inputs whose values no channel shows
    safe_to_repeat: bool = False  # policy: a second run does no harm
    audited: str = "plain"  # policy: how the audit keeps the arguments: plain, hashed or none
    log: str = "private"  # policy: who sees the run's log: private (who asks for it), thread, or off
    tries: int = 0  # starts begun
    trying_since: datetime | None = None  # it may start, and Orchestrator is asked to
    is_held_up: bool = False  # Orchestrator took nothing so far
    held_up_by: str = ""  # why, the last time it was tried
    starting_at: datetime | None = None  # before the latest POST left
    search: Search | None = None
    execution_id: str | None = None
    started_at: datetime | None = None
    cancel_asked_by: Person | None = None
    question: RunQuestion | None = None  # what its run waits for, while it does
    answering: str = ""  # the interaction in which somebody answers that right now
    answering_key: str = ""  # by what the question meant there is recognised
    answering_until: datetime | None = None  # after it, another may
    answered: str = ""  # the key of the question answered last: a slow node may still ask it
    is_paused: bool = False  # by somebody in Orchestrator, as the latest look saw it
    unseen_since: datetime | None = None  # every look at the run failed since then, for an hour or more
    missing_since: datetime | None = None  # Orchestrator answers 404 for the run since then
    missing_fence: int = 0  # the number of the latest such look: another look in between had its own
    seen_end: State | None = None  # how the run ended, while its whole answer cannot be read
    unread_looks: int = 0  # tries to read that answer
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    version: int = 1  # counts every write
    fence: int = 0  # counts every claim: a late holder's write is refused
    unknown_fields: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)  # for the store

    def move(self, to: State, **changes: Any) -> Launch:  # noqa: ANN401 - fields of this class, checked by replace
        """Step to `to`; TooLate if that does not follow from here."""
        if to not in NEXT[self.state]:
            raise TooLate(f"This launch is {self.state.value}, so it cannot become {to.value}.")
        return replace(self, **{"state": to, "hold": None} | changes)

    @property
    def identities(self) -> frozenset[str]:
        """What the requester is one human by."""
        return identities_of(self.requester, self.requester_email)

    @property
    def excluded(self) -> frozenset[str]:
        """Who may not decide it, whatever group they are in: as the requester, or as an editor."""
        edited = self.approval is not None and self.approval.editors_may_not
        return self.identities.union(*(each.identities for each in self.editors if edited))

    @property
    def goes_first(self) -> bool:
        """Whether it goes before others that wait: people approved it, or the glass was broken for it."""
        return bool(self.break_glass) or (self.approval is not None and self.approval.is_passed)

    @property
    def approved_at(self) -> datetime | None:
        """When the last vote it needed was cast."""
        votes = self.approval.votes if self.approval else ()
        return max((vote.at for vote in votes), default=None)

    @property
    def wants_review(self) -> bool:
        """Whether it passed the policy's barriers, has run, and nobody looked at that yet."""
        return (
            bool(self.break_glass)
            and self.starting_at is not None
            and self.state.is_end
            and self.review is None
        )

    @property
    def took(self) -> float | None:
        """Seconds between start and end of the run, if both are known."""
        if self.started_at is None or self.ended_at is None:
            return None
        return max(0.0, (self.ended_at - self.started_at).total_seconds())


def plan() -> Mapping[str, tuple[str, ...]]:
    """The state drawing as words, for the document that shows it."""
    return {state.value: tuple(sorted(after.value for after in NEXT[state])) for state in State}
