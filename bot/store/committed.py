"""What a transaction did to launches, counted and logged once it is committed, and not before."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.launch import State
from bot.runtime import metrics
from bot.runtime.logging import log_event

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.domain.steps import NewEvent

log = logging.getLogger("bot.launches")


@dataclass(frozen=True, kw_only=True)
class CommittedStep:
    """A launch before and after a step, and what the step has told."""

    before: Launch | None  # None: it was requested
    launch: Launch
    told: tuple[NewEvent, ...]


def note(change: CommittedStep) -> None:
    """Count and log it. What people wrote and what inputs hold is in the audit alone, never in the log."""
    launch = change.launch
    for each in change.told:
        metrics.HAPPENINGS.labels(what=each.what.value).inc()
        log_event(
            log,
            each.what.value,
            launch=launch.id,
            workflow=launch.workflow.name,
            rule=launch.rule,
            state=launch.state.value,
            execution=launch.execution_id or "",
            person=f"{each.by.team_id}/{each.by.user_id}" if each.by else "",
        )
    was = change.before.state if change.before else None
    if launch.state.is_end and was is not launch.state:
        metrics.ENDED.labels(end=launch.state.value).inc()
    if launch.state is State.RUNNING and was in {State.STARTING, State.UNCERTAIN}:
        _observe_start(launch)


def _observe_start(launch: Launch) -> None:
    approved_at, started_at = launch.approved_at, launch.started_at
    if approved_at is not None and started_at is not None and launch.start_at is None:
        metrics.APPROVE_TO_START.observe(max(0.0, (started_at - approved_at).total_seconds()))
