"""Cards beside the home card, each with a clock and a lease of its own: wanted, claimed, shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, delete, insert, select, update

from bot.store.cards import Card, CardKind, card_of, homes, new_row
from bot.store.database import LEASE
from bot.store.outbox import holds, read_events
from bot.store.schema import cards, launches
from bot.store.transaction import launch_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta
    from typing import Any

    from sqlalchemy import Connection

    from bot.domain.launch import Event, Launch
    from bot.store.database import Database
    from bot.store.outbox import Telling


@dataclass(frozen=True, kw_only=True)
class Copying:
    """A claimed copy with what it is to show."""

    launch: Launch
    target: str  # the channel or person it is for
    card: Card | None  # once posted
    home: Card
    events: tuple[Event, ...]  # not told beside the copy, in order
    fence: int
    told_seq: int  # the last event told beside the copy
    tried_before: bool  # a former claim ended without a word: look before posting again

    @property
    def last_seq(self) -> int:
        """The last event there is to tell."""
        return self.events[-1].seq if self.events else self.told_seq


def want(
    connection: Connection,
    database: Database,
    telling: Telling,
    targets: Mapping[str, CardKind],
    *,
    after: int,
) -> bool:
    """Have a card at each target beside those there are; False if the claim no longer holds.

    Events up to `after` are not told there.
    """
    if not holds(connection, telling):
        return False
    there = set(
        connection.scalars(select(cards.c.target).where(cards.c.launch_id == telling.launch.id)).all()
    )
    rows = [
        new_row(telling.launch.id, target, kind) | {"due_at": database.now(), "told_seq": after}
        for target, kind in targets.items()
        if target not in there
    ]
    if rows:
        connection.execute(insert(cards), rows)
    return True


def claim(connection: Connection, database: Database, *, limit: int) -> tuple[Copying, ...]:
    """Claim copies that are due, longest waiting first."""
    due = (
        select(cards.c.launch_id, cards.c.target)
        .where(cards.c.due_at <= database.now_sql())
        .order_by(cards.c.due_at)
        .limit(limit)
    )
    picked = (due.with_for_update(skip_locked=True) if database.locks_rows else due).cte("picked")
    rows = connection.execute(
        update(cards)
        .where(cards.c.launch_id == picked.c.launch_id, cards.c.target == picked.c.target)
        .values(fence=cards.c.fence + 1, tries=cards.c.tries + 1, due_at=database.now_sql(LEASE))
        .returning(cards)
    ).all()
    return _read(connection, rows)


def _read(connection: Connection, rows: Sequence[Any]) -> tuple[Copying, ...]:
    if not rows:
        return ()
    wanted = {row.launch_id for row in rows}
    query = select(launches.c.id, launches.c.body, launches.c.version, launches.c.fence)
    found = {row.id: launch_of(row) for row in connection.execute(query.where(launches.c.id.in_(wanted)))}
    posted = homes(connection, wanted)
    after = {each: min(row.told_seq for row in rows if row.launch_id == each) for each in wanted}
    untold = read_events(connection, after)
    return tuple(
        Copying(
            launch=found[row.launch_id],
            target=row.target,
            card=card_of(row) if row.ts else None,
            home=posted[row.launch_id],
            events=tuple(event for event in untold[row.launch_id] if event.seq > row.told_seq),
            fence=row.fence,
            told_seq=row.told_seq,
            tried_before=row.tries > 1,
        )
        for row in rows
    )


def remember(connection: Connection, copying: Copying, *, channel: str, ts: str) -> bool:
    """Note where the copy is; False if the claim no longer holds."""
    return _write(connection, copying, {"channel": channel, "ts": ts})


def shown(connection: Connection, database: Database, copying: Copying, *, up_to: int) -> bool:
    """Note that the copy shows the launch as it was claimed and tells all up to event `up_to`; let go."""
    version = copying.launch.version
    newer = select(launches.c.version).where(launches.c.id == copying.launch.id).scalar_subquery() > version
    values = {
        "version": version,
        "told_seq": up_to,
        "tries": 0,
        "due_at": case((newer, database.now_sql()), else_=None),
    }
    return _write(connection, copying, values)


def later(
    connection: Connection, database: Database, copying: Copying, *, after: timedelta, in_doubt: bool
) -> bool:
    """Release the claim for a while; `in_doubt`: something may have been posted that was not noted."""
    values: dict[str, Any] = {"due_at": database.now_sql(after)}
    if not in_doubt and not copying.tried_before:
        values["tries"] = 0
    return _write(connection, copying, values)


def forget(connection: Connection, copying: Copying) -> bool:
    """Drop a copy that is not wanted any more before it was posted; False if the claim no longer holds."""
    return connection.execute(delete(cards).where(*_held(copying))).rowcount == 1


def _write(connection: Connection, copying: Copying, values: dict[str, Any]) -> bool:
    return connection.execute(update(cards).where(*_held(copying)).values(**values)).rowcount == 1


def _held(copying: Copying) -> tuple[Any, ...]:
    same = (cards.c.launch_id == copying.launch.id, cards.c.target == copying.target)
    return (*same, cards.c.fence == copying.fence)
