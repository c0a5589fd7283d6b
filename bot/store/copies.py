"""Cards beside the home card, each with a clock and a lease of its own: wanted, claimed, shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, delete, func, null, select, update

from bot.domain.errors import UnreadableRow
from bot.store.cards import Card, card_of, homes
from bot.store.claims import COPIES
from bot.store.database import Part, in_background
from bot.store.events import read_events
from bot.store.quarantine import QuarantinedRow, RowKind, put_aside, readable
from bot.store.schema import cards, launches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from typing import Any

    from sqlalchemy import Connection

    from bot.domain.launch import Event, Launch


@dataclass(frozen=True, kw_only=True)
class Copying:
    """A claimed copy with what it is to show."""

    launch: Launch
    target: str  # the channel or person it is for
    card: Card | None  # once posted
    home: Card | None  # once posted
    events: tuple[Event, ...]  # not told beside the copy, in order
    fence: int
    delivered_seq: int  # the last event told beside the copy
    tried_before: bool  # a former claim ended without a word: look before posting again
    tries: int = 1  # this claim, and those before it that ended without a word
    lost_since: datetime | None = None  # when Slack began to refuse something of it

    @property
    def last_seq(self) -> int:
        """The last event there is to tell."""
        return self.events[-1].seq if self.events else self.delivered_seq


class Copies(Part):
    """Copies that are not up to date; False of a write means that its claim no longer holds."""

    @in_background
    def claim(self, sql: Connection, *, limit: int) -> tuple[Copying, ...]:
        """Claim copies that are due, longest waiting first."""
        rows = COPIES.claim(sql, self.database, limit=limit, returning=[cards])
        return self._read(sql, rows) if rows else ()

    def _read(self, sql: Connection, rows: Sequence[Any]) -> tuple[Copying, ...]:
        """What is to be shown; what cannot be read is put aside, each by itself."""
        wanted = {row.launch_id for row in rows}
        query = select(launches.c.id, launches.c.body, launches.c.version, launches.c.fence)
        found = readable(sql, self.database, sql.execute(query.where(launches.c.id.in_(wanted))).all())
        posted = homes(sql, wanted)
        after = {each: min(row.delivered_seq for row in rows if row.launch_id == each) for each in found}
        undelivered, unreadable = read_events(sql, after)
        copyings = []
        for row in rows:
            if row.launch_id not in found:  # it is put aside with its launch
                continue
            try:
                copyings.append(
                    _copying(row, found[row.launch_id], posted, undelivered[row.launch_id], unreadable)
                )
            except UnreadableRow as wrong:
                item = QuarantinedRow(kind=RowKind.CARD, key=f"{row.launch_id}/{row.target}")
                put_aside(sql, self.database, item, why=wrong.why)
        return tuple(copyings)

    @in_background
    def remember(self, sql: Connection, copying: Copying, *, channel: str, ts: str) -> bool:
        """Note where the copy is."""
        return _write(sql, copying, {"channel": channel, "ts": ts})

    @in_background
    def shown(self, sql: Connection, copying: Copying, *, up_to: int) -> bool:
        """Note that the copy shows the launch as claimed and tells all up to event `up_to`; release."""
        version = copying.launch.version
        newer = (
            select(launches.c.version).where(launches.c.id == copying.launch.id).scalar_subquery() > version
        )
        values = {
            "version": version,
            "delivered_seq": up_to,
            "tries": 0,
            "due_at": case((newer, self.database.now_sql()), else_=None),
            "lost_since": None,
        }
        return _write(sql, copying, values)

    @in_background
    def refused(
        self,
        sql: Connection,
        copying: Copying,
        *,
        after: timedelta | None,
        version: int,
        up_to: int,
        in_doubt: bool = False,
    ) -> bool:
        """Note that Slack refused some of it, what the copy shows, and what was told beside it; release.

        With no `after` it rests until something happens to the launch.
        """
        values = _waiting(copying, in_doubt=in_doubt) | {
            "version": version,
            "delivered_seq": up_to,
            "due_at": null() if after is None else self.database.now_sql(after),
            "lost_since": func.coalesce(cards.c.lost_since, self.database.now_sql()),
        }
        return _write(sql, copying, values)

    @in_background
    def redraw(self, sql: Connection, copying: Copying, *, removed: str = "") -> None:
        """Have the copy drawn anew: Slack took what a lost claim could not note.

        A claim that holds now is ended as well: what it wrote may lie under what came late, and it may have
        found and noted the card that is `removed` again.
        """
        ours = update(cards).where(COPIES.row(copying.launch.id, copying.target))
        again = {"fence": cards.c.fence + 1, "tries": cards.c.tries + 1, "version": 0}
        sql.execute(ours.values(**again, due_at=self.database.now_sql()))
        if removed:
            sql.execute(ours.where(cards.c.ts == removed).values(channel=None, ts=None))

    @in_background
    def show_later(
        self, sql: Connection, copying: Copying, *, after: timedelta, in_doubt: bool = False
    ) -> bool:
        """Release the claim for a while; `in_doubt`: something may have been posted that was not noted."""
        values = _waiting(copying, in_doubt=in_doubt) | {"due_at": self.database.now_sql(after)}
        return _write(sql, copying, values)

    @in_background
    def forget(self, sql: Connection, copying: Copying) -> bool:
        """Drop a copy that is not wanted any more before it was posted."""
        claimed = COPIES.claimed(copying.launch.id, copying.target, fence=copying.fence)
        return sql.execute(delete(cards).where(claimed)).rowcount == 1


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
    return Copying(
        launch=launch,
        target=row.target,
        card=card_of(row) if row.ts else None,
        home=posted.get(row.launch_id),
        events=tuple(event for event in undelivered if event.seq > row.delivered_seq),
        fence=row.fence,
        delivered_seq=row.delivered_seq,
        tried_before=row.tries > 1,
        tries=row.tries,
        lost_since=row.lost_since,
    )


def _waiting(copying: Copying, *, in_doubt: bool) -> dict[str, Any]:
    """The values of a claim that is released for a while: the doubt of a former try stays."""
    return {} if in_doubt or copying.tried_before else {"tries": 0}


def _write(sql: Connection, copying: Copying, values: Mapping[str, Any]) -> bool:
    return COPIES.write(sql, copying.launch.id, copying.target, fence=copying.fence, values=values)
