"""Orchestrator runs it: what each look sees, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import NotVisible, TooLate
from bot.domain.execution import ExecutionState
from bot.domain.launch import IN_ORCHESTRATOR, Happening, Launch, Outcome, State
from bot.domain.outputs import presentable
from bot.domain.steps.step import Step, Told, closing

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.execution import Execution

MISSING_IS_LOST = timedelta(minutes=5)  # a run that stays 404 for so long was purged

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
    return closing(Step(launch=closed, told=(Told(what=what),)))


def missing(launch: Launch, *, now: datetime) -> Step:
    """Orchestrator answers 404 for the run: wait a while, then say that its end was never seen."""
    if launch.state not in IN_ORCHESTRATOR:
        raise TooLate
    since = launch.missing_since or now
    if now - since < MISSING_IS_LOST:
        return Step(launch=replace(launch, missing_since=since), due=now + timedelta(seconds=15))
    outcome = Outcome(detail=NotVisible().message)
    lost = launch.move(State.LOST, outcome=outcome, ended_at=now)
    return closing(Step(launch=lost, told=(Told(what=Happening.LOST, note=outcome.detail),)))
