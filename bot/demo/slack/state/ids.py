"""Ids and message timestamps that are never given twice."""

import itertools
from collections.abc import Callable
from datetime import datetime

_MICROSECONDS = 1_000_000


class Ids:
    """Gives ids shaped like Slack's; timestamps rise even while the clock stands still."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = itertools.count(1)
        self._last_microsecond = 0

    def ts(self) -> str:
        """A message's timestamp: seconds, a dot, microseconds."""
        wanted = int(self._now().timestamp() * _MICROSECONDS)
        self._last_microsecond = max(wanted, self._last_microsecond + 1)
        return f"{self._last_microsecond // _MICROSECONDS}.{self._last_microsecond % _MICROSECONDS:06d}"

    def new(self, prefix: str) -> str:
        """An id such as `V0000001A`."""
        return f"{prefix}{next(self._numbers):08X}"

    def hash(self) -> str:
        """A view's hash; it differs from every earlier one."""
        return f"{int(self._now().timestamp())}.{next(self._numbers):08x}"

    def trigger(self) -> str:
        """A trigger id in the form the Web API insists on."""
        return f"{next(self._numbers)}.{int(self._now().timestamp())}.{next(self._numbers):012x}"
