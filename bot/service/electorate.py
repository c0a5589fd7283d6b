"""Watches whether open requests can still be approved, and says at once when too few are left who could."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import BotError
from bot.domain.steps import waiting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.domain.launch import Launch
    from bot.store.store import Store

log = logging.getLogger(__name__)

LOOKS = timedelta(minutes=1)  # between two looks at all open requests
_MOST = 200  # requests looked at in one round


class Electorate:
    """Compares what each open request needs with who is left to give it."""

    def __init__(self, *, store: Store, left: Callable[[Launch], Awaitable[int | None]]) -> None:
        self._store = store
        self._left = left  # how many can still give the current stage a vote; None: nobody can tell
        self._looked_at: datetime | None = None

    async def tick(self) -> None:
        """Look at all of them, once a minute; any number of replicas may, as each event is written once."""
        now = self._store.now()
        if self._looked_at is not None and timedelta() <= now - self._looked_at < LOOKS:
            return
        self._looked_at = now
        for launch in await self._store.launches.awaiting(limit=_MOST):
            try:
                await self._look(launch)
            except BotError as error:
                log.info("who can approve launch %s is looked up again: %s", launch.id, error.message)
            except Exception:  # whatever it is, it is this launch's alone
                log.exception("who can approve launch %s cannot be told", launch.id)

    async def _look(self, launch: Launch) -> None:
        left = await self._left(launch)
        if waiting.electorate(launch, left=left, now=self._store.now()).launch == launch:
            return  # most of them, most of the time: nothing to write
        await self._store.transact(
            lambda tx: tx.save(waiting.electorate(tx.launch(launch.id), left=left, now=tx.now)),
            background=True,
        )
