"""Retention: what the settings say is too old is deleted, in small batches with pauses in between."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.runtime.logging import log_event
from bot.runtime.metrics import PURGED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime, timedelta

    from bot.domain.audit import Anchor
    from bot.store.retention import Aged, Cursor
    from bot.store.store import Store
    from bot.store.transaction import Transaction

log = logging.getLogger(__name__)

SWEEP_SECONDS = 3600
_LAUNCHES = 25  # of a batch: a few milliseconds in which others wait for the database
_RECORDS = 500  # of the audit in a batch
_REST = 9  # times as long as a batch took, so that this takes a tenth of the database at most
_SHORTEST_REST = 0.05  # seconds


@dataclass(frozen=True, kw_only=True)
class Ages:
    """How long what is kept; what is missing is kept for good."""

    launches: Mapping[Aged, timedelta]
    audit: timedelta | None = None


class Retention:
    """Deletes what is too old; any number of processes may do so on one database."""

    def __init__(self, *, store: Store, ages: Ages) -> None:
        self._store = store
        self._ages = ages

    async def sweep(self) -> None:
        """Delete all that is too old now, at a pace that holds up nobody."""
        for kind, count in [each async for each in self._sweeps()]:
            if count:
                log_event(log, "purged", kind=kind, rows=count)

    async def _sweeps(self) -> AsyncIterator[tuple[str, int]]:
        for what, age in self._ages.launches.items():
            yield what.value, await self._sweep_launches(what, before=self._store.now() - age)
        if self._ages.audit is not None:
            yield "audit", await self._cut_audit(before=self._store.now() - self._ages.audit)

    async def _sweep_launches(self, what: Aged, *, before: datetime) -> int:
        after: Cursor | None = None
        total = 0
        while True:
            began = time.perf_counter()
            batch = await self._store.retention.sweep(what, before=before, after=after, limit=_LAUNCHES)
            total += batch.rows
            PURGED.labels(kind=what.value).inc(batch.rows)
            after = batch.after
            if after is None:
                return total
            await _rest(since=began)

    async def _cut_audit(self, *, before: datetime) -> int:
        total = 0
        while True:
            began = time.perf_counter()
            count = await self._store.transact(
                lambda tx: tx.audit_cut.cut(before=before, limit=_RECORDS), background=True
            )
            total += count
            PURGED.labels(kind="audit").inc(count)
            if count < _RECORDS:
                return total
            await _rest(since=began)

    async def would_purge(self) -> dict[str, int]:
        """What a sweep would delete now, by kind; nothing is deleted."""
        found = {
            what.value: await self._count(what, before=self._store.now() - age)
            for what, age in self._ages.launches.items()
        }
        if self._ages.audit is not None:
            found["audit"] = await self._count_audit(before=self._store.now() - self._ages.audit)
        return found

    async def _count(self, what: Aged, *, before: datetime) -> int:
        after: Cursor | None = None
        total = 0
        while True:
            batch = await self._store.retention.look(what, before=before, after=after, limit=_LAUNCHES)
            total, after = total + batch.rows, batch.after
            if after is None:
                return total

    async def _count_audit(self, *, before: datetime) -> int:
        total, after = 0, 0
        while True:
            count, last = await self._store.transact(
                partial(_find, before=before, after=after),
            )
            total += count
            if last is None or count < _RECORDS:
                return total
            after = last.number


def _find(tx: Transaction, *, before: datetime, after: int) -> tuple[int, Anchor | None]:
    return tx.audit_cut.find(before=before, limit=_RECORDS, after=after)


async def _rest(*, since: float) -> None:
    await asyncio.sleep(max(_SHORTEST_REST, (time.perf_counter() - since) * _REST))
