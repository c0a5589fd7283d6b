"""Launches: the tracker's queue of those not yet in Orchestrator, and how people look them up."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, or_, select, union

from bot.domain.errors import DatabaseLost, UnreadableRow
from bot.domain.launch import IN_ORCHESTRATOR, OPEN, Launch, State
from bot.runtime.metrics import LEASES_LOST
from bot.store.cards import Card, homes
from bot.store.claims import STARTS
from bot.store.codec import launch_of
from bot.store.database import Part, for_person, in_background
from bot.store.pauses import stops
from bot.store.quarantine import readable
from bot.store.schema import IS_OPEN, launches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta
    from typing import Any

    from sqlalchemy import ColumnElement, Connection, Select

    from bot.domain.people import Person

log = logging.getLogger(__name__)

_READ = (launches.c.id, launches.c.body, launches.c.version, launches.c.fence)
_TO_START = OPEN - IN_ORCHESTRATOR
_WAITS_FOR_PEOPLE = launches.c.state.in_(
    [State.AWAITING_APPROVAL.value, State.WAITING.value, State.UNCERTAIN.value]
)
_PAGE = 10  # launches of a listing in one transaction: others wait for it
_FRESH = 2.0  # seconds after which what was read proves nothing any more


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What the database says of a claim."""

    holds: bool  # nobody claimed the launch since
    is_paused: bool
    ends_at: datetime | None
    now: datetime  # by the database's clock

    def leaves(self, span: timedelta) -> bool:
        """Whether at least so much of the lease is left."""
        return self.ends_at is not None and self.ends_at - self.now >= span


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A launch with its home card, once posted."""

    launch: Launch
    home: Card | None


@dataclass(frozen=True, kw_only=True)
class FoundLaunches:
    """Launches that were looked up, and the ids of those among them that cannot be read."""

    launches: tuple[Listed, ...]
    unreadable: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Found:
    """Launches without their cards, and the ids of those that cannot be read."""

    launches: tuple[Launch, ...]
    unreadable: frozenset[str]


class LaunchTable(Part):
    """All launches, open and ended."""

    @in_background
    def claim(
        self, sql: Connection, *, limit: int, states: frozenset[State] = _TO_START
    ) -> tuple[Launch, ...]:
        """Claim launches that are due and not yet in Orchestrator, most overdue first."""
        among = launches.c.state.in_([state.value for state in states])
        rows = STARTS.claim(sql, self.database, among, limit=limit, returning=_READ)
        return tuple(readable(sql, self.database, rows).values())

    @in_background
    def give_back(self, sql: Connection, claimed: Launch, *, until: datetime) -> None:
        """Release a claim under which nothing was done; nothing if it no longer holds."""
        STARTS.write(sql, claimed.id, fence=claimed.fence, values={"due_at": until})

    @in_background
    def awaiting(self, sql: Connection, *, limit: int) -> tuple[Launch, ...]:
        """Launches that wait for approval, those that end or are reminded of first before the others."""
        waits = launches.c.state == State.AWAITING_APPROVAL.value
        query = select(*_READ).where(waits).order_by(launches.c.due_at).limit(limit)
        return tuple(readable(sql, self.database, sql.execute(query).all()).values())

    async def prove(self, claimed: Launch) -> Proof:
        """What the database says of a claim at this moment; DatabaseLost.

        DatabaseLost also if this process stood still meanwhile: then the answer is old.
        """
        asked_at = time.monotonic()
        proof = await self._proof(claimed)
        if time.monotonic() - asked_at > _FRESH:
            raise DatabaseLost
        self.database.note_clock(proof.now, asked_at=asked_at)
        if not proof.holds:
            LEASES_LOST.inc()
        return proof

    @for_person
    def _proof(self, sql: Connection, claimed: Launch) -> Proof:
        """Read a claim and the clock in one statement: it comes before each start, so it has to be cheap."""
        paused = exists().where(stops(claimed)).label("paused")
        query = select(launches.c.fence, launches.c.due_at, self.database.now_sql().label("now"), paused)
        row = sql.execute(query.where(launches.c.id == claimed.id)).one()
        return Proof(holds=row.fence == claimed.fence, is_paused=row.paused, ends_at=row.due_at, now=row.now)

    async def find(self, *, person: Person, channel: str, only_open: bool, limit: int) -> FoundLaunches:
        """The newest launches of this person or told in this channel, read a few at a time."""
        found: dict[str, Listed] = {}
        unreadable: frozenset[str] = frozenset()
        which = _of(person), launches.c.channel == channel
        for after in range(0, limit, _PAGE):
            page = await self._page(*which, only_open=only_open, after=after)
            found |= {each.launch.id: each for each in page.launches}  # what came meanwhile moved the rest on
            unreadable |= page.unreadable
            if len(page.launches) + len(page.unreadable) < _PAGE:
                break
        return FoundLaunches(launches=tuple(found.values()), unreadable=unreadable)

    @for_person
    def _page(
        self, sql: Connection, *which: ColumnElement[bool], only_open: bool, after: int
    ) -> FoundLaunches:
        """The newest of which one of the conditions is true, behind the first so many.

        Each condition walks its own index, from the newest; one query for either would sort all of them.
        """
        newest = (launches.c.requested_at.desc(), launches.c.id)
        each = [
            select(
                select(launches.c.id)
                .where(condition, *([IS_OPEN] if only_open else []))
                .order_by(*newest)
                .limit(after + _PAGE)
                .subquery()
            )
            for condition in which
        ]
        query = select(*_READ).where(launches.c.id.in_(union(*each))).order_by(*newest)
        return _listed(sql, query.offset(after).limit(_PAGE))

    @in_background
    def requested_after(
        self, sql: Connection, last: tuple[datetime, str], *, limit: int
    ) -> tuple[Launch, ...]:
        """A page of launches in the order of their requests, behind the one with this moment and id."""
        at, launch_id = last
        behind = or_(
            launches.c.requested_at > at, and_(launches.c.requested_at == at, launches.c.id > launch_id)
        )
        query = select(*_READ).where(behind).order_by(launches.c.requested_at, launches.c.id)
        return tuple(_read_all(sql, query.limit(limit))[0])

    @for_person
    def last_run(self, sql: Connection, *, person: Person, workflow_id: str) -> Launch | None:
        """This person's newest launch of the workflow that did start."""
        return _newest(sql, person, workflow_id, launches.c.started_at.is_not(None))

    @for_person
    def last_success(self, sql: Connection, *, person: Person, workflow_id: str) -> Launch | None:
        """This person's newest launch of the workflow that went well."""
        return _newest(sql, person, workflow_id, launches.c.state == State.SUCCEEDED.value)

    @for_person
    def latest_runs(self, sql: Connection, workflow_id: str, *, limit: int) -> tuple[Launch, ...]:
        """The newest launches of a workflow that did start, whoever asked for them."""
        runs = select(*_READ).where(launches.c.workflow_id == workflow_id, launches.c.started_at.is_not(None))
        return tuple(_read_all(sql, runs.order_by(launches.c.requested_at.desc()).limit(limit))[0])

    @for_person
    def waiting(self, sql: Connection, *, limit: int) -> FoundLaunches:
        """The newest launches that wait for somebody: to decide, answer or settle them."""
        newest = launches.c.requested_at.desc()
        return _listed(sql, select(*_READ).where(_WAITS_FOR_PEOPLE).order_by(newest).limit(limit))

    @for_person
    def home(self, sql: Connection, launch_id: str) -> Card | None:
        """The launch's card where it was asked for; None before it is posted."""
        return homes(sql, [launch_id]).get(launch_id)

    @for_person
    def in_states(self, sql: Connection, states: Sequence[str] | None, *, limit: int) -> Found:
        """The oldest launches in these states; all open ones for None."""
        which = IS_OPEN if states is None else launches.c.state.in_(states)
        query = select(*_READ).where(which).order_by(launches.c.requested_at).limit(limit)
        found, unreadable = _read_all(sql, query)
        return Found(launches=tuple(found), unreadable=frozenset(unreadable))

    @for_person
    def by_short_id(self, sql: Connection, text: str) -> tuple[str, ...]:
        """The ids that begin with `text`, two at most: enough to see that it is not one."""
        first, column = text.lower(), launches.c.id
        near = column.between(first, first + "z")  # by the index, in any collation: LIKE may not use it
        query = select(column).where(near, column.startswith(first, autoescape=True))
        return tuple(sql.scalars(query.limit(2)))


def _of(person: Person) -> ColumnElement[bool]:
    return launches.c.requester == f"{person.team_id}/{person.user_id}"


def _newest(
    connection: Connection, person: Person, workflow_id: str, which: ColumnElement[bool]
) -> Launch | None:
    query = (
        select(*_READ)
        .where(_of(person), launches.c.workflow_id == workflow_id, which)
        .order_by(launches.c.requested_at.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    try:
        return launch_of(row) if row else None
    except UnreadableRow as wrong:  # it is only compared with and offered
        log.warning("launch/%s cannot be read: %s", row and row.id, wrong.why)
        return None


def _listed(connection: Connection, query: Select[Any]) -> FoundLaunches:
    found, unreadable = _read_all(connection, query)
    posted = homes(connection, (launch.id for launch in found))
    listed = tuple(Listed(launch=launch, home=posted.get(launch.id)) for launch in found)
    return FoundLaunches(launches=listed, unreadable=frozenset(unreadable))


def _read_all(connection: Connection, query: Select[Any]) -> tuple[list[Launch], set[str]]:
    """What can be read, and the ids of what cannot."""
    found, unreadable = [], set()
    for row in connection.execute(query).all():
        try:
            found.append(launch_of(row))
        except UnreadableRow as wrong:
            log.warning("launch/%s cannot be read: %s", row.id, wrong.why)
            unreadable.add(row.id)
    return found, unreadable
