"""How far the audit was shipped to a place outside, and which process ships it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bot.store.database import Part, in_background
from bot.store.schema import audit_shipments
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection

LEASE = timedelta(minutes=2)  # of one shipment; a batch and its answer take less


class Shipments(Part):
    """One row for each place that records go to."""

    @in_background
    def claim(self, sql: Connection, target: str) -> int | None:
        """The number of the last record that arrived there; None while another process ships."""
        now = self.database.now()
        if sql.scalar(select(audit_shipments.c.number).where(audit_shipments.c.target == target)) is None:
            first = {"target": target, "number": 0, "due_at": now}
            upsert(sql, audit_shipments, first, keep=["number", "due_at"])
        claimed = (
            update(audit_shipments)
            .where(audit_shipments.c.target == target, audit_shipments.c.due_at <= now)
            .values(due_at=now + LEASE)
            .returning(audit_shipments.c.number)
        )
        row = sql.execute(claimed).first()
        return int(row.number) if row else None

    @in_background
    def note(self, sql: Connection, target: str, *, number: int, rest: timedelta) -> None:
        """Note what has arrived, and let the next shipment come after a rest."""
        moved = update(audit_shipments).where(
            audit_shipments.c.target == target, audit_shipments.c.number <= number
        )
        sql.execute(moved.values(number=number, due_at=self.database.now() + rest))
