"""Lanes: bounded concurrency for each kind of the tracker's work, so that no kind starves another."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.store.database import LEASE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BEGUN_WITHIN = LEASE.total_seconds() / 2  # of the claim: a call that leaves later may outlive the lease
_QUICK = 0.05  # seconds a turn takes where nothing was measured yet
_WEIGHT = 0.2  # of the latest turn in the moving average


class Lane:
    """A semaphore that also tells how many more turns it can begin within half a lease.

    Whoever claims work for it claims no more than `room`, so that nothing is held that cannot be begun.
    """

    def __init__(self, *, at_once: int, most_waiting: int) -> None:
        self._at_once = at_once
        self._most_waiting = most_waiting
        self._turns = asyncio.Semaphore(at_once)
        self._taken = 0  # turns that wait or are under way
        self._seconds = _QUICK  # a turn takes, as a moving average

    @property
    def room(self) -> int:
        """Turns that can be taken now, each of which is expected to begin in time."""
        rounds = max(0.0, BEGUN_WITHIN - self._seconds) / self._seconds
        waiting = min(int(rounds * self._at_once), self._most_waiting)
        return max(0, self._at_once + waiting - self._taken)

    @asynccontextmanager
    async def turn(self, *, claimed_at: float) -> AsyncIterator[bool]:
        """Wait for a turn; False if the claim, made at that time.monotonic(), is then too old for a call."""
        self._taken += 1
        try:
            async with self._turns:
                began = time.monotonic()
                if began - claimed_at > BEGUN_WITHIN:
                    yield False
                    return
                try:
                    yield True
                finally:
                    took = max(time.monotonic() - began, 0.001)
                    self._seconds += (took - self._seconds) * _WEIGHT
        finally:
            self._taken -= 1
