"""The claim: how a table is a queue that several processes work on, each row held by one for a lease.

A row is due at a time in its clock column. Whoever claims it moves that time a lease ahead, so that the row
comes up again by itself if its holder dies, and counts its fence up, which proves the claim: a write under
it names the fence, and does nothing once another claimed the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import CTE, and_, select, update

from bot.store.database import LEASE
from bot.store.schema import (
    audit,
    audit_head,
    cards,
    inbox,
    launches,
    subscription_news,
    subscriptions,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Select, Table

    from bot.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Claims:
    """The columns by which the rows of a table are claimed."""

    key: tuple[Column[Any], ...]
    clock: Column[Any]  # schedule and lease in one; nothing is due where it is null
    fence: Column[Any] | None = None
    tries: Column[Any] | None = None  # claims that ended without a word

    @property
    def table(self) -> Table:
        """The table they are in."""
        return self.clock.table

    def claim(
        self,
        connection: Connection,
        database: Database,
        *which: ColumnElement[bool],
        limit: int,
        returning: Sequence[Any],
    ) -> Sequence[Any]:
        """Claim rows that are due, most overdue first; what others are claiming is passed over."""
        due = select(*self.key).where(self.clock <= database.now_sql(), *which)
        picked = unlocked(due.order_by(self.clock).limit(limit), database)
        claimed: dict[Any, Any] = {self.clock: database.now_sql(LEASE)}
        claimed |= {counted: counted + 1 for counted in (self.fence, self.tries) if counted is not None}
        same = (column == picked.c[column.key] for column in self.key)
        return connection.execute(update(self.table).where(*same).values(claimed).returning(*returning)).all()

    def row(self, *key: Any) -> ColumnElement[bool]:  # noqa: ANN401 - values or parameters
        """The row of a key."""
        return and_(*(column == value for column, value in zip(self.key, key, strict=True)))

    def claimed(self, *key: Any, fence: Any) -> ColumnElement[bool]:  # noqa: ANN401 - the same
        """The row of a key, as long as the claim with that fence holds."""
        if self.fence is None:
            return self.row(*key)
        return and_(self.row(*key), self.fence == fence)

    def write(self, connection: Connection, *key: str, fence: int, values: Mapping[str, Any]) -> bool:
        """Write to a claimed row; False if the claim no longer holds.

        If it does hold, it holds until commit, for the row is locked.
        """
        written = update(self.table).where(self.claimed(*key, fence=fence)).values(**values)
        return connection.execute(written).rowcount == 1


STARTS = Claims(key=(launches.c.id,), clock=launches.c.due_at, fence=launches.c.fence)
STORIES = Claims(
    key=(launches.c.id,), clock=launches.c.tell_at, fence=launches.c.tell_fence, tries=launches.c.tell_tries
)
COPIES = Claims(
    key=(cards.c.launch_id, cards.c.target), clock=cards.c.due_at, fence=cards.c.fence, tries=cards.c.tries
)
NOTES = Claims(key=(inbox.c.id,), clock=inbox.c.due_at)
LOOKS = Claims(key=(subscriptions.c.id,), clock=subscriptions.c.due_at, fence=subscriptions.c.fence)
NEWS = Claims(
    key=(
        subscription_news.c.subscription_id,
        subscription_news.c.execution_id,
        subscription_news.c.happened,
    ),
    clock=subscription_news.c.due_at,
    fence=subscription_news.c.fence,
    tries=subscription_news.c.tries,
)
_ALL = (STARTS, STORIES, COPIES, NOTES, LOOKS, NEWS)


def unlocked(query: Select[Any], database: Database) -> CTE:
    """Those rows of a query that nobody else has locked; they are locked now."""
    return (query.with_for_update(skip_locked=True) if database.locks_rows else query).cte("picked")


def release_all(connection: Connection, database: Database) -> None:
    """Make every lease end now: for the only process on a database, whose former holder is dead.

    What lies further ahead than a lease is no lease but waits for its time, unless the clock was set back
    since: then nothing tells the two apart.
    """
    latest = connection.scalar(select(audit.c.at).where(audit.c.number == audit_head.c.number))
    was_set_back = latest is not None and latest > database.now()
    for each in _ALL:
        leased = each.clock > database.now_sql()
        if not was_set_back:
            leased &= each.clock <= database.now_sql(LEASE)
        connection.execute(update(each.table).where(leased).values({each.clock: database.now_sql()}))


def shorten(connection: Connection, database: Database) -> None:
    """Let no lease lie further ahead than a lease.

    Leases that were given before the clock was set back do. So do times of a next look that were meant so;
    whoever looks early finds nothing to do and puts them back.
    """
    most = database.now_sql(LEASE)
    for each in _ALL:
        connection.execute(update(each.table).where(each.clock > most).values({each.clock: most}))
