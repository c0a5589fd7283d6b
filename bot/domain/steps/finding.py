"""The start was never answered: look before anyone acts, and let a person settle what cannot be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from bot.domain.errors import TooLate
from bot.domain.launch import Happening, Launch, Outcome, Search, State
from bot.domain.steps.starting import started
from bot.domain.steps.step import NewEvent, Step, closing

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.people import Membership

COMPARE_MORE = timedelta(seconds=1)
ASK_AFTER = timedelta(hours=1)  # in which the list of runs could not be read
LIST_PAUSE = timedelta(seconds=15)  # before it is asked for again
MOST_COMPARED = 500  # runs for one launch in doubt; beyond, a person is quicker


def uncertain(launch: Launch, *, cause: str, now: datetime) -> Step:
    """Nobody knows whether it started: say so, then look before anyone acts."""
    doubtful = launch.move(State.UNCERTAIN, search=Search(cause=cause))
    told = NewEvent(what=Happening.UNCERTAIN, note=cause)
    return Step(launch=doubtful, told=(told,), due=now + timedelta(seconds=2))


def looked(
    launch: Launch,
    *,
    ours: tuple[str, ...],
    doubt: str = "",
    others: tuple[str, ...] = (),
    gone: int = 0,
    unread: int = 0,
    settle: timedelta,
    now: datetime,
) -> Step:
    """After a look at Orchestrator's list, which found runs with this launch's inputs and `others`.

    `doubt` says why the run found may not be this launch's; it is adopted only if nothing does. Of the others
    `gone` are listed but not shown, so nobody can tell whose they were. `unread` runs could be this launch's
    too, but were too many for one turn: the look goes on.
    """
    if launch.state is not State.UNCERTAIN:
        raise TooLate
    search = replace(launch.search or Search(cause=""), unread_since=None)
    compared, gone = search.compared + others, search.gone + gone
    if unread and len(ours) <= 1 and len(compared) < MOST_COMPARED:
        search = replace(search, compared=compared, gone=gone)
        return Step(launch=replace(launch, search=search), due=now + COMPARE_MORE)
    search = replace(search, compared=(), gone=0)  # the next look compares all anew
    match ours:
        case (execution_id,) if not doubt:
            found = started(launch, execution_id=execution_id, now=now)
            return replace(found, told=(NewEvent(what=Happening.FOUND),))
        case ():
            return _nothing_found(launch, search, unread=unread + gone, settle=settle, now=now)
        case _:
            asking = replace(search, candidates=ours, needs_person=True, looked_at=now)
            return _ask_person(launch, asking, Happening.AMBIGUOUS, note=doubt)


def unlisted(launch: Launch, *, cause: str, now: datetime) -> Step:
    """Orchestrator's list of runs could not be read, which proves nothing: retry, at last ask a person."""
    if launch.state is not State.UNCERTAIN:
        raise TooLate
    search = launch.search or Search(cause="")
    since = search.unread_since or now
    if now - since < ASK_AFTER:
        waiting = replace(search, unread_since=since)
        return Step(launch=replace(launch, search=waiting), due=now + LIST_PAUSE)
    why = cause.partition(". ")[0].removesuffix(".")
    note = f"Orchestrator's list of runs could not be read for an hour ({why}), so I cannot tell."
    asking = replace(search, needs_person=True)
    return _ask_person(launch, asking, Happening.AMBIGUOUS, note=note)


def wait_for_rival(launch: Launch, *, now: datetime) -> Step:
    """Another launch that could have started the run may still be answered: look again when it was."""
    if launch.state is not State.UNCERTAIN:
        raise TooLate
    return Step(launch=launch, due=now + timedelta(seconds=5))


def answered_late(launch: Launch, *, execution_id: str, starting_at: datetime | None, now: datetime) -> Step:
    """Orchestrator's answer to the start came after its claim was over: it beats any guess.

    TooLate if the launch has moved on from that start.
    """
    if launch.state not in {State.STARTING, State.UNCERTAIN} or launch.starting_at != starting_at:
        raise TooLate
    found = started(launch, execution_id=execution_id, now=now)
    return (
        replace(found, told=(NewEvent(what=Happening.FOUND),)) if launch.state is State.UNCERTAIN else found
    )


def _nothing_found(launch: Launch, search: Search, *, unread: int, settle: timedelta, now: datetime) -> Step:
    if search.looked_at is None:
        first = replace(search, looks=1, looked_at=now)
        return Step(launch=replace(launch, search=first), due=now + settle)
    if now - search.looked_at < settle:
        return Step(launch=replace(launch, search=search), due=search.looked_at + settle)
    if unread:
        runs = "A run" if unread == 1 else f"{unread} runs"
        note = f"{runs} could not be compared."
        asking = replace(search, looks=search.looks + 1, looked_at=now, needs_person=True)
        return _ask_person(launch, asking, Happening.NOT_FOUND, note=note)
    if launch.safe_to_repeat and launch.cancel_asked_by is None:
        note = "The policy calls this workflow safe to start again, so it is started again."
        again = launch.move(State.APPROVED, search=None, trying_since=None)
        return Step(
            launch=again,
            told=(NewEvent(what=Happening.NOT_FOUND, note=note, detail={"again": True}),),
            due=now,
        )
    asking = replace(search, looks=search.looks + 1, looked_at=now, needs_person=True)
    return _ask_person(launch, asking, Happening.NOT_FOUND)


def _ask_person(launch: Launch, search: Search, what: Happening, *, note: str = "") -> Step:
    return Step(launch=replace(launch, search=search), told=(NewEvent(what=what, note=note),))


class Verdict(Enum):
    """What a person who looked in Orchestrator says of a launch in doubt."""

    STARTED = "it did start"
    NOT_STARTED = "it did not start"
    UNKNOWN = "nobody can tell whether it started, so its outcome stays unknown"


def settled(
    launch: Launch, *, who: Membership, verdict: Verdict, execution_id: str | None, now: datetime
) -> Step:
    """A person settled it. TooLate unless the launch still waits for that."""
    if launch.state is not State.UNCERTAIN or launch.search is None or not launch.search.needs_person:
        raise TooLate(f"This launch is {launch.state.value}; there is nothing to settle any more.")
    told = (NewEvent(what=Happening.SETTLED, by=who.person, email=who.email, note=verdict.value),)
    match verdict:
        case Verdict.STARTED:
            if execution_id not in launch.search.candidates:
                raise TooLate("That run is not one of this launch's candidates any more.")
            return replace(started(launch, execution_id=execution_id, now=now), told=told)
        case Verdict.NOT_STARTED if launch.cancel_asked_by is not None:
            ended = launch.move(State.WITHDRAWN, ended_at=now, withdrawn_by=launch.cancel_asked_by)
            withdrawn = NewEvent(what=Happening.WITHDRAWN, by=launch.cancel_asked_by)
            return Step(launch=ended, told=(*told, withdrawn))
        case Verdict.NOT_STARTED:
            return Step(
                launch=launch.move(State.APPROVED, search=None, trying_since=None), told=told, due=now
            )
        case Verdict.UNKNOWN:
            outcome = Outcome(detail="Nobody could tell whether it started.")
            lost = launch.move(State.LOST, outcome=outcome, ended_at=now)
            return closing(Step(launch=lost, told=told))
