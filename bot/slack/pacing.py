"""Rate limits of Slack's Web API, kept from this side: a token bucket for each method, and Retry-After.

Slack counts by method, workspace and app, a minute, and does not publish its bursts
(docs.slack.dev/apis/web-api/rate-limits). Each bucket's burst and refill together stay below the method's
tier.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.slack.answers import SlackDidNotSay

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_QUEUE = 200  # callers that may wait for a token; those beyond are turned away at once
_ROUNDING = timedelta(milliseconds=1)  # what a stored time of waking may be early by
_LOOK = 0.05  # seconds between two looks for a token


class Limited(SlackDidNotSay):
    """Slack's rate limit is used up just now. Please try again in a minute."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


class Pace:
    """Token bucket of one method. Callers that somebody waits for may empty it; others leave a reserve."""

    def __init__(
        self, *, per_minute: float, burst: int, now: Callable[[], datetime], reserve: int = 0
    ) -> None:
        self._per_second = per_minute / 60
        self._burst = burst
        self._reserve = reserve
        self._now = now
        self._tokens = float(burst)
        self._filled_at = now()
        self._held_until = self._filled_at
        self._queue = asyncio.Lock()  # first come, first served
        self._waiting = 0

    @property
    def wait(self) -> timedelta:
        """How long until somebody may call; nothing if at once."""
        self._fill()
        missing = max(0.0, 1 - self._tokens) / self._per_second
        return max(timedelta(seconds=missing), self._held_until - self._now())

    def spare(self) -> bool:
        """Take a token for what has time: only from what is left above the reserve."""
        if self.wait > timedelta() or self._tokens < 1 + self._reserve or self._waiting:
            return False
        self._tokens -= 1
        return True

    def take(self, count: int, *, reserve: int = 0) -> timedelta:
        """Take so many tokens at once and leave a reserve; else take none, and say how long until then."""
        self._fill()
        missing = max(0.0, count + reserve - self._tokens) / self._per_second
        wait = max(timedelta(seconds=missing), self._held_until - self._now())
        if wait > _ROUNDING:
            return wait
        self._tokens -= count
        return timedelta()

    async def turn(self, *, within: timedelta) -> None:
        """Take a token, after those who came before; Limited at once if that will surely take too long."""
        ahead = timedelta(seconds=self._waiting / self._per_second)
        if self.wait + ahead > within or self._waiting >= _QUEUE:
            raise Limited(self.wait)
        self._waiting += 1
        try:
            async with asyncio.timeout(within.total_seconds()), self._queue:
                while (wait := self.wait) > timedelta():  # noqa: ASYNC110 - time is what is waited for
                    await asyncio.sleep(min(wait.total_seconds(), _LOOK))
                self._tokens -= 1
        except TimeoutError:
            raise Limited(self.wait) from None
        finally:
            self._waiting -= 1

    def hold(self, wait: timedelta) -> None:
        """Send nothing before then: Slack answered 429, and counts what is sent nevertheless."""
        self._held_until = max(self._held_until, self._now() + wait)
        self._tokens = 0.0

    def _fill(self) -> None:
        now = self._now()
        gained = (now - self._filled_at).total_seconds() * self._per_second
        self._tokens = min(float(self._burst), self._tokens + max(0.0, gained))
        self._filled_at = now
