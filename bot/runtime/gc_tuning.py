"""Garbage collection in short passes: young objects often, all that is not frozen once a minute.

A full pass of CPython's collector stops the loop for as long as it takes to walk all tracked objects outside
the permanent generation. So what survives a pass is frozen: the next walks only what came since.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from bot.runtime.priority import Priority

if TYPE_CHECKING:
    from bot.runtime.priority import Scheduler

COLLECT_SECONDS = 60
_THRESHOLDS = (2_000, 5, 1_000_000)  # allocations, then passes; the oldest generation is left to `collect`
_GROWTH = 2.0  # times the objects frozen by the latest thorough pass, after which there is another


class GarbageCollector:
    """Collects in quiet periods; the thorough passes, over frozen objects too, come ever more rarely."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._frozen = 0

    def freeze_loaded(self) -> None:
        """Collect everything, and keep what is loaded by now out of later passes: 100 ms and more."""
        gc.set_threshold(*_THRESHOLDS)
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._frozen = gc.get_freeze_count()

    async def collect(self) -> None:
        """Collect what came since the latest pass, and freeze what survives.

        Whatever is frozen while it is in use, and becomes part of a reference cycle that nobody uses, is
        leaked until a thorough pass: that comes when as much again has been frozen as the latest one left.
        """
        await self._scheduler.quiet(Priority.BACKGROUND, within=COLLECT_SECONDS)
        gc.collect()
        gc.freeze()
        if gc.get_freeze_count() > self._frozen * _GROWTH:
            self.freeze_loaded()
