"""The launches as the announcer's outbox: what happened and has not been told yet, in order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, insert, or_, select, update

from bot.domain.errors import UnreadableRow
from bot.domain.launch import Event, Happening, Launch
from bot.domain.people import Person
from bot.store import quarantine
from bot.store.cards import Card, CardKind, homes, new_row
from bot.store.claims import readable
from bot.store.codec import Damaged
from bot.store.database import LEASE
from bot.store.quarantine import Item, Kind
from bot.store.schema import cards, events, launches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta
    from typing import Any

    from sqlalchemy import Connection

    from bot.store.database import Database

_HAPPENINGS = {each.value: each for each in Happening}
_CLAIMED = [
    launches.c[name] for name in ("id", "body", "version", "fence", "tell_fence", "tell_tries", "told_seq")
]


@dataclass(frozen=True, kw_only=True)
class Telling:
    """A claimed launch with what is to be told of it."""

    launch: Launch
    events: tuple[Event, ...]  # not told yet, in order
    fence: int
    told_seq: int
    home: Card | None  # once posted
    tried_before: bool  # a former claim ended without a word: look before posting again


def claim_undelivered(connection: Connection, database: Database, *, limit: int) -> tuple[Telling, ...]:
    """Claim launches that have something to tell, longest waiting first."""
    due = (
        select(launches.c.id)
        .where(launches.c.tell_at <= database.now_sql())
        .order_by(launches.c.tell_at)
        .limit(limit)
    )
    picked = (due.with_for_update(skip_locked=True) if database.locks_rows else due).cte("picked")
    rows = connection.execute(
        update(launches)
        .where(launches.c.id.in_(select(picked.c.id)))
        .values(
            tell_fence=launches.c.tell_fence + 1,
            tell_tries=launches.c.tell_tries + 1,
            tell_at=database.now_sql(LEASE),
        )
        .returning(*_CLAIMED)
    ).all()
    found = readable(connection, database, rows)
    undelivered, unreadable = read_events(
        connection, {row.id: row.told_seq for row in rows if row.id in found}
    )
    for launch_id, why in unreadable.items():
        quarantine.put_aside(connection, database, Item(kind=Kind.STORY, key=launch_id), why=why)
    rows = [row for row in rows if row.id in found and row.id not in unreadable]
    _have_copies_shown(connection, database, [row.id for row in rows])
    posted = homes(connection, (row.id for row in rows))
    return tuple(
        Telling(
            launch=found[row.id],
            events=undelivered[row.id],
            fence=row.tell_fence,
            told_seq=row.told_seq,
            home=posted.get(row.id),
            tried_before=row.tell_tries > 1,
        )
        for row in rows
    )


def _have_copies_shown(connection: Connection, database: Database, launch_ids: Sequence[str]) -> None:
    """What is to be told of a launch is to be seen on its other cards too."""
    if launch_ids:
        idle = cards.c.due_at.is_(None) & (cards.c.kind != CardKind.HOME.value)
        theirs = update(cards).where(cards.c.launch_id.in_(launch_ids), idle)
        connection.execute(theirs.values(due_at=database.now_sql()))


def read_events(
    connection: Connection, after: Mapping[str, int]
) -> tuple[dict[str, tuple[Event, ...]], dict[str, str]]:
    """The events of these launches behind the given ones, in order; and why others cannot be read."""
    found: dict[str, tuple[Event, ...]] = defaultdict(tuple)
    unreadable: dict[str, str] = {}
    if after:
        undelivered = or_(
            *((events.c.launch_id == each) & (events.c.seq > seq) for each, seq in after.items())
        )
        for row in connection.execute(
            select(events).where(undelivered).order_by(events.c.launch_id, events.c.seq)
        ):
            try:
                found[row.launch_id] += (_event(row),)
            except UnreadableRow as wrong:
                unreadable[row.launch_id] = wrong.why
    return found, unreadable


def _event(row: Any) -> Event:  # noqa: ANN401 - a row of events
    if isinstance(row.detail, Damaged):
        raise UnreadableRow(why=f"event {row.seq}: {row.detail.why}")
    if row.what not in _HAPPENINGS:
        raise UnreadableRow(why=f"event {row.seq}: this release does not know {row.what!r}")
    by = Person(team_id=row.by_team, user_id=row.by_user) if row.by_user else None
    return Event(
        launch_id=row.launch_id,
        seq=row.seq,
        what=_HAPPENINGS[row.what],
        at=row.at,
        by=by,
        note=row.note,
        detail=row.detail,
    )


def remember_home(connection: Connection, telling: Telling, *, channel: str, ts: str, version: int) -> bool:
    """Note where the home card is, and what it shows; False if the claim no longer holds."""
    if not holds(connection, telling):
        return False
    row = new_row(telling.launch.id, telling.launch.place.channel_id, CardKind.HOME)
    connection.execute(insert(cards), row | {"channel": channel, "ts": ts, "version": version})
    return True


def remember_told(connection: Connection, telling: Telling, *, up_to: int) -> bool:
    """Note what the thread tells by now; False if the claim no longer holds."""
    return _write(connection, telling, {"told_seq": up_to})


def told(connection: Connection, database: Database, telling: Telling, *, up_to: int, card: int) -> bool:
    """Note that the thread tells all up to event `up_to` and the home card shows version `card`; let go."""
    more = (launches.c.last_seq > up_to) | (launches.c.version > card)
    values = {
        "told_seq": up_to,
        "tell_tries": 0,
        "tell_at": case((more, database.now_sql()), else_=None),
    }
    if not _write(connection, telling, values):
        return False
    home = (cards.c.launch_id == telling.launch.id) & (cards.c.kind == CardKind.HOME.value)
    connection.execute(update(cards).where(home, cards.c.version != card).values(version=card))
    return True


def redraw(connection: Connection, database: Database, launch_id: str) -> None:
    """Have the home card drawn and the thread read anew: Slack took what a lost claim could not note.

    A claim that holds now is ended as well: what it wrote may lie under what came late.
    """
    again = {"tell_fence": launches.c.tell_fence + 1, "tell_tries": launches.c.tell_tries + 1}
    ours = update(launches).where(launches.c.id == launch_id)
    connection.execute(ours.values(**again, tell_at=database.now_sql()))
    home = (cards.c.launch_id == launch_id) & (cards.c.kind == CardKind.HOME.value)
    connection.execute(update(cards).where(home).values(version=0))


def tell_later(
    connection: Connection,
    database: Database,
    telling: Telling,
    *,
    after: timedelta,
    in_doubt: bool,
) -> bool:
    """Release the claim for a while; `in_doubt`: something may have been posted that was not noted.

    The doubt of a former try stays until something was told.
    """
    values: dict[str, Any] = {"tell_at": database.now_sql(after)}
    if not in_doubt and not telling.tried_before:
        values["tell_tries"] = 0
    return _write(connection, telling, values)


def holds(connection: Connection, telling: Telling) -> bool:
    """Whether the claim still holds; if so, it does until commit, for the row is locked."""
    return _write(connection, telling, {"tell_fence": telling.fence})


def _write(connection: Connection, telling: Telling, values: dict[str, Any]) -> bool:
    done = connection.execute(
        update(launches)
        .where(launches.c.id == telling.launch.id, launches.c.tell_fence == telling.fence)
        .values(**values)
    )
    return done.rowcount == 1
