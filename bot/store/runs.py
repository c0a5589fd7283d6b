"""Launches that run in Orchestrator, as the tracker's queue of runs to look at.

A claim that nobody could begin is given back and counted: the fence only grows, so that a holder who is
late never finds its own again, and the looks at a run are its claims less those that were given back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, null, select, update

from bot.domain.launch import IN_ORCHESTRATOR, State
from bot.domain.steps.following import UNSEEN_AFTER
from bot.store.claims import STARTS
from bot.store.column_types import Moment
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
    claims_returned: int = 0
    is_paused: bool = False
    unseen_since: datetime | None = None

    @property
    def look(self) -> int:
        """The number of this look at the run, one more than that of the look before."""
        return self.fence - self.claims_returned

    def is_unseen(self, now: datetime) -> bool:
        """Whether looks at the run failed for so long that people are told, or were."""
        return self.unseen_since is not None and now - self.unseen_since >= UNSEEN_AFTER


_COLUMNS = tuple(launches.c[name] for name in RunClaim.__dataclass_fields__)
_IN_ORCHESTRATOR = launches.c.state.in_([state.value for state in IN_ORCHESTRATOR])
_RELEASE = (
    update(launches)
    .where(STARTS.claimed(bindparam("b_id"), fence=bindparam("b_fence")))
    .values(due_at=bindparam("b_due"))
)
_RELEASE_SEEN = _RELEASE.values(unseen_since=null())
_RELEASE_UNSEEN = _RELEASE.values(
    unseen_since=func.coalesce(launches.c.unseen_since, bindparam("b_now", type_=Moment()))
)
_GIVE_BACK = _RELEASE.values(claims_returned=launches.c.claims_returned + 1)


class RunQueue(Part):
    """The runs that are followed."""

    @in_background
    def count_due(self, sql: Connection, *, limit: int) -> int:
        """How many runs are to be looked at now, up to a limit."""
        due = select(launches.c.id).where(launches.c.due_at <= self.database.now_sql(), _IN_ORCHESTRATOR)
        return sql.scalar(select(func.count()).select_from(due.limit(limit).subquery())) or 0

    @in_background
    def claim(self, sql: Connection, *, limit: int, cancel_asked: bool | None = None) -> tuple[RunClaim, ...]:
        """Claim launches whose run is to be looked at, most overdue first; all, or by whether to stop it."""
        asked = () if cancel_asked is None else (launches.c.cancel_asked.is_(cancel_asked),)
        rows = STARTS.claim(sql, self.database, _IN_ORCHESTRATOR, *asked, limit=limit, returning=_COLUMNS)
        return tuple(RunClaim(**row._asdict() | {"state": State(row.state)}) for row in rows)

    @in_background
    def release(self, sql: Connection, claimed: Iterable[tuple[RunClaim, datetime]]) -> None:
        """Release claims on runs that were seen, with the time of the next look; not those overtaken."""
        values = [{"b_id": run.id, "b_fence": run.fence, "b_due": due} for run, due in claimed]
        if values:
            sql.execute(_RELEASE_SEEN, values)

    @in_background
    def release_unseen(self, sql: Connection, claimed: RunClaim, *, until: datetime) -> None:
        """Release a claim under which the look failed, and note since when looks do."""
        values = {"b_id": claimed.id, "b_fence": claimed.fence, "b_due": until, "b_now": self.database.now()}
        sql.execute(_RELEASE_UNSEEN, values)

    @in_background
    def give_back(self, sql: Connection, claimed: Iterable[RunClaim], *, until: datetime) -> None:
        """Release claims under which nobody looked at the run; that must not count as a look."""
        values = [{"b_id": run.id, "b_fence": run.fence, "b_due": until} for run in claimed]
        if values:
            sql.execute(_GIVE_BACK, values)
