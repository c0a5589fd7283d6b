"""Cards beside the home card, each with a clock and a lease of its own: wanted, claimed, shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, delete, insert, select, update

from bot.domain.errors import UnreadableRow
from bot.store import quarantine
from bot.store.cards import Card, CardKind, card_of, homes, new_row
from bot.store.claims import readable
from bot.store.database import LEASE
from bot.store.outbox import holds, read_events
from bot.store.quarantine import Item, Kind
from bot.store.schema import cards, launches

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
    return _read(connection, database, rows)


def _read(connection: Connection, database: Database, rows: Sequence[Any]) -> tuple[Copying, ...]:
    """What is to be shown; what cannot be read is put aside, each by itself."""
    if not rows:
        return ()
    wanted = {row.launch_id for row in rows}
    query = select(launches.c.id, launches.c.body, launches.c.version, launches.c.fence)
    found = readable(connection, database, connection.execute(query.where(launches.c.id.in_(wanted))).all())
    posted = homes(connection, wanted)
    after = {each: min(row.told_seq for row in rows if row.launch_id == each) for each in found}
    undelivered, unreadable = read_events(connection, after)
    copyings = []
    for row in rows:
        if row.launch_id not in found:  # it is put aside with its launch
            continue
        try:
            copyings.append(
                _copying(row, found[row.launch_id], posted, undelivered[row.launch_id], unreadable)
            )
        except UnreadableRow as wrong:
            item = Item(kind=Kind.CARD, key=f"{row.launch_id}/{row.target}")
            quarantine.put_aside(connection, database, item, why=wrong.why)
    return tuple(copyings)


def _copying(
    row: Any,  # noqa: ANN401 - a row of cards
    launch: Launch,
    posted: Mapping[str, Card],
    undelivered: Sequence[Event],
    unreadable: Mapping[str, str],
) -> Copying:
    """What a claimed row is to show; UnreadableRow if that cannot be told."""
    if row.launch_id in unreadable:
        raise UnreadableRow(why=unreadable[row.launch_id])
    if row.launch_id not in posted:
        raise UnreadableRow(why="there is no home card to refer to")
    return Copying(
        launch=launch,
        target=row.target,
        card=card_of(row) if row.ts else None,
        home=posted[row.launch_id],
        events=tuple(event for event in undelivered if event.seq > row.told_seq),
        fence=row.fence,
        told_seq=row.told_seq,
        tried_before=row.tries > 1,
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
