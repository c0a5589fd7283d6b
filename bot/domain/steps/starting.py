"""The bot starts it: the intent before the POST leaves, and what the answer makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import Busy, LoginRefused
from bot.domain.launch import Happening, Launch, Outcome, State
from bot.domain.steps.step import Due, NewEvent, Step, closing
from bot.domain.steps.stopping import stopped

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.errors import NothingSent

GIVE_UP_STARTING = timedelta(hours=6)  # while Orchestrator takes nothing
NOTHING = " Nothing was started."


def starting(launch: Launch, *, now: datetime) -> Step:
    """The intent, written before the POST leaves."""
    intent = launch.move(
        State.STARTING,
        starting_at=now,
        trying_since=launch.trying_since or now,
        tries=launch.tries + 1,
        search=None,
    )
    return Step(launch=intent, due=Due.CLAIMED)


def started(launch: Launch, *, execution_id: str, now: datetime) -> Step:
    """Orchestrator named the run."""
    running = launch.move(
        State.RUNNING, execution_id=execution_id, started_at=now, search=None, is_held_up=False, held_up_by=""
    )
    return Step(launch=running, told=(NewEvent(what=Happening.STARTED),), due=now + timedelta(seconds=1))


def held_up(launch: Launch, *, cause: NothingSent, now: datetime) -> Step:
    """Nothing was sent: back to the queue with growing pauses, or given up after GIVE_UP_STARTING."""
    waiting = launch if launch.state is State.APPROVED else launch.move(State.APPROVED)
    if launch.cancel_asked_by is not None:
        return stopped(waiting, by=launch.cancel_asked_by, now=now)
    since = launch.trying_since or now
    if now - since > GIVE_UP_STARTING:
        return declined(launch, detail=f"{cause.message} The bot no longer tries.", now=now)
    # A refused login waits for somebody, so it is told although another cause was told before.
    is_news = not launch.is_held_up or (
        isinstance(cause, LoginRefused) and launch.held_up_by != cause.message
    )
    told = (NewEvent(what=Happening.HELD_UP, note=cause.message),) if is_news else ()
    waiting = replace(waiting, trying_since=since, is_held_up=True, held_up_by=cause.message, hold=None)
    return Step(launch=waiting, told=told, due=now + _pause(now - since, cause))


def _pause(tried_for: timedelta, cause: NothingSent) -> timedelta:
    """As long again as it was tried for, between 2 s and 5 min, unless Orchestrator says how long to wait."""
    if isinstance(cause, Busy) and cause.retry_after is not None:
        return min(cause.retry_after, timedelta(minutes=15))
    return min(max(tried_for, timedelta(seconds=2)), timedelta(minutes=5))


def declined(launch: Launch, *, detail: str, now: datetime) -> Step:
    """The start provably had no effect and will not be tried again."""
    outcome = Outcome(detail=f"{detail.removesuffix(NOTHING)}{NOTHING}")
    failed = launch.move(State.FAILED, outcome=outcome, ended_at=now)
    return closing(Step(launch=failed, told=(NewEvent(what=Happening.FAILED, note=outcome.detail),)))
