"""How fast one person may be: a token bucket for each, so that nobody's haste slows the others down."""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import TooFast
from bot.slack.pacing import Pace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.people import Person

_BURST = 2  # minutes' worth that may come at once
_MOST = 10_000  # people remembered; whoever is forgotten begins with a full bucket


class PersonalPace:
    """Token buckets of this process, one a person; evicts whoever did nothing for longest."""

    def __init__(self, *, per_minute: int, now: Callable[[], datetime]) -> None:
        self._per_minute = per_minute
        self._now = now
        self._paces: OrderedDict[Person, Pace] = OrderedDict()

    def take(self, person: Person) -> None:
        """Count what somebody does; TooFast if it is too much, and then it does not count."""
        if not self._per_minute:
            return
        pace = self._paces.get(person)
        if pace is None:
            burst = _BURST * self._per_minute
            pace = self._paces[person] = Pace(per_minute=self._per_minute, burst=burst, now=self._now)
        self._paces.move_to_end(person)
        if len(self._paces) > _MOST:
            self._paces.popitem(last=False)
        if (wait := pace.take(1)) > timedelta():
            raise TooFast(wait)
