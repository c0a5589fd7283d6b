"""Somebody answers what a run asks, or has a failed run resumed: intended, then sent, then recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.domain.errors import TooLate
from bot.domain.launch import Happening, Launch, State
from bot.domain.steps.step import Due, NewEvent, Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.people import Membership

SENT_WITHIN = timedelta(minutes=1)  # of the intent: after it, another may answer
_LOOK = timedelta(seconds=2)  # until the run is looked at, once it has its answer


def intended(launch: Launch, *, key: str, interaction_id: str, now: datetime) -> Step:
    """Before the answer is sent; TooLate if the run asks nothing, or somebody answers it just now."""
    if launch.state is not State.WAITING:
        raise TooLate("The run does not wait for an answer any more. Nothing was answered.")
    if launch.answering_until is not None and launch.answering_until > now:
        raise TooLate("Somebody else answers this right now. The thread tells what came of it.")
    meant = replace(launch, answering=interaction_id, answering_key=key, answering_until=now + SENT_WITHIN)
    return Step(launch=meant, due=Due.UNCHANGED)


def given_up(launch: Launch) -> Step:
    """Orchestrator did not take it for sure: whoever may can answer again at once."""
    return Step(launch=_done(launch), due=Due.UNCHANGED)


def answered(
    launch: Launch, *, what: Happening, who: Membership, detail: Mapping[str, Any], now: datetime
) -> Step:
    """Orchestrator has it: the run goes on, unless a poll was faster and saw that already."""
    told = NewEvent(what=what, by=who.person, email=who.email, detail=detail)
    done = replace(_done(launch), answered=launch.answering_key)
    if launch.state is not State.WAITING:
        return Step(launch=done, told=(told,), due=Due.UNCHANGED)
    return Step(launch=done.move(State.RUNNING, question=None), told=(told,), due=now + _LOOK)


def _done(launch: Launch) -> Launch:
    return replace(launch, answering="", answering_key="", answering_until=None)
