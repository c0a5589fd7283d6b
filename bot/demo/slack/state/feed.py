"""Who hears of every change: the open pages, and whoever waits for something to become true."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal, TypeVar

from bot.demo.slack.errors import CannotDoError
from bot.demo.slack.wire import Json

T = TypeVar("T")
ChangeKind = Literal["message", "message_deleted", "ephemeral", "ephemeral_deleted", "views", "home"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of the workspace; `user` is set where only that person sees it."""

    kind: ChangeKind
    user: str | None = None
    channel: str | None = None
    ts: str | None = None
    message: Json | None = None


class Feed:
    """Tells changes to subscribers and wakes those who wait."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Change]] = set()
        self._changed = asyncio.Event()

    def publish(self, change: Change) -> None:
        """Tell one change."""
        for queue in self._queues:
            queue.put_nowait(change)
        self.wake()

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    @contextmanager
    def subscribed(self) -> Iterator[asyncio.Queue[Change]]:
        """Collect every change while the block lasts."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    async def until(self, predicate: Callable[[], T], *, seconds: float) -> T:
        """Wait until `predicate` is truthy and return its value; looks once after every change.

        What is not there yet (LookupError, CannotDoError) counts as false. Raises TimeoutError after
        `seconds` of real time.
        """
        try:
            async with asyncio.timeout(seconds):
                while True:
                    with suppress(LookupError, CannotDoError):
                        if value := predicate():
                            return value
                    await self._changed.wait()
        except TimeoutError:
            raise TimeoutError(f"it did not become true within {seconds:g} s") from None
