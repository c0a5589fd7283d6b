"""The metrics that only the database knows, read when they are asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.domain.errors import DatabaseLost
from bot.domain.launch import OPEN
from bot.runtime import metrics

if TYPE_CHECKING:
    from bot.store.figures import Figures
    from bot.wiring.build import Bot

_WITHIN = 5.0  # seconds; Prometheus gives up after ten


async def read_figures(bot: Bot | None) -> None:
    """Bring the gauges up to date; where the database does not answer, they say that it is unknown."""
    metrics.SLACK_DEAF.set(bot.receiver.deaf_seconds if bot else float("nan"))
    try:
        async with asyncio.timeout(_WITHIN):
            figures = await bot.store.figures.shared() if bot else None
    except (DatabaseLost, TimeoutError):
        figures = None
    if figures is None:
        metrics.forget_database()
    else:
        _show(figures)


def _show(figures: Figures) -> None:
    metrics.DATABASE_UP.set(1)
    for state in OPEN:
        metrics.LAUNCHES.labels(state=state.value).set(figures.by_state.get(state.value, 0))
    metrics.APPROVAL_AGE.set(figures.approvals.seconds)
    metrics.QUEUED.set(figures.queued.count)
    metrics.QUEUE_LAG.set(figures.queued.seconds)
    metrics.TRACKER_LAG.set(figures.due.seconds)
    metrics.OUTBOX.set(figures.told.count)
    metrics.OUTBOX_LAG.set(figures.told.seconds)
    metrics.INBOX.set(figures.inbox)
    metrics.QUARANTINED.set(figures.quarantined)
