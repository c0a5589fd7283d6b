"""Slack's rate limits: one message a second in each channel, so many calls a minute of each method."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_BURST = 4
_MINUTE = 60


@dataclass(kw_only=True)
class _Bucket:
    tokens: float
    filled_at: datetime


class RateLimits:
    """Counts calls while it is switched on.

    Source: docs.slack.dev/apis/web-api/rate-limits. The burst that Slack tolerates is not told; four is ours.
    """

    def __init__(self, *, now: Callable[[], datetime], is_on: bool) -> None:
        self._now = now
        self.is_on = is_on
        self.per_minute: dict[str, int] = {}  # of methods that are limited otherwise than by their tier
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def seconds_to_wait(self, method: str, *, channel: str, per_minute: int) -> int | None:
        """Whole seconds until the next call may be made, or None if this one may."""
        if not self.is_on:
            return None
        if method == "chat.postMessage":
            return self._take((method, channel), room=_BURST, per_second=1)
        per_minute = self.per_minute.get(method, per_minute)
        return self._take((method, ""), room=per_minute, per_second=per_minute / _MINUTE)

    def _take(self, key: tuple[str, str], *, room: int, per_second: float) -> int | None:
        now = self._now()
        bucket = self._buckets.setdefault(key, _Bucket(tokens=room, filled_at=now))
        gained = (now - bucket.filled_at).total_seconds() * per_second
        bucket.tokens = min(room, bucket.tokens + gained)
        bucket.filled_at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return None
        return max(1, math.ceil((1 - bucket.tokens) / per_second))
