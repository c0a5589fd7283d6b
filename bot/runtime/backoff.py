"""Backing off while Slack is away, and saying so without filling the log."""

from __future__ import annotations

import logging
import random
import time

log = logging.getLogger(__name__)

SAID_AGAIN = 600.0  # seconds after which an outage that lasts is said once more


class Backoff:
    """Exponential backoff with jitter: pauses double from `first` to `longest` seconds until it is reset."""

    def __init__(self, *, first: float = 1.0, longest: float = 60.0) -> None:
        self._first = first
        self.longest = longest
        self._next = first

    def pause(self, *, at_least: float = 0.0) -> float:
        """Seconds before the next try: half of the pause is fixed, half random, so that crowds part."""
        whole, self._next = self._next, min(self._next * 2, self.longest)
        return max(whole * random.uniform(0.5, 1.0), at_least)  # noqa: S311 - only spreads tries

    def reset(self) -> None:
        """Begin with short pauses again."""
        self._next = self._first


class Outage:
    """Logs that something does not work: once when it begins, again every 10 minutes, and when it is over."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began_at: float | None = None
        self._said: dict[bool, float] = {}  # when each kind was said last: refused, or only away

    def tried(self, why: str, *, is_refusal: bool = False) -> None:
        """Note a try that failed; a refusal is an error somebody has to mend, the rest passes."""
        now = time.monotonic()
        if self._began_at is None:
            self._began_at = now
        if is_refusal in self._said and now - self._said[is_refusal] < SAID_AGAIN:
            return
        self._said[is_refusal] = now
        if is_refusal:
            log.error("%s: %s Tried again slowly until it is mended", self._what, why)
        else:
            log.warning("%s: %s Tried again until it works", self._what, why)

    def is_over(self) -> None:
        """It works; says for how long it did not."""
        if self._began_at is not None:
            log.warning("%s: works again after %.0f s", self._what, time.monotonic() - self._began_at)
        self._began_at = None
        self._said.clear()
