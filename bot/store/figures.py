"""What the metrics say of the database: how much is open, and how late it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.domain.launch import State
from bot.store.database import Part, in_background
from bot.store.schema import IS_OPEN, inbox, launches, quarantine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement, Connection, TextClause

    from bot.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """Rows that wait, and for how many seconds the first of them has; 0 for none."""

    count: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One look at the tables."""

    by_state: Mapping[str, int]  # open launches
    approvals: Backlog
    queued: Backlog
    due: Backlog  # for the tracker
    told: Backlog  # the count is of all that is to be told, due or not
    inbox: int
    quarantined: int


class FigureReader(Part):
    """Counts by partial indexes: ended launches cost nothing."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._reading: asyncio.Task[Figures] | None = None

    async def shared(self) -> Figures:
        """Read them; anybody may ask, so whoever asks meanwhile gets the same answer. DatabaseLost."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self.read())
        return await asyncio.shield(self._reading)

    @in_background
    def read(self, sql: Connection) -> Figures:
        """All figures in one transaction."""
        now = sql.scalars(select(self.database.now_sql())).one()
        by_state = select(launches.c.state, func.count()).where(IS_OPEN).group_by(launches.c.state)
        due = launches.c.due_at <= now
        return Figures(
            by_state={row[0]: row[1] for row in sql.execute(by_state)},
            approvals=_backlog(
                sql, now, launches.c.requested_at, launches.c.state == State.AWAITING_APPROVAL.value
            ),
            queued=_backlog(sql, now, launches.c.in_line_since, launches.c.line.is_not(None), IS_OPEN),
            due=_backlog(sql, now, launches.c.due_at, due),
            told=_backlog(sql, now, launches.c.tell_at, launches.c.tell_at.is_not(None)),
            inbox=sql.scalar(select(func.count()).select_from(inbox)) or 0,
            quarantined=sql.scalar(
                select(func.count()).select_from(quarantine).where(quarantine.c.is_aside.is_(True))
            )
            or 0,
        )


def _backlog(
    sql: Connection, now: datetime, since: Column[datetime], *which: ColumnElement[bool] | TextClause
) -> Backlog:
    found = sql.execute(select(func.count(), func.min(since)).where(*which)).one()
    first: datetime | None = found[1]
    return Backlog(
        count=found[0], seconds=max(0.0, (now - first).total_seconds()) if first is not None else 0.0
    )
