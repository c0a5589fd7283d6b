"""Orchestrator runs it: what each look sees, and how it ends."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import NotVisible, TooLate
from bot.domain.execution import ExecutionState
from bot.domain.launch import IN_ORCHESTRATOR, Happening, Launch, Outcome, State
from bot.domain.outputs import presentable, told_text
from bot.domain.steps.step import NewEvent, Step, closing

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.errors import OrchestratorError
    from bot.domain.execution import Execution, LogLine
    from bot.domain.questions import RunQuestion

MISSING_IS_LOST = timedelta(minutes=5)  # a run that stays 404 for so long was purged

UNSEEN_AFTER = timedelta(hours=1)  # of looks that all failed, until its card says so
UNSEEN_PAUSE = timedelta(seconds=15)  # before the next look then

READ_TRIES = 6  # of the whole answer of a run that is over
READ_PAUSE = timedelta(seconds=5)  # after the first of them, then twice as long each time: 2.5 min in all

_GRAVE = frozenset({"warning", "warn", "error", "fatal", "severe"})
_LAST_WORDS = 5  # lines of the log that the thread of a failed run tells
_LONGEST = 500  # characters of each
_AT_ITEM = re.compile(r"\(Workflow:[^)]*? / ([^)]*?) \(item\d+\)#\d+\)")

_ENDS = {
    ExecutionState.COMPLETED: (State.SUCCEEDED, Happening.SUCCEEDED),
    ExecutionState.FAILED: (State.FAILED, Happening.FAILED),
    ExecutionState.CANCELED: (State.CANCELLED, Happening.CANCELLED),
}


def state_of(seen: ExecutionState, *, before: State) -> State:
    """Where a run that has not ended puts its launch: only a question to people makes it wait.

    A run that is paused tells nothing: it may still wait for its answer when it goes on.
    """
    if seen is ExecutionState.SUSPENDED:
        return before
    return State.WAITING if seen is ExecutionState.WAITING else State.RUNNING


def is_as_before(seen: ExecutionState, *, state: State, is_paused: bool) -> bool:
    """Whether a look saw the run as its launch has it."""
    paused = seen is ExecutionState.SUSPENDED
    return not seen.is_end and paused is is_paused and state_of(seen, before=state) is state


def seen(launch: Launch, *, run: ExecutionState, now: datetime) -> Step:
    """A look saw the run begin or cease to wait for an answer or to be paused, or saw it at all again."""
    if launch.state not in IN_ORCHESTRATOR:
        raise TooLate
    state, due = state_of(run, before=launch.state), now + timedelta(seconds=2)
    found = replace(launch, is_paused=run is ExecutionState.SUSPENDED, unseen_since=None, missing_since=None)
    if state is launch.state:
        return Step(launch=found, due=due)
    what = Happening.WAITING if state is State.WAITING else Happening.RESUMED
    return Step(launch=found.move(state, question=None), told=(NewEvent(what=what),), due=due)


def unseen(launch: Launch, *, since: datetime, now: datetime) -> Step:
    """No look at the run has succeeded for UNSEEN_AFTER: its card no longer says that it runs."""
    if launch.state not in IN_ORCHESTRATOR:
        raise TooLate
    return Step(launch=replace(launch, unseen_since=launch.unseen_since or since), due=now + UNSEEN_PAUSE)


def waits(launch: Launch, *, question: RunQuestion, key: str, now: datetime) -> Step:
    """A poll saw the run begin to wait, and what it asks.

    What was answered a moment ago may still be asked by a node that has not heard of it: nothing changes.
    """
    soon = now + timedelta(seconds=2)
    if key and key == launch.answered:
        return Step(launch=launch, due=soon)
    step = seen(launch, run=ExecutionState.WAITING, now=now)
    return replace(step, launch=replace(step.launch, question=question))


def ended(
    launch: Launch,
    *,
    end: ExecutionState,
    run: Execution,
    log: tuple[LogLine, ...] = (),
    now: datetime,
) -> Step:
    """The run is over; its own dates tell how long it took, where it gives both.

    `end` is what `/state` said: the whole run may come from a node that has not heard of it yet.
    `log` is that of a run that failed, where it could be read.
    """
    is_failed = (run.state if run.state.is_end else end) is ExecutionState.FAILED
    outcome = Outcome(
        detail=run.content_exception[:10_000],
        step=failed_step(run) if is_failed else "",
        log=_last_words(launch, run, log) if is_failed else (),
        outputs=presentable(run.outputs),
        business_state=run.business_state,
    )
    begin, over = launch.started_at, now
    if run.start_date and run.end_date:
        begin, over = run.start_date, run.end_date
    state, what = _ENDS[run.state if run.state.is_end else end]
    return _closed(launch, state=state, what=what, outcome=outcome, began=begin, now=over)


def failed_step(run: Execution) -> str:
    """The item at which a run failed, as its author called it; empty where Orchestrator does not say.

    Servers up to 7.x leave the item out of the run, but name it in the exception.
    """
    named = _AT_ITEM.search(run.content_exception)
    return (run.current_item_display_name or (named[1] if named else ""))[:200]


def _last_words(launch: Launch, run: Execution, log: tuple[LogLine, ...]) -> tuple[str, ...]:
    """The last warnings and errors, but for what the exception says already."""
    if launch.log == "off":
        return ()
    grave = (each for each in log if each.severity in _GRAVE)
    said = (f"{each.severity}: {told_text(each.text)[:_LONGEST]}" for each in grave if not _is_in(each, run))
    return tuple(said)[-_LAST_WORDS:]


def _is_in(line: LogLine, run: Execution) -> bool:
    return line.text in run.content_exception or run.content_exception.startswith(line.text)


def unread(launch: Launch, *, end: ExecutionState, cause: OrchestratorError, now: datetime) -> Step:
    """The run is over, but its whole answer cannot be read: retry with growing pauses, then close.

    The end itself is known, so neither its card nor its lock waits for more than READ_TRIES of them.
    """
    if launch.state not in IN_ORCHESTRATOR:
        raise TooLate
    looks = launch.unread_looks + 1
    state, what = _ENDS[end]
    if looks >= READ_TRIES:
        outcome = Outcome(unread=cause.message.partition(". ")[0].removesuffix(".") + ".")
        return _closed(launch, state=state, what=what, outcome=outcome, began=launch.started_at, now=now)
    tried = replace(launch, seen_end=state, unread_looks=looks, missing_since=None)
    return Step(launch=tried, due=now + READ_PAUSE * 2 ** (looks - 1))


def _closed(
    launch: Launch,
    *,
    state: State,
    what: Happening,
    outcome: Outcome,
    began: datetime | None,
    now: datetime,
) -> Step:
    closed = launch.move(
        state,
        outcome=outcome,
        started_at=began,
        ended_at=now,
        missing_since=None,
        unseen_since=None,
        question=None,
    )
    return closing(Step(launch=closed, told=(NewEvent(what=what),)))


def missing(launch: Launch, *, look: int, now: datetime) -> Step:
    """Orchestrator answers 404 for the run: wait a while, then say that its end was never seen.

    Looks are numbered, so a gap since the last one that was told here is a look that saw the run, or could
    not tell: then the waiting begins anew. A run whose end was seen before it was purged keeps that end.
    """
    if launch.state not in IN_ORCHESTRATOR:
        raise TooLate
    unbroken = launch.missing_since is not None and look == launch.missing_fence + 1
    since = launch.missing_since if launch.missing_since is not None and unbroken else now
    if now - since < MISSING_IS_LOST:
        waiting = replace(launch, missing_since=since, missing_fence=look)
        return Step(launch=waiting, due=now + timedelta(seconds=15))
    if launch.seen_end is not None:
        what = next(told for state, told in _ENDS.values() if state is launch.seen_end)
        outcome = Outcome(unread="Orchestrator does not have the run any more.")
        return _closed(
            launch, state=launch.seen_end, what=what, outcome=outcome, began=launch.started_at, now=now
        )
    outcome = Outcome(detail=NotVisible().message)
    lost = launch.move(State.LOST, outcome=outcome, ended_at=now)
    return closing(Step(launch=lost, told=(NewEvent(what=Happening.LOST, note=outcome.detail),)))
