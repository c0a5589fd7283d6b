"""The audit cut at its old end: a record further on names the last record that was cut, and its hash.

So the chain proves itself where it now begins, and a beginning that was simply deleted is still found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.audit import START, Anchor, AuditEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.audit import Record

CUT = "audit cut"


def cut_entry(last: Anchor) -> AuditEntry:
    """What is recorded in the transaction that deletes all up to there."""
    return AuditEntry(what=CUT, detail={"up_to": last.number, "hash": last.hash})


def beginning(records: Iterable[Record]) -> Anchor:
    """What the first record follows: the start, or a place that a later record says was cut up to."""
    first = None
    for record in records:
        first = first or record
        if first.number == 1:
            break
        cut = Anchor(number=first.number - 1, hash=first.before)
        if record.entry == cut_entry(cut):
            return cut
    return Anchor(number=0, hash=START)
