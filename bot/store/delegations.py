"""Who decides in whose name, and until when; one row per person who is away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from bot.domain.approval import Delegation
from bot.domain.people import Person
from bot.store.schema import delegations
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


class DelegationTable:
    """Delegations as one transaction reads and writes them."""

    def __init__(self, connection: Connection, *, now: datetime) -> None:
        self._sql = connection
        self._now = now

    def keep(self, delegation: Delegation) -> None:
        """Write it in place of a former one of the same person, and forget those that ended."""
        self._sql.execute(delete(delegations).where(delegations.c.until <= self._now))
        row = {
            "by_team": delegation.by.team_id,
            "by_user": delegation.by.user_id,
            "to_team": delegation.to.team_id,
            "to_user": delegation.to.user_id,
            "since": delegation.since,
            "until": delegation.until,
        }
        upsert(self._sql, delegations, row)

    def drop(self, *, by: Person) -> bool:
        """Forget this person's; False if there was none."""
        theirs = (delegations.c.by_team == by.team_id) & (delegations.c.by_user == by.user_id)
        return self._sql.execute(delete(delegations).where(theirs)).rowcount > 0

    def in_force(self) -> tuple[Delegation, ...]:
        """All that hold now, those that end first before the others."""
        query = (
            select(delegations)
            .where(delegations.c.since <= self._now, delegations.c.until > self._now)
            .order_by(delegations.c.until, delegations.c.by_user)
        )
        return tuple(
            Delegation(
                by=Person(team_id=row.by_team, user_id=row.by_user),
                to=Person(team_id=row.to_team, user_id=row.to_user),
                since=row.since,
                until=row.until,
            )
            for row in self._sql.execute(query)
        )
