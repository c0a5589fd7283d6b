"""Pauses in the database, which every process reads in the transaction that starts a launch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select

from bot.domain.pause import Pause, Scope, Target
from bot.domain.people import Person
from bot.store.schema import pauses
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Connection

    from bot.domain.launch import Launch


class PauseTable:
    """Pauses as one transaction reads and writes them."""

    def __init__(self, connection: Connection, *, now: datetime) -> None:
        self._sql = connection
        self._now = now

    def put(self, target: Target, *, by: Person | None, why: str) -> None:
        """Pause it from now on, or give a pause another reason."""
        row = {
            "scope": target.scope.value,
            "name": target.name,
            "by_team": by and by.team_id,
            "by_user": by and by.user_id,
            "since": self._now,
            "why": why,
        }
        upsert(self._sql, pauses, row)

    def drop(self, target: Target) -> bool:
        """Let it start again; False if it was not paused."""
        which = (pauses.c.scope == target.scope.value) & (pauses.c.name == target.name)
        return self._sql.execute(delete(pauses).where(which)).rowcount > 0

    def in_force(self) -> tuple[Pause, ...]:
        """All of them, oldest first."""
        return tuple(map(_pause, self._sql.execute(select(pauses).order_by(pauses.c.since))))

    def stopping(self, launch: Launch, *, rules: Collection[str] = ()) -> Pause | None:
        """The oldest that keeps this launch from starting; `rules` are further rules that allow it now."""
        query = select(pauses).where(stops(launch, rules=rules)).order_by(pauses.c.since).limit(1)
        row = self._sql.execute(query).first()
        return None if row is None else _pause(row)


def stops(launch: Launch, *, rules: Collection[str] = ()) -> ColumnElement[bool]:
    """The pauses that keep a launch from starting."""
    workflow = launch.workflow
    return or_(
        pauses.c.scope == Scope.ALL.value,
        (pauses.c.scope == Scope.RULE.value) & pauses.c.name.in_({launch.rule, *rules}),
        (pauses.c.scope == Scope.WORKFLOW.value) & pauses.c.name.in_({workflow.id, workflow.name}),
    )


def _pause(row: Any) -> Pause:  # noqa: ANN401 - a row
    by = Person(team_id=row.by_team, user_id=row.by_user) if row.by_user else None
    return Pause(target=Target(scope=Scope(row.scope), name=row.name), why=row.why, since=row.since, by=by)
