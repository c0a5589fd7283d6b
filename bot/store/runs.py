"""Launches that run in Orchestrator, as the tracker's queue of runs to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from bot.domain.launch import IN_ORCHESTRATOR, State
from bot.store.claims import STARTS
from bot.store.database import Part, in_background
from bot.store.schema import launches

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class RunClaim:
    """A claimed launch that runs in Orchestrator, with just what a poll needs."""

    id: str
    fence: int
    state: State
    workflow_id: str
    execution_id: str
    started_at: datetime
    cancel_asked: bool


_COLUMNS = tuple(launches.c[name] for name in RunClaim.__dataclass_fields__)
_IN_ORCHESTRATOR = launches.c.state.in_([state.value for state in IN_ORCHESTRATOR])
_RELEASE = (
    update(launches)
    .where(STARTS.claimed(bindparam("b_id"), fence=bindparam("b_fence")))
    .values(due_at=bindparam("b_due"))
)


class RunQueue(Part):
    """The runs that are followed."""

    @in_background
    def claim(self, sql: Connection, *, limit: int) -> tuple[RunClaim, ...]:
        """Claim launches whose run is to be looked at, most overdue first."""
        rows = STARTS.claim(sql, self.database, _IN_ORCHESTRATOR, limit=limit, returning=_COLUMNS)
        return tuple(RunClaim(**row._asdict() | {"state": State(row.state)}) for row in rows)

    @in_background
    def release(self, sql: Connection, claimed: Iterable[tuple[RunClaim, datetime]]) -> None:
        """Release claims with the time of the next look; those that were overtaken stay as they are."""
        values = [{"b_id": run.id, "b_fence": run.fence, "b_due": due} for run, due in claimed]
        if values:
            sql.execute(_RELEASE, values)
