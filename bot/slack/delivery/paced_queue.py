"""Paced queue: keeps the pace of one channel or method, and gives whoever has to wait a time of their own.

Nobody waits inside: the caller releases its claim until then, so a busy channel holds up no other, and what
waits costs nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import BotError
from bot.slack.pacing import Pace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class NotNow(BotError):
    """Slack asked to slow down, or did not say what has to be known: try again later."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


class PacedQueue:
    """A token bucket with slots: those who find it empty are spread over the time in which it fills."""

    def __init__(self, *, per_minute: float, burst: int, now: Callable[[], datetime]) -> None:
        self._pace = Pace(per_minute=per_minute, burst=burst, now=now)
        self._each = timedelta(minutes=1) / per_minute
        self._now = now
        self._given_until = now()  # up to when slots are given away

    def enter(self, count: int = 1, *, reserve: int = 0) -> None:
        """Take so many calls at once, leaving a reserve to others; NotNow with the time of a slot if not."""
        wait = self._pace.take(count, reserve=reserve)
        if wait > timedelta():
            # Not "as soon as there is a token": all who wait would come at once, and all but one in vain.
            slot = max(self._given_until, self._now() + wait)
            self._given_until = slot + count * self._each
            raise NotNow(slot - self._now())

    def hold(self, wait: timedelta) -> None:
        """Let nobody in before then: Slack answered 429."""
        self._pace.hold(wait)
