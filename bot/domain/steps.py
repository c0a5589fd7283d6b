"""The steps of a launch as pure functions: launch and time in, next launch and what to tell out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from bot.domain.errors import AlreadyDecided, Busy, NotVisible, TooLate
from bot.domain.execution import ExecutionState
from bot.domain.launch import (
    IN_ORCHESTRATOR,
    Approval,
    Decision,
    Happening,
    Launch,
    Outcome,
    Search,
    State,
    WorkflowRef,
)
from bot.domain.outputs import presentable
from bot.domain.policy import check_approver

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.draft import Draft
    from bot.domain.errors import NothingSent
    from bot.domain.execution import Argument, Execution
    from bot.domain.people import Person, Standing
    from bot.domain.policy import Rule

GIVE_UP_STARTING = timedelta(hours=6)  # while Orchestrator takes nothing
MISSING_IS_LOST = timedelta(minutes=5)  # a run that stays 404 for so long was purged
LOOK_AGAIN_IF_UNREACHABLE = timedelta(seconds=15)
COMPARE_MORE = timedelta(seconds=1)
MOST_COMPARED = 500  # runs for one launch in doubt; beyond, a person is quicker


class Due(Enum):
    """When the tracker looks at a launch next, where that is no moment."""

    UNCHANGED = "unchanged"
    CLAIMED = "claimed"  # it is the caller's alone, for a lease


@dataclass(frozen=True, kw_only=True)
class Told:
    """What happened, by whom, with what note: the thread will tell it."""

    what: Happening
    by: Person | None = None
    email: str = ""  # of `by`, for the audit
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """The launch after a step, what it gave to tell, and when it is looked at next (None: never)."""

    launch: Launch
    told: tuple[Told, ...] = ()
    due: datetime | Due | None = None


# a person asks, somebody decides


def requested(
    draft: Draft, *, who: Standing, rule: Rule, arguments: tuple[Argument, ...], now: datetime
) -> Step:
    """The launch of a submitted draft: waiting for approval where the rule asks for it, else due at once."""
    approval = None
    if rule.approve:
        first = rule.approve[0]
        approval = Approval(users=first.by.users, groups=first.by.groups, expires_at=now + first.within)
    workflow = draft.workflow
    launch = Launch(
        id=draft.id,
        workflow=WorkflowRef(
            id=workflow.id,
            name=workflow.name,
            version=workflow.version,
            folder=workflow.folder,
            tags=workflow.tags,
        ),
        arguments=arguments,
        requester=who.person,
        place=draft.place,
        rule=rule.name,
        requested_at=now,
        state=State.AWAITING_APPROVAL if approval else State.APPROVED,
        approval=approval,
        safe_to_repeat=rule.safe_to_repeat,
        audited=rule.audited,
    )
    told = Told(what=Happening.REQUESTED, by=who.person, email=who.email)
    return Step(launch=launch, told=(told,), due=approval.expires_at if approval else now)


def check_decision(launch: Launch, *, who: Standing, now: datetime) -> None:
    """AlreadyDecided, OwnRequest or NotAllowed unless this person can decide this launch now."""
    if launch.state is not State.AWAITING_APPROVAL or launch.approval is None:
        raise AlreadyDecided(f"This launch is already {launch.state.value}. Your click changed nothing.")
    if launch.approval.expires_at <= now:
        raise AlreadyDecided("This request has expired. Your click changed nothing; nothing was started.")
    check_approver(launch, launch.approval, who)


def approved(launch: Launch, *, who: Standing, now: datetime) -> Step:
    """Approved and, in the same breath, claimed for the start."""
    check_decision(launch, who=who, now=now)
    decision = Decision(by=who.person, at=now, approved=True)
    told = Told(what=Happening.APPROVED, by=who.person, email=who.email)
    begun = starting(launch.move(State.APPROVED, decision=decision), now=now)
    return replace(begun, told=(told,))


def rejected(launch: Launch, *, who: Standing, reason: str, now: datetime) -> Step:
    """Rejected, with the reason the requester will read."""
    check_decision(launch, who=who, now=now)
    decision = Decision(by=who.person, at=now, approved=False, reason=reason)
    ended = launch.move(State.REJECTED, decision=decision, ended_at=now)
    told = Told(what=Happening.REJECTED, by=who.person, email=who.email, note=reason)
    return Step(launch=ended, told=(told,))


def expired(launch: Launch, *, now: datetime) -> Step:
    """Ended, if nobody decided in time; else as it was, due when that time is over."""
    if launch.approval and launch.approval.expires_at > now:
        return Step(launch=launch, due=launch.approval.expires_at)
    ended = launch.move(State.EXPIRED, ended_at=now)
    return Step(launch=ended, told=(Told(what=Happening.EXPIRED),))


def stopped(launch: Launch, *, by: Person, email: str = "", now: datetime) -> Step:
    """Withdrawn if it has not started; else Orchestrator is asked to stop it. TooLate if it has ended."""
    if launch.state in {State.AWAITING_APPROVAL, State.APPROVED}:
        ended = launch.move(State.WITHDRAWN, ended_at=now)
        return Step(launch=ended, told=(Told(what=Happening.WITHDRAWN, by=by, email=email),))
    if launch.state.is_end:
        raise TooLate(f"This launch has already ended: {launch.state.value}.")
    if launch.search is not None and launch.search.needs_person:
        raise TooLate("Nobody knows yet whether this started. Settle that with the buttons on its card.")
    if launch.cancel_asked_by is not None:
        raise TooLate("Somebody already asked to stop this launch; the thread tells when it did.")
    asked = replace(launch, cancel_asked_by=by)
    due = now if launch.state in IN_ORCHESTRATOR else Due.UNCHANGED
    return Step(launch=asked, told=(Told(what=Happening.CANCEL_ASKED, by=by, email=email),), due=due)


# the bot starts it


def starting(launch: Launch, *, now: datetime) -> Step:
    """The intent, written before the POST leaves."""
    intent = launch.move(State.STARTING, starting_at=now, tries=launch.tries + 1, search=None)
    return Step(launch=intent, due=Due.CLAIMED)


def started(launch: Launch, *, execution_id: str, now: datetime) -> Step:
    """Orchestrator named the run."""
    running = launch.move(State.RUNNING, execution_id=execution_id, started_at=now, search=None)
    return Step(launch=running, told=(Told(what=Happening.STARTED),), due=now + timedelta(seconds=1))


def held_up(launch: Launch, *, cause: NothingSent, now: datetime) -> Step:
    """Nothing was sent: back to the queue with growing pauses, or given up after GIVE_UP_STARTING."""
    if launch.cancel_asked_by is not None:
        return stopped(launch.move(State.APPROVED), by=launch.cancel_asked_by, now=now)
    since = launch.decision.at if launch.decision else launch.requested_at
    if now - since > GIVE_UP_STARTING:
        return declined(launch, detail=f"{cause.message} The bot no longer tries.", now=now)
    told = (Told(what=Happening.HELD_UP, note=cause.message),) if launch.tries == 1 else ()
    return Step(launch=launch.move(State.APPROVED), told=told, due=now + _pause(launch.tries, cause))


def _pause(tries: int, cause: NothingSent) -> timedelta:
    """Double from 2 s to 5 min, unless Orchestrator says how long to wait."""
    if isinstance(cause, Busy) and cause.retry_after is not None:
        return min(cause.retry_after, timedelta(minutes=15))
    return timedelta(seconds=min(300, 2 ** min(tries, 9)))


def declined(launch: Launch, *, detail: str, now: datetime) -> Step:
    """The start provably had no effect and will not be tried again."""
    outcome = Outcome(detail=f"{detail} Nothing was started.")
    failed = launch.move(State.FAILED, outcome=outcome, ended_at=now)
    return Step(launch=failed, told=(Told(what=Happening.FAILED, note=outcome.detail),))


# the start was never answered


def uncertain(launch: Launch, *, cause: str, now: datetime) -> Step:
    """Nobody knows whether it started: say so, then look before anyone acts."""
    doubtful = launch.move(State.UNCERTAIN, search=Search(cause=cause))
    told = Told(what=Happening.UNCERTAIN, note=cause)
    return Step(launch=doubtful, told=(told,), due=now + timedelta(seconds=2))


def looked(
    launch: Launch,
    *,
    ours: tuple[str, ...],
    others: tuple[str, ...] = (),
    unread: int = 0,
    settle: timedelta,
    now: datetime,
) -> Step:
    """After a look at Orchestrator's list, which found runs with this launch's inputs and `others`.

    `unread` runs could be this launch's too, but were too many for one turn: the look goes on.
    """
    if launch.state is not State.UNCERTAIN:
        raise TooLate
    search = launch.search or Search(cause="")
    compared = search.compared + others
    if unread and len(ours) <= 1 and len(compared) < MOST_COMPARED:
        search = replace(search, compared=compared)
        return Step(launch=replace(launch, search=search), due=now + COMPARE_MORE)
    search = replace(search, compared=())  # the next look compares all anew
    match ours:
        case (execution_id,):
            found = started(launch, execution_id=execution_id, now=now)
            return replace(found, told=(Told(what=Happening.FOUND),))
        case ():
            return _nothing_found(launch, search, unread=unread, settle=settle, now=now)
        case _:
            asking = replace(search, candidates=ours, needs_person=True, looked_at=now)
            return _ask_person(launch, asking, Happening.AMBIGUOUS)


def _nothing_found(launch: Launch, search: Search, *, unread: int, settle: timedelta, now: datetime) -> Step:
    if search.looked_at is None:
        first = replace(search, looks=1, looked_at=now)
        return Step(launch=replace(launch, search=first), due=now + settle)
    if now - search.looked_at < settle:
        return Step(launch=replace(launch, search=search), due=search.looked_at + settle)
    if unread:
        note = f"{unread} runs were too many to compare; somebody has to settle it on the card."
        asking = replace(search, looks=search.looks + 1, looked_at=now, needs_person=True)
        return _ask_person(launch, asking, Happening.NOT_FOUND, note=note)
    if launch.cancel_asked_by is not None:
        ended = launch.move(State.WITHDRAWN, ended_at=now)
        return Step(launch=ended, told=(Told(what=Happening.WITHDRAWN, by=launch.cancel_asked_by),))
    if launch.safe_to_repeat:
        note = "The policy calls this workflow safe to start again, so it is started again."
        again = launch.move(State.APPROVED, search=None)
        return Step(launch=again, told=(Told(what=Happening.NOT_FOUND, note=note),), due=now)
    asking = replace(search, looks=search.looks + 1, looked_at=now, needs_person=True)
    return _ask_person(launch, asking, Happening.NOT_FOUND)


def _ask_person(launch: Launch, search: Search, what: Happening, *, note: str = "") -> Step:
    return Step(launch=replace(launch, search=search), told=(Told(what=what, note=note),))


class Verdict(Enum):
    """What a person who looked in Orchestrator says of a launch in doubt."""

    STARTED = "it did start"
    NOT_STARTED = "it did not start: start it again"
    UNKNOWN = "nobody can tell: give up"


def settled(
    launch: Launch, *, who: Standing, verdict: Verdict, execution_id: str | None, now: datetime
) -> Step:
    """A person settled it. TooLate unless the launch still waits for that."""
    if launch.state is not State.UNCERTAIN or launch.search is None or not launch.search.needs_person:
        raise TooLate(f"This launch is {launch.state.value}; there is nothing to settle any more.")
    told = (Told(what=Happening.SETTLED, by=who.person, email=who.email, note=verdict.value),)
    match verdict:
        case Verdict.STARTED:
            if execution_id not in launch.search.candidates:
                raise TooLate("That run is not one of this launch's candidates any more.")
            return replace(started(launch, execution_id=execution_id, now=now), told=told)
        case Verdict.NOT_STARTED if launch.cancel_asked_by is not None:
            ended = launch.move(State.WITHDRAWN, ended_at=now)
            withdrawn = Told(what=Happening.WITHDRAWN, by=launch.cancel_asked_by)
            return Step(launch=ended, told=(*told, withdrawn))
        case Verdict.NOT_STARTED:
            return Step(launch=launch.move(State.APPROVED, search=None), told=told, due=now)
        case Verdict.UNKNOWN:
            outcome = Outcome(detail="Nobody could tell whether it started.")
            return Step(launch=launch.move(State.LOST, outcome=outcome, ended_at=now), told=told)


# Orchestrator runs it

_ENDS = {
    ExecutionState.COMPLETED: (State.SUCCEEDED, Happening.SUCCEEDED),
    ExecutionState.FAILED: (State.FAILED, Happening.FAILED),
    ExecutionState.CANCELED: (State.CANCELLED, Happening.CANCELLED),
}


def state_of(seen: ExecutionState) -> State:
    """Where a run that has not ended puts its launch: only a question to people makes it wait."""
    return State.WAITING if seen is ExecutionState.WAITING else State.RUNNING


def seen(launch: Launch, *, state: State, now: datetime) -> Step:
    """A poll saw the run begin or cease to wait for an answer."""
    what = Happening.WAITING if state is State.WAITING else Happening.RESUMED
    moved = launch.move(state, missing_since=None)
    return Step(launch=moved, told=(Told(what=what),), due=now + timedelta(seconds=2))


def ended(launch: Launch, *, run: Execution, now: datetime) -> Step:
    """The run is over; its own dates tell how long it took, where it gives both."""
    state, what = _ENDS[run.state]
    outcome = Outcome(
        detail=run.content_exception[:10_000],
        outputs=presentable(run.outputs),
        business_state=run.business_state,
    )
    begin, end = launch.started_at, now
    if run.start_date and run.end_date:
        begin, end = run.start_date, run.end_date
    closed = launch.move(state, outcome=outcome, started_at=begin, ended_at=end, missing_since=None)
    return Step(launch=closed, told=(Told(what=what),))


def missing(launch: Launch, *, now: datetime) -> Step:
    """Orchestrator answers 404 for the run: wait a while, then say that its end was never seen."""
    if launch.state not in IN_ORCHESTRATOR:
        raise TooLate
    since = launch.missing_since or now
    if now - since < MISSING_IS_LOST:
        return Step(launch=replace(launch, missing_since=since), due=now + timedelta(seconds=15))
    outcome = Outcome(detail=NotVisible().message)
    lost = launch.move(State.LOST, outcome=outcome, ended_at=now)
    return Step(launch=lost, told=(Told(what=Happening.LOST, note=outcome.detail),))
