"""Who goes first: an answer that Slack waits for, before work that has time.

One loop does both. A piece of work is many steps, from one thing awaited to the next; where it is known to
have time, each of its steps first lets acks go, and steps of several such works go on one by one: first those
of errands, which are what a person asked for, then those of the bot's own rounds. While an errand is under
way, the rounds begin nothing for a moment; what they have begun goes on: the errand may need what it holds.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterator

Result = TypeVar("Result")

_CALM = 0.01  # seconds in which no ack is asked for or goes out, after which other work goes on
_ALONE = 0.05  # seconds without an ack, after which one is taken to come alone: no calm is waited for
_BESIDE = 0.1  # seconds that the bot's own work waits for errands before it begins beside them
_PATIENCE = 3.0  # seconds that other work waits for such a calm; then it goes on whenever no ack is due
_AHEAD = 0.003  # seconds that an ack is due then; one that takes longer waits for more than the loop


class Courtesy:
    """Counts who waits for an ack, and holds back the steps of other work while somebody does."""

    def __init__(self) -> None:
        self._waiting = 0
        self._asked_at = 0.0
        self._acked_at = 0.0
        self._is_burst = False  # the latest ack followed another
        self._errands = 0
        self._no_errand = asyncio.Event()
        self._no_errand.set()
        self._held_since = 0.0
        self._asked_for: deque[asyncio.Future[None]] = deque()
        self._own: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        """Somebody waits for an ack from here on."""
        self._waiting += 1
        self._asked_at = asyncio.get_running_loop().time()

    def __exit__(self, *_: object) -> None:
        """It is out."""
        self._waiting -= 1
        now = asyncio.get_running_loop().time()
        self._is_burst = now - self._acked_at < _ALONE
        self._acked_at = now

    async def behind(
        self,
        work: Coroutine[Any, Any, Result],
        *,
        once: Callable[[], bool] = lambda: True,
        asked_for: bool = False,
    ) -> Result:
        """Do the work, each of its steps after acks; `once` says from when on that holds.

        What a person asked for goes before what nobody waits for.
        """
        if asked_for:
            with self._errand():
                return await _Polite(self, work, once, self._asked_for)
        await self._let_errands_go(work)
        return await _Polite(self, work, once, self._own)

    @contextmanager
    def _errand(self) -> Iterator[None]:
        self._errands += 1
        self._no_errand.clear()
        try:
            yield
        finally:
            self._errands -= 1
            if not self._errands:
                self._no_errand.set()

    async def _let_errands_go(self, work: Coroutine[Any, Any, Result]) -> None:
        """Wait before this work begins; cancelled meanwhile, it never does."""
        if self._no_errand.is_set():
            return
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_BESIDE):
                    await self._no_errand.wait()
        except asyncio.CancelledError:
            work.close()
            raise

    async def calm(self, *, at_most: float) -> None:
        """Let acks go first, but no longer than so many seconds; before the steps of the bot's own rounds."""
        turn = self.held_back(self._asked_for)
        if turn is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(at_most):
                    await turn

    def held_back(self, line: deque[asyncio.Future[None]]) -> asyncio.Future[None] | None:
        """What a step has to wait for in its line; None if it may go on."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if not (self._asked_for or line) and self._is_calm(now):
            return None
        if not self._asked_for and not self._own:
            self._held_since = now
        turn: asyncio.Future[None] = loop.create_future()
        line.append(turn)
        self._look_again(loop, after=self._until_calm(now))
        return turn

    def _is_calm(self, now: float) -> bool:
        return self._until_calm(now) <= 0

    def _look_again(self, loop: asyncio.AbstractEventLoop, *, after: float) -> None:
        if self._timer is None:
            self._timer = loop.call_later(after, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let one step go on if it may; the next looks after it, when the loop has seen who came."""
        self._timer = None
        now = loop.time()
        if self._is_calm(now) and (_let_one_go(self._asked_for) or _let_one_go(self._own)):
            self._look_again(loop, after=0)
        elif self._asked_for or self._own:
            self._look_again(loop, after=self._until_calm(now))

    def _until_calm(self, now: float) -> float:
        """Seconds until it is calm at the earliest."""
        if (self._asked_for or self._own) and now - self._held_since > _PATIENCE:
            return self._asked_at + _AHEAD - now if self._waiting else 0
        if self._waiting or self._is_burst:
            return max(self._asked_at, self._acked_at) + _CALM - now
        return 0


def _let_one_go(line: deque[asyncio.Future[None]]) -> bool:
    """Whether somebody still waited in the line; whoever was cancelled does not."""
    while line:
        turn = line.popleft()
        if not turn.done():
            turn.set_result(None)
            return True
    return False


class _Polite(Generic[Result]):
    """A coroutine driven by hand: what it awaits is awaited for it, and then its turn."""

    def __init__(
        self,
        courtesy: Courtesy,
        work: Coroutine[Any, Any, Result],
        once: Callable[[], bool],
        line: deque[asyncio.Future[None]],
    ) -> None:
        self._courtesy = courtesy
        self._work = work
        self._once = once
        self._line = line

    def __await__(self) -> Generator[Any, Any, Result]:
        given: Any = None
        thrown: BaseException | None = None
        while True:
            try:
                if thrown is None and self._once():
                    yield from self._turn()
            except BaseException as instead:  # noqa: BLE001 - it is the work's to handle, a cancellation too
                thrown = instead
            try:
                awaited = self._work.send(given) if thrown is None else self._work.throw(thrown)
            except StopIteration as done:
                result: Result = done.value
                return result
            try:
                given, thrown = (yield awaited), None
            except BaseException as instead:  # noqa: BLE001 - the same
                given, thrown = None, instead

    def _turn(self) -> Generator[Any, Any, None]:
        turn = self._courtesy.held_back(self._line)
        if turn is not None:
            yield from turn
