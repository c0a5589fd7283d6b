"""Launches as people look them up: what is open, what was, and one by its short id."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from bot.domain.errors import UnreadableRow
from bot.domain.launch import OPEN, Launch, State
from bot.store.cards import Card, homes
from bot.store.schema import launches
from bot.store.transaction import launch_of

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import ColumnElement, Connection, Select

    from bot.domain.people import Person

log = logging.getLogger(__name__)

_READ = (launches.c.id, launches.c.body, launches.c.version, launches.c.fence)
_OPEN = [state.value for state in OPEN]


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A launch with its home card, once posted."""

    launch: Launch
    home: Card | None


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Launches that were looked up, and the ids of those among them that cannot be read."""

    launches: tuple[Listed, ...]
    unreadable: frozenset[str] = frozenset()


def find(
    connection: Connection, *, person: Person, channel: str, only_open: bool, after: int, limit: int
) -> Listing:
    """The newest launches of this person or told in this channel, behind the first so many."""
    own = launches.c.requester == f"{person.team_id}/{person.user_id}"
    query = (
        select(*_READ)
        .where(or_(own, launches.c.channel == channel))
        .order_by(launches.c.requested_at.desc(), launches.c.id)
    )
    if only_open:
        query = query.where(launches.c.state.in_(_OPEN))
    return _listed(connection, query.offset(after).limit(limit))


def last_run(connection: Connection, *, person: Person, workflow_id: str) -> Launch | None:
    """This person's newest launch of the workflow that did start."""
    return _newest(connection, person, workflow_id, launches.c.started_at.is_not(None))


def last_success(connection: Connection, *, person: Person, workflow_id: str) -> Launch | None:
    """This person's newest launch of the workflow that went well."""
    return _newest(connection, person, workflow_id, launches.c.state == State.SUCCEEDED.value)


def _newest(
    connection: Connection, person: Person, workflow_id: str, which: ColumnElement[bool]
) -> Launch | None:
    query = (
        select(*_READ)
        .where(
            launches.c.requester == f"{person.team_id}/{person.user_id}",
            launches.c.workflow_id == workflow_id,
            which,
        )
        .order_by(launches.c.requested_at.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    try:
        return launch_of(row) if row else None
    except UnreadableRow as wrong:  # it is only compared with and offered
        log.warning("launch/%s cannot be read: %s", row and row.id, wrong.why)
        return None


def by_short_id(connection: Connection, text: str) -> tuple[str, ...]:
    """The ids that begin with `text`, two at most: enough to see that it is not one."""
    query = select(launches.c.id).where(launches.c.id.startswith(text.lower(), autoescape=True))
    return tuple(connection.scalars(query.limit(2)))


def _listed(connection: Connection, query: Select[Any]) -> Listing:
    found, unreadable = [], set()
    for row in connection.execute(query).all():
        try:
            found.append(launch_of(row))
        except UnreadableRow as wrong:
            log.warning("launch/%s cannot be read: %s", row.id, wrong.why)
            unreadable.add(row.id)
    posted = homes(connection, (launch.id for launch in found))
    listed = tuple(Listed(launch=launch, home=posted.get(launch.id)) for launch in found)
    return Listing(launches=listed, unreadable=frozenset(unreadable))
