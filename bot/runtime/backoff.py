"""Exponential backoff between retries, and rate-limited logging of an outage."""

from __future__ import annotations

import logging
import random
import time

log = logging.getLogger(__name__)

_REPEAT_SECONDS = 600.0  # between two log lines of an outage that lasts


class Backoff:
    """Exponential backoff with jitter: pauses double from `first` to `longest` seconds until it is reset."""

    def __init__(self, *, first: float = 1.0, longest: float = 60.0) -> None:
        self._first = first
        self.longest = longest
        self._next = first

    def pause(self, *, at_least: float = 0.0) -> float:
        """Seconds before the next try; half of it is jitter, so that many clients do not retry in step."""
        full, self._next = self._next, min(self._next * 2, self.longest)
        return max(full * random.uniform(0.5, 1.0), at_least)  # noqa: S311 - jitter, not a secret

    def reset(self) -> None:
        """Start over with the shortest pause."""
        self._next = self._first


class Outage:
    """Logs an outage: when it begins, every 10 minutes while it lasts, and when it is over."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began_at: float | None = None
        self._logged_at: dict[bool, float] = {}  # by whether it was a refusal

    def tried(self, why: str, *, is_refusal: bool = False) -> None:
        """Log a failed try; a refusal is an error somebody has to mend, anything else is expected to pass."""
        now = time.monotonic()
        if self._began_at is None:
            self._began_at = now
        if is_refusal in self._logged_at and now - self._logged_at[is_refusal] < _REPEAT_SECONDS:
            return
        self._logged_at[is_refusal] = now
        if is_refusal:
            log.error("%s: %s Tried again slowly until it is mended", self._what, why)
        else:
            log.warning("%s: %s Tried again until it works", self._what, why)

    def is_over(self) -> None:
        """Log for how long it did not work, if it did not."""
        if self._began_at is not None:
            log.warning("%s: works again after %.0f s", self._what, time.monotonic() - self._began_at)
        self._began_at = None
        self._logged_at.clear()
