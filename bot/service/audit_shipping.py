"""Copies the audit to a place outside, at least once: a copy that whoever owns the database cannot change.

Records go as JSON lines in their order, with an anchor behind each batch. What has arrived is noted after it
has; a process that dies in between sends the batch again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.audit import Anchor, as_row
from bot.runtime.sinks import NotTaken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.audit import Record
    from bot.store.store import Store

log = logging.getLogger(__name__)

SHIP_SECONDS = 5.0  # between two looks for new records
_AFTER_FAILURE = timedelta(seconds=30)
_NOW = timedelta(0)


class AuditShipping:
    """Ships to one place; of several replicas one at a time does."""

    def __init__(
        self, *, store: Store, target: str, send: Callable[[tuple[str, ...]], Awaitable[None]]
    ) -> None:
        self._store = store
        self._target = hashlib.sha256(target.encode()).hexdigest()
        self._send = send
        self._has_failed = False

    async def ship(self) -> None:
        """Send what is new; what is not taken is logged once, and sent again later."""
        arrived = await self._store.shipments.claim(self._target)
        if arrived is None:
            return
        rest = _NOW
        try:
            while page := await self._store.audit.page(after=arrived):
                await self._send(lines_of(page))
                arrived = page[-1].number
                await self._store.shipments.note(self._target, number=arrived, rest=timedelta(minutes=2))
            self._tell(failed=None)
        except NotTaken as failed:
            rest = _AFTER_FAILURE
            self._tell(failed=failed)
        finally:
            await self._store.shipments.note(self._target, number=arrived, rest=rest)

    def _tell(self, *, failed: NotTaken | None) -> None:
        if failed is not None and not self._has_failed:
            log.error("the audit cannot be shipped: %s. Tried again until it can.", failed)
        elif failed is None and self._has_failed:
            log.warning("the audit is shipped again")
        self._has_failed = failed is not None


def lines_of(page: tuple[Record, ...]) -> tuple[str, ...]:
    """The records, and the anchor that says how far they go."""
    last = page[-1]
    anchor = {"anchor": str(Anchor(number=last.number, hash=last.hash)), "at": last.at.isoformat()}
    return (*(json.dumps(as_row(each)) for each in page), json.dumps(anchor))
