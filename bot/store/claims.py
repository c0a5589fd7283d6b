"""The launches as the tracker's queue: claim what is due, put back what stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from bot.domain.errors import UnreadableRow
from bot.domain.launch import IN_ORCHESTRATOR, OPEN, Launch, State
from bot.store import quarantine
from bot.store.database import LEASE
from bot.store.quarantine import Item, Kind
from bot.store.schema import cards, inbox, launches
from bot.store.transaction import launch_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection

    from bot.store.database import Database


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


def claim_due(connection: Connection, database: Database, *, limit: int) -> tuple[Launch, ...]:
    """Claim launches that are due and not yet in Orchestrator, most overdue first."""
    columns = (launches.c.id, launches.c.body, launches.c.version, launches.c.fence)
    rows = _claim(connection, database, states=OPEN - IN_ORCHESTRATOR, limit=limit, columns=columns)
    return tuple(readable(connection, database, rows).values())


def readable(connection: Connection, database: Database, rows: Iterable[Any]) -> dict[str, Launch]:
    """The launches of these rows by id; those that cannot be read are put aside."""
    found = {}
    for row in rows:
        try:
            found[row.id] = launch_of(row)
        except UnreadableRow as wrong:
            quarantine.put_aside(connection, database, Item(kind=Kind.LAUNCH, key=row.id), why=wrong.why)
    return found


def claim_runs(connection: Connection, database: Database, *, limit: int) -> tuple[RunClaim, ...]:
    """Claim launches whose run is to be looked at, most overdue first."""
    names = ("id", "fence", "state", "workflow_id", "execution_id", "started_at", "cancel_asked")
    rows = _claim(
        connection,
        database,
        states=IN_ORCHESTRATOR,
        limit=limit,
        columns=[launches.c[name] for name in names],
    )
    return tuple(RunClaim(**row._asdict() | {"state": State(row.state)}) for row in rows)


def _claim(
    connection: Connection, database: Database, *, states: Iterable[State], limit: int, columns: Sequence[Any]
) -> Sequence[Any]:
    due = (
        select(launches.c.id)
        .where(
            launches.c.due_at <= database.now_sql(), launches.c.state.in_([state.value for state in states])
        )
        .order_by(launches.c.due_at)
        .limit(limit)
    )
    picked = (due.with_for_update(skip_locked=True) if database.locks_rows else due).cte("picked")
    claim = (
        update(launches)
        .where(launches.c.id.in_(select(picked.c.id)))
        .values(fence=launches.c.fence + 1, due_at=database.now_sql(LEASE))
        .returning(*columns)
    )
    return connection.execute(claim).all()


def release_runs(connection: Connection, rows: Iterable[tuple[RunClaim, datetime]]) -> None:
    """Release claims with the time of the next look; those that were overtaken stay as they are."""
    values = [{"b_id": each.id, "b_fence": each.fence, "b_due": due} for each, due in rows]
    if values:
        connection.execute(
            update(launches)
            .where(launches.c.id == bindparam("b_id"), launches.c.fence == bindparam("b_fence"))
            .values(due_at=bindparam("b_due")),
            values,
        )


def release_all(connection: Connection, database: Database) -> None:
    """Make every lease end now: for the only process on a database, whose former holder is dead."""
    now = database.now_sql()
    connection.execute(update(launches).where(launches.c.due_at > now).values(due_at=now))
    connection.execute(update(launches).where(launches.c.tell_at > now).values(tell_at=now))
    connection.execute(update(cards).where(cards.c.due_at > now).values(due_at=now))
    connection.execute(update(inbox).where(inbox.c.due_at > now).values(due_at=now))
