"""The outbox: what happened to launches and has not been told yet, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import case, func, insert, null, or_, select, update

from bot.store.cards import Card, CardKind, Lost, card_of, home_of, home_rows, new_row
from bot.store.claims import STORIES, unlocked
from bot.store.database import Part, in_background
from bot.store.events import read_events
from bot.store.quarantine import QuarantinedRow, RowKind, put_aside, readable
from bot.store.schema import cards, launches
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sqlalchemy import Connection

    from bot.domain.launch import Event, Launch

_CLAIMED = [
    launches.c[name]
    for name in ("id", "body", "version", "fence", "tell_fence", "tell_tries", "delivered_seq")
]

# Not for ever: a thread that never takes anything again would be tried with each launch of a busy channel.
_WOKEN_WITHIN = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Telling:
    """A claimed launch with what is to be told of it."""

    launch: Launch
    events: tuple[Event, ...]  # not told yet, in order
    fence: int
    delivered_seq: int
    home: Card | None  # once posted
    tried_before: bool  # a former claim ended without a word: look before posting again
    tries: int = 1  # this claim, and those before it that ended without a word
    lost: Lost = field(default_factory=Lost)


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
        theirs = home_rows(sql, (row.id for row in rows))
        return tuple(
            _telling(row, found[row.id], events=undelivered[row.id], home=theirs.get(row.id)) for row in rows
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
        place = telling.launch.place.channel_id
        row = new_row(telling.launch.id, place, CardKind.HOME)
        keep = row.keys() - {"channel", "ts", "version"}
        upsert(sql, cards, row | {"channel": channel, "ts": ts, "version": version}, keep=keep)
        if channel == place:
            self._wake_lost(sql, telling)
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
        stale = or_(cards.c.version != card, cards.c.lost_since.is_not(None))
        current = update(cards).where(home_of(telling.launch.id), stale)
        sql.execute(current.values(version=card, lost_since=None))
        if telling.lost.since is not None:
            self._wake_lost(sql, telling)
        return True

    @in_background
    def lose(self, sql: Connection, telling: Telling) -> bool:
        """Note that its place is lost, before it is told directly: a doubt about that is then looked into."""
        if not _holds(sql, telling):
            return False
        self._note_loss(sql, telling)
        return True

    @in_background
    def remember_direct(self, sql: Connection, telling: Telling, *, up_to: int) -> bool:
        """Note what the requester was told directly."""
        if not _holds(sql, telling):
            return False
        sql.execute(update(cards).where(home_of(telling.launch.id)).values(direct_seq=up_to))
        return True

    @in_background
    def refused(
        self, sql: Connection, telling: Telling, *, after: timedelta | None, card: int, in_doubt: bool = False
    ) -> bool:
        """Note that Slack refused some of it, and that the card shows version `card`; release.

        With no `after` it rests until something happens to the launch, or its place takes something again.
        """
        values = _waiting(telling, in_doubt=in_doubt)
        values["tell_at"] = null() if after is None else self.database.now_sql(after)
        if not _write(sql, telling, values):
            return False
        self._note_loss(sql, telling, version=card)
        return True

    def _note_loss(self, sql: Connection, telling: Telling, **news: int) -> None:
        """A card that was never posted has no row yet."""
        since = func.coalesce(cards.c.lost_since, self.database.now_sql())
        noted = update(cards).where(home_of(telling.launch.id)).values(lost_since=since, **news)
        if sql.execute(noted).rowcount == 0:
            row = new_row(telling.launch.id, telling.launch.place.channel_id, CardKind.HOME)
            sql.execute(insert(cards), row | {"lost_since": self.database.now()})

    def _wake_lost(self, sql: Connection, telling: Telling) -> None:
        """Its place takes something: whatever else could not be told there is tried at once.

        What is claimed, or in doubt, keeps its time; what somebody has locked is passed over, for two who
        wake each other's launches would wait for each other.
        """
        lost = select(cards.c.launch_id).where(
            cards.c.target == telling.launch.place.channel_id,
            cards.c.lost_since > self.database.now_sql(-_WOKEN_WITHIN),
            cards.c.kind == CardKind.HOME.value,
        )
        waiting = select(launches.c.id).where(launches.c.id.in_(lost), launches.c.tell_tries == 0)
        picked = unlocked(waiting.where(launches.c.id != telling.launch.id), self.database)
        woken = update(launches).where(launches.c.id == picked.c.id)
        sql.execute(woken.values(tell_at=self.database.now_sql()))

    @in_background
    def redraw(self, sql: Connection, launch_id: str, *, removed: str = "") -> None:
        """Have the home card drawn and the thread read anew: Slack took what a lost claim could not note.

        A claim that holds now is ended as well: what it wrote may lie under what came late, and it may have
        found and noted the card that is `removed` again.
        """
        again = {"tell_fence": launches.c.tell_fence + 1, "tell_tries": launches.c.tell_tries + 1}
        ours = update(launches).where(launches.c.id == launch_id)
        sql.execute(ours.values(**again, tell_at=self.database.now_sql()))
        sql.execute(update(cards).where(home_of(launch_id)).values(version=0))
        if removed:
            gone = update(cards).where(home_of(launch_id), cards.c.ts == removed)
            sql.execute(gone.values(channel=None, ts=None))

    @in_background
    def tell_later(
        self,
        sql: Connection,
        telling: Telling,
        *,
        after: timedelta,
        card: int | None = None,
        in_doubt: bool = False,
    ) -> bool:
        """Release the claim for a while; `in_doubt`: something may have been posted that was not noted.

        The doubt of a former try stays until something was told. `card` is the version that the card shows.
        """
        values = _waiting(telling, in_doubt=in_doubt) | {"tell_at": self.database.now_sql(after)}
        if not _write(sql, telling, values):
            return False
        if telling.home is not None and card not in {None, telling.home.version}:
            sql.execute(update(cards).where(home_of(telling.launch.id)).values(version=card))
        return True


def _telling(row: Any, launch: Launch, *, events: tuple[Event, ...], home: Any | None) -> Telling:  # noqa: ANN401 - rows
    """What a claimed row is to tell."""
    return Telling(
        launch=launch,
        events=events,
        fence=row.tell_fence,
        delivered_seq=row.delivered_seq,
        home=card_of(home) if home is not None and home.ts else None,
        tried_before=row.tell_tries > 1,
        tries=row.tell_tries,
        lost=Lost() if home is None else Lost(since=home.lost_since, direct_seq=home.direct_seq),
    )


def _waiting(telling: Telling, *, in_doubt: bool) -> dict[str, Any]:
    """The values of a claim that is released for a while: the doubt of a former try stays."""
    return {} if in_doubt or telling.tried_before else {"tell_tries": 0}


def _holds(sql: Connection, telling: Telling) -> bool:
    """Whether the claim still holds; if so, it does until commit, for the row is locked."""
    return _write(sql, telling, {"tell_fence": telling.fence})


def _write(sql: Connection, telling: Telling, values: Mapping[str, Any]) -> bool:
    return STORIES.write(sql, telling.launch.id, fence=telling.fence, values=values)
