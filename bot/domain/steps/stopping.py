"""Somebody takes back what has not started, or asks to stop what has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.errors import TooLate
from bot.domain.launch import IN_ORCHESTRATOR, Happening, Launch, State
from bot.domain.steps.step import Due, NewEvent, Step

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.people import Person


def stopped(launch: Launch, *, by: Person, email: str = "", now: datetime) -> Step:
    """Withdrawn if it has not started; else Orchestrator is asked to stop it. TooLate if it has ended."""
    if launch.state in {State.AWAITING_APPROVAL, State.APPROVED}:
        ended = launch.move(State.WITHDRAWN, ended_at=now, withdrawn_by=by)
        return Step(launch=ended, told=(NewEvent(what=Happening.WITHDRAWN, by=by, email=email),))
    if launch.state.is_end:
        raise TooLate(f"This launch has already ended: {launch.state.value}.")
    if launch.search is not None and launch.search.needs_person:
        raise TooLate("Nobody knows yet whether this started. Settle that with the buttons on its card.")
    if launch.cancel_asked_by is not None:
        raise TooLate("Somebody already asked to stop this launch; the thread tells when it did.")
    asked = replace(launch, cancel_asked_by=by)
    due = now if launch.state in IN_ORCHESTRATOR else Due.UNCHANGED
    return Step(launch=asked, told=(NewEvent(what=Happening.CANCEL_ASKED, by=by, email=email),), due=due)
