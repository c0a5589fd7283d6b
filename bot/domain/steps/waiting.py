"""Nobody decides: reminders, a second group, and the end of the request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.errors import TooLate
from bot.domain.launch import Happening, Launch, State
from bot.domain.policy import OnExpiry
from bot.domain.steps.asking import counted, next_look
from bot.domain.steps.step import Due, NewEvent, Step

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.approval import Approval, Stage


def waited(launch: Launch, *, now: datetime) -> Step:
    """Remind, ask a second group, or end the request, whichever is due."""
    approval, number = launch.approval, launch.approval.number if launch.approval else None
    if approval is None or number is None:
        return Step(launch=launch.move(State.EXPIRED, ended_at=now), told=(NewEvent(what=Happening.EXPIRED),))
    stage = approval.stages[number]
    if stage.opened_at is None or stage.expires_at is None:
        return _with_stage(launch, number, stage.opened(now), ())
    if stage.expires_at <= now:
        return _expired(launch, approval, number, now=now)
    told: tuple[NewEvent, ...] = ()
    late = sum(stage.opened_at + after <= now for after in stage.rule.remind)
    if late > stage.reminded:
        told = (NewEvent(what=Happening.REMINDED, detail=counted(approval, number)),)
        stage = replace(stage, reminded=late)
    if stage.asks_others_at is not None and stage.asks_others_at <= now:
        told = (NewEvent(what=Happening.ESCALATED, detail=counted(approval, number)),)
        stage = replace(stage, escalated_at=now)
    return _with_stage(launch, number, stage, told)


def electorate(launch: Launch, *, left: int | None, now: datetime) -> Step:
    """Say it once when too few are left who could pass the stage; note it when there are enough again.

    `left` are those who can still give it a vote; None: nobody can tell, which changes nothing.
    """
    approval, number = launch.approval, launch.approval.number if launch.approval else None
    if launch.state is not State.AWAITING_APPROVAL or approval is None or number is None or left is None:
        return Step(launch=launch, due=Due.UNCHANGED)
    stage = approval.stages[number]
    is_short = left < stage.missing
    if is_short == (stage.short_since is not None):
        return Step(launch=launch, due=Due.UNCHANGED)
    told = NewEvent(what=Happening.TOO_FEW, detail={**counted(approval, number), "left": left})
    noted = replace(stage, short_since=now if is_short else None)
    moved = replace(launch, approval=approval.with_stage(number, noted))
    return Step(launch=moved, told=(told,) if is_short else (), due=Due.UNCHANGED)


def _expired(launch: Launch, approval: Approval, number: int, *, now: datetime) -> Step:
    stage = approval.stages[number]
    if approval.on_expiry is OnExpiry.ESCALATE and stage.rule.escalate and not stage.escalated_at:
        longer = replace(stage, escalated_at=now, expires_at=now + stage.rule.within)
        told = NewEvent(what=Happening.ESCALATED, detail=counted(approval, number))
        return _with_stage(launch, number, longer, (told,))
    ended = launch.move(State.EXPIRED, ended_at=now)
    return Step(launch=ended, told=(NewEvent(what=Happening.EXPIRED, detail=counted(approval, number)),))


def _with_stage(launch: Launch, number: int, stage: Stage, told: tuple[NewEvent, ...]) -> Step:
    if launch.approval is None:
        raise TooLate
    moved = replace(launch, approval=launch.approval.with_stage(number, stage))
    return Step(launch=moved, told=told, due=next_look(moved))
