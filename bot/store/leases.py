"""Leases by the database's clock: how much of one is left, and what happens when that clock is set back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bot.store.database import LEASE
from bot.store.schema import cards, inbox, launches

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy import Connection

    from bot.domain.launch import Launch
    from bot.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What the database says of a claim."""

    holds: bool  # nobody claimed the launch since
    ends_at: datetime | None
    now: datetime  # by the database's clock

    def leaves(self, span: timedelta) -> bool:
        """Whether at least so much of the lease is left."""
        return self.ends_at is not None and self.ends_at - self.now >= span


def prove(connection: Connection, database: Database, claimed: Launch) -> Proof:
    """Read a claim and the clock in one statement: it comes before each start, so it has to be cheap."""
    query = select(launches.c.fence, launches.c.due_at, database.now_sql().label("now"))
    row = connection.execute(query.where(launches.c.id == claimed.id)).one()
    return Proof(holds=row.fence == claimed.fence, ends_at=row.due_at, now=row.now)


def shorten(connection: Connection, database: Database) -> None:
    """Let no lease lie further ahead than a lease.

    Leases that were given before the clock was set back do. So do times of a next look that were meant so;
    whoever looks early finds nothing to do and puts them back.
    """
    most = database.now_sql(LEASE)
    for column in (launches.c.due_at, launches.c.tell_at, cards.c.due_at, inbox.c.due_at):
        connection.execute(update(column.table).where(column > most).values({column.name: most}))
