"""Cooperative priority scheduling on one event loop: acks, then what people asked for, then background work.

asyncio runs whatever is ready in the order in which it became ready. So the scheduler drives all work but
acks step by step, from one await to the next. Each step yields to acks: it starts in a quiet period, or when
the starvation bound is reached. Steps that had to wait run one a loop iteration, ordered by priority.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from enum import IntEnum
from heapq import heappop, heappush
from itertools import count
from types import coroutine
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterator

Result = TypeVar("Result")
Work: TypeAlias = "Coroutine[Any, Any, Result]"

_QUIET = 0.01  # seconds since an ack was requested or sent, after which other steps run
_BURST = 0.05  # seconds between two acks of a burst; after an ack that is in none, no quiet period is awaited
_ADMISSION = 0.1  # seconds that background work waits at its start for interactive work to finish
_STARVATION = 3.0  # seconds that steps wait for a quiet period; then they run whenever no ack is imminent
_IMMINENT = 0.003  # seconds since its request; an ack that takes longer waits for more than the loop


class Priority(IntEnum):
    """Who goes first, the smallest number first."""

    ACK = 0  # Slack waits for it: never queued
    INTERACTIVE = 1  # a person asked for it and waits for the outcome
    BACKGROUND = 2  # nobody waits: polling, deliveries


class Scheduler:
    """Runs work by priority; knows which acks are pending and queues the steps of other work meanwhile."""

    def __init__(self) -> None:
        self._pending = 0  # acks
        self._requested_at = self._sent_at = 0.0  # the latest ack
        self._is_burst = False  # the latest ack followed another within _BURST
        self._interactive: set[asyncio.Future[None]] = set()  # works under way
        self._queue: list[tuple[Priority, int, asyncio.Future[None]]] = []  # a heap of steps
        self._ticket = count()  # first in, first out within a priority
        self._queued_since = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def pending_ack(self) -> Iterator[None]:
        """An ack is pending while the block runs."""
        loop = asyncio.get_running_loop()
        self._pending += 1
        self._requested_at = loop.time()
        try:
            yield
        finally:
            self._pending -= 1
            now = loop.time()
            self._is_burst = now - self._sent_at < _BURST
            self._sent_at = now

    async def run(
        self, work: Work[Result], priority: Priority, *, acked: Callable[[], bool] = lambda: True
    ) -> Result:
        """Run the work step by step at this priority; until `acked()` it runs as Priority.ACK, unqueued.

        Interactive work keeps background work from beginning, for 100 ms at most, but never holds back what
        has begun: that may hold a lock that the interactive work needs.
        """
        if priority is Priority.BACKGROUND:
            try:
                if self._interactive:
                    await asyncio.wait(self._interactive, timeout=_ADMISSION)
            except asyncio.CancelledError:
                work.close()
                raise
            return await self._drive(work, priority, acked)
        finished = asyncio.get_running_loop().create_future()
        self._interactive.add(finished)
        try:
            return await self._drive(work, priority, acked)
        finally:
            self._interactive.remove(finished)
            finished.set_result(None)

    async def quiet(self, priority: Priority, *, within: float) -> None:
        """Wait for a turn as a step of this priority would, for so many seconds at most."""
        if (turn := self._turn(priority)) is not None:
            await asyncio.wait({turn}, timeout=within)
            turn.cancel()

    @coroutine
    def _drive(
        self, work: Work[Result], priority: Priority, acked: Callable[[], bool]
    ) -> Generator[Any, Any, Result]:
        """Await what the work awaits, and its turn before each step; what is raised there is the work's."""
        error: BaseException | None = None
        while True:
            try:
                if error is None and acked():
                    yield from self._turn(priority) or ()
            except BaseException as raised:  # noqa: BLE001 - thrown into the work
                error = raised
            try:
                awaited = work.send(None) if error is None else work.throw(error)
            except StopIteration as done:
                return cast("Result", done.value)
            error = None
            try:
                yield awaited
            except BaseException as raised:  # noqa: BLE001 - the same
                error = raised

    def _turn(self, priority: Priority) -> asyncio.Future[None] | None:
        """A queued turn to wait for; None if the step may run at once."""
        loop = asyncio.get_running_loop()
        if not self._queue:
            self._queued_since = loop.time()
        if not (self._queue and self._queue[0][0] <= priority) and self._seconds_until_quiet() <= 0:
            return None
        turn = loop.create_future()
        heappush(self._queue, (priority, next(self._ticket), turn))
        if self._timer is None:
            self._timer = loop.call_later(self._seconds_until_quiet(), self._dispatch)
        return turn

    def _dispatch(self) -> None:
        """Let one step run if it may; the next is looked at after it, when the loop has seen new requests."""
        self._timer = None
        while self._queue and self._queue[0][2].done():  # cancelled meanwhile
            heappop(self._queue)
        if not self._queue:
            return
        seconds = self._seconds_until_quiet()
        if seconds <= 0:
            heappop(self._queue)[2].set_result(None)
        self._timer = asyncio.get_running_loop().call_later(max(seconds, 0), self._dispatch)

    def _seconds_until_quiet(self) -> float:
        now = asyncio.get_running_loop().time()
        if self._queue and now - self._queued_since > _STARVATION:
            return self._requested_at + _IMMINENT - now if self._pending else 0
        if self._pending or self._is_burst:
            return max(self._requested_at, self._sent_at) + _QUIET - now
        return 0
