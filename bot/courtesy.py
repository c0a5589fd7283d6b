"""Who goes first: an answer that Slack waits for, before work that has time."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOOK = 0.002  # seconds between two looks, and that nobody has waited before work goes on


class Courtesy:
    """Counts who waits for an ack, and holds back other work while somebody does, for a while."""

    def __init__(self) -> None:
        self._waiting = 0
        self._acked_at = 0.0
        self._door = asyncio.Lock()

    @contextmanager
    def first(self) -> Iterator[None]:
        """Somebody waits for an ack meanwhile."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            self._acked_at = asyncio.get_running_loop().time()

    async def give_way(self, *, at_most: float = 0.5) -> None:
        """Return once nobody waits, or after so many seconds; who waited here goes on one by one."""
        loop = asyncio.get_running_loop()
        until = loop.time() + at_most
        async with self._door:
            while self._is_busy(loop.time()) and loop.time() < until:  # noqa: ASYNC110 - being calm for a while is no event
                await asyncio.sleep(_LOOK)

    def _is_busy(self, now: float) -> bool:
        return self._waiting > 0 or now - self._acked_at < _LOOK
