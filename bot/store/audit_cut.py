"""Cutting the old end off the audit, a batch in a transaction, each with the record that proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from bot.domain.audit import Anchor
from bot.domain.audit_cut import cut_entry
from bot.store.schema import audit, audit_head

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.store.audit import AuditChain


class AuditCut:
    """The old end of the chain, as one transaction cuts it."""

    def __init__(self, connection: Connection, chain: AuditChain) -> None:
        self._sql = connection
        self._chain = chain

    def find(self, *, before: datetime, limit: int, after: int = 0) -> tuple[int, Anchor | None]:
        """How many records at the beginning are older, and the last of them."""
        first = select(audit.c.number, audit.c.at, audit.c.hash).where(audit.c.number > after)
        count, last = 0, None
        for row in self._sql.execute(first.order_by(audit.c.number).limit(limit)):
            if row.at >= before:  # what is behind it stays, whatever its time: the chain has no holes
                break
            count, last = count + 1, Anchor(number=row.number, hash=row.hash)
        return count, last

    def cut(self, *, before: datetime, limit: int) -> int:
        """Delete the oldest records, so many at most, and record that; how many.

        It takes the chain's turn first: of two replicas that cut, the second then sees what the first left.
        """
        self._sql.execute(select(audit_head.c.id).with_for_update())
        count, last = self.find(before=before, limit=limit)
        if last is not None:
            self._sql.execute(delete(audit).where(audit.c.number <= last.number))
            self._chain.record(cut_entry(last))
        return count
