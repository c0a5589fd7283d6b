"""The outbox: what happened to launches and has not been told yet, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, insert, select, update

from bot.store.cards import Card, CardKind, homes, new_row
from bot.store.claims import STORIES
from bot.store.database import Part, in_background
from bot.store.events import read_events
from bot.store.quarantine import QuarantinedRow, RowKind, put_aside, readable
from bot.store.schema import cards, launches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta
    from typing import Any

    from sqlalchemy import Connection

    from bot.domain.launch import Event, Launch

_CLAIMED = [
    launches.c[name]
    for name in ("id", "body", "version", "fence", "tell_fence", "tell_tries", "delivered_seq")
]


@dataclass(frozen=True, kw_only=True)
class Telling:
    """A claimed launch with what is to be told of it."""

    launch: Launch
    events: tuple[Event, ...]  # not told yet, in order
    fence: int
    delivered_seq: int
    home: Card | None  # once posted
    tried_before: bool  # a former claim ended without a word: look before posting again


class Outbox(Part):
    """Launches that have something to tell; False of a write means that its claim no longer holds."""

    @in_background
    def claim(self, sql: Connection, *, limit: int) -> tuple[Telling, ...]:
        """Claim launches that have something to tell, longest waiting first."""
        rows = STORIES.claim(sql, self.database, limit=limit, returning=_CLAIMED)
        found = readable(sql, self.database, rows)
        undelivered, unreadable = read_events(
            sql, {row.id: row.delivered_seq for row in rows if row.id in found}
        )
        for launch_id, why in unreadable.items():
            put_aside(sql, self.database, QuarantinedRow(kind=RowKind.STORY, key=launch_id), why=why)
        rows = [row for row in rows if row.id in found and row.id not in unreadable]
        self._have_copies_shown(sql, [row.id for row in rows])
        posted = homes(sql, (row.id for row in rows))
        return tuple(
            Telling(
                launch=found[row.id],
                events=undelivered[row.id],
                fence=row.tell_fence,
                delivered_seq=row.delivered_seq,
                home=posted.get(row.id),
                tried_before=row.tell_tries > 1,
            )
            for row in rows
        )

    def _have_copies_shown(self, sql: Connection, launch_ids: Sequence[str]) -> None:
        """What is to be told of a launch is to be seen on its other cards too."""
        if launch_ids:
            idle = cards.c.due_at.is_(None) & (cards.c.kind != CardKind.HOME.value)
            theirs = update(cards).where(cards.c.launch_id.in_(launch_ids), idle)
            sql.execute(theirs.values(due_at=self.database.now_sql()))

    @in_background
    def remember_home(
        self, sql: Connection, telling: Telling, *, channel: str, ts: str, version: int
    ) -> bool:
        """Note where the home card is, and what it shows."""
        if not _holds(sql, telling):
            return False
        row = new_row(telling.launch.id, telling.launch.place.channel_id, CardKind.HOME)
        sql.execute(insert(cards), row | {"channel": channel, "ts": ts, "version": version})
        return True

    @in_background
    def remember_told(self, sql: Connection, telling: Telling, *, up_to: int) -> bool:
        """Note what the thread tells by now."""
        return _write(sql, telling, {"delivered_seq": up_to})

    @in_background
    def want_copies(
        self, sql: Connection, telling: Telling, targets: Mapping[str, CardKind], *, after: int
    ) -> bool:
        """Have a card at each target that has none yet; events up to `after` are not told there."""
        if not _holds(sql, telling):
            return False
        there = set(sql.scalars(select(cards.c.target).where(cards.c.launch_id == telling.launch.id)).all())
        rows = [
            new_row(telling.launch.id, target, kind) | {"due_at": self.database.now(), "delivered_seq": after}
            for target, kind in targets.items()
            if target not in there
        ]
        if rows:
            sql.execute(insert(cards), rows)
        return True

    @in_background
    def told(self, sql: Connection, telling: Telling, *, up_to: int, card: int) -> bool:
        """Note that the thread tells all up to event `up_to` and the card shows version `card`; release."""
        more = (launches.c.last_seq > up_to) | (launches.c.version > card)
        values = {
            "delivered_seq": up_to,
            "tell_tries": 0,
            "tell_at": case((more, self.database.now_sql()), else_=None),
        }
        if not _write(sql, telling, values):
            return False
        home = (cards.c.launch_id == telling.launch.id) & (cards.c.kind == CardKind.HOME.value)
        sql.execute(update(cards).where(home, cards.c.version != card).values(version=card))
        return True

    @in_background
    def redraw(self, sql: Connection, launch_id: str) -> None:
        """Have the home card drawn and the thread read anew: Slack took what a lost claim could not note.

        A claim that holds now is ended as well: what it wrote may lie under what came late.
        """
        again = {"tell_fence": launches.c.tell_fence + 1, "tell_tries": launches.c.tell_tries + 1}
        ours = update(launches).where(launches.c.id == launch_id)
        sql.execute(ours.values(**again, tell_at=self.database.now_sql()))
        home = (cards.c.launch_id == launch_id) & (cards.c.kind == CardKind.HOME.value)
        sql.execute(update(cards).where(home).values(version=0))

    @in_background
    def tell_later(
        self, sql: Connection, telling: Telling, *, after: timedelta, in_doubt: bool = False
    ) -> bool:
        """Release the claim for a while; `in_doubt`: something may have been posted that was not noted.

        The doubt of a former try stays until something was told.
        """
        values: dict[str, Any] = {"tell_at": self.database.now_sql(after)}
        if not in_doubt and not telling.tried_before:
            values["tell_tries"] = 0
        return _write(sql, telling, values)


def _holds(sql: Connection, telling: Telling) -> bool:
    """Whether the claim still holds; if so, it does until commit, for the row is locked."""
    return _write(sql, telling, {"tell_fence": telling.fence})


def _write(sql: Connection, telling: Telling, values: Mapping[str, Any]) -> bool:
    return STORIES.write(sql, telling.launch.id, fence=telling.fence, values=values)
