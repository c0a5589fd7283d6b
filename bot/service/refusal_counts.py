"""Refusals that come from nobody known, such as badly signed requests: counted, and recorded once a minute.

Anybody can send them by the thousand, so a record for each would be a way to fill the database.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.domain.audit import AuditEntry

if TYPE_CHECKING:
    from bot.store.store import Store

RECORD_SECONDS = 60.0
_MOST_SOURCES = 20  # of one reason, told apart in one record
_OTHERS = "others"


class RefusalCounts:
    """Counts in memory: what came since the last record is lost with the process."""

    def __init__(self, *, store: Store) -> None:
        self._store = store
        self._counts: dict[str, Counter[str]] = {}

    def count(self, why: str, source: str = "") -> None:
        """Count one refusal; `source` is where it says it comes from, such as a workspace's id."""
        counts = self._counts.setdefault(why, Counter())
        known = source in counts or len(counts) < _MOST_SOURCES
        counts[source[:64] if known else _OTHERS] += 1

    async def record(self) -> None:
        """Record what came since the last time, one record for each reason; DatabaseLost keeps it counted."""
        counted = {why: Counter(each) for why, each in self._counts.items() if each}
        if not counted:
            return
        entries = [_entry(why, counts) for why, counts in counted.items()]
        await self._store.transact(lambda tx: tx.audit.record(*entries))
        for why, counts in counted.items():
            self._counts[why] -= counts  # those that came meanwhile stay


def _entry(why: str, counts: Counter[str]) -> AuditEntry:
    sources = {source: many for source, many in sorted(counts.items()) if source}
    detail = {"wish": "reach the bot", "why": why, "count": counts.total()}
    return AuditEntry(what="refused", detail=detail | ({"from": sources} if sources else {}))
