"""Records from which a person was erased: they differ from their hash, and a later record says so.

The chain of hashes stays whole, so that nothing else can have been changed, added or left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.audit import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.audit import Record

ERASURE = "erased"
NOBODY = "UERASED"  # stands for whoever was erased


def erasure_entry(numbers: Sequence[int]) -> AuditEntry:
    """What is recorded in the transaction that erases somebody from those records."""
    return AuditEntry(what=ERASURE, detail={"records": list(numbers)})


def erased_in(records: Iterable[Record]) -> frozenset[int]:
    """The numbers of the records that bear a sign of erasure, and that an erasure names."""
    marked: set[int] = set()
    named: set[int] = set()
    for record in records:
        if record.entry.what == ERASURE:
            named |= {each for each in record.entry.detail.get("records", ()) if isinstance(each, int)}
        elif record.entry.user_id == NOBODY or NOBODY in str(record.entry.detail):
            marked.add(record.number)
    return frozenset(marked & named)
