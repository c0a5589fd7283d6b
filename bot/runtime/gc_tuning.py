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
_THOROUGH = 24 * 60  # passes until one that walks frozen objects too: about once a day


class GarbageCollector:
    """Collects in quiet periods: what came since the latest pass, and once a day everything."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._passes = 0  # since everything was collected

    def freeze_loaded(self) -> None:
        """Collect everything, and keep what is loaded by now out of later passes: 100 ms and more."""
        gc.set_threshold(*_THRESHOLDS)
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._passes = 0

    async def collect(self) -> None:
        """Collect what came since the latest pass, and freeze what survives.

        What was frozen while in use and ends as an unused reference cycle is leaked until everything is
        collected. Anything else that is frozen is freed when its last reference goes, as ever.
        """
        await self._scheduler.quiet(Priority.BACKGROUND, within=COLLECT_SECONDS)
        if self._passes >= _THOROUGH:
            self.freeze_loaded()
        else:
            self._passes += 1
            gc.collect()
            gc.freeze()
