"""Erasing a person: their id and addresses give way to a sign wherever they are stored, in batches."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select, update

from bot.domain.audit_erasure import NOBODY, erasure_entry
from bot.domain.errors import BotError
from bot.domain.launch import OPEN
from bot.store.schema import (
    IS_OPEN,
    audit,
    audit_head,
    cards,
    delegations,
    drafts,
    events,
    launches,
    presets,
    sealed,
    turns,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.domain.people import Person
    from bot.store.audit import AuditChain

_BATCH = 200  # rows
_NO_ADDRESS = "erased"
_IS_OVER = launches.c.state.not_in([state.value for state in OPEN])


class StillOpen(BotError):
    """Something this person asked for is still open. Let it end or cancel it first. Nothing was erased."""


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What to look for."""

    person: Person
    addresses: frozenset[str]

    @property
    def key(self) -> str:
        """How tables name the person."""
        return f"{self.person.team_id}/{self.person.user_id}"

    def cleaned(self, text: str) -> str:
        """The text without them."""
        found = re.sub(rf"\b{re.escape(self.person.user_id)}\b", NOBODY, text)
        for address in self.addresses:
            found = re.sub(re.escape(address), _NO_ADDRESS, found, flags=re.IGNORECASE)
        return found


class Erasure:
    """One transaction of an erasure."""

    def __init__(self, connection: Connection, chain: AuditChain) -> None:
        self._sql = connection
        self._chain = chain

    def begin(self, person: Person) -> Traces:
        """Delete what is the person's alone, and learn their addresses; StillOpen."""
        key = f"{person.team_id}/{person.user_id}"
        open_ones = select(func.count()).select_from(launches).where(launches.c.requester == key, IS_OPEN)
        if self._sql.scalar(open_ones):
            raise StillOpen
        theirs = select(drafts.c.id).where(drafts.c.owner == key)
        self._sql.execute(delete(sealed).where(sealed.c.owner.in_(theirs)))
        for table in (drafts, presets):
            self._sql.execute(delete(table).where(table.c.owner == key))
        self._sql.execute(delete(turns).where(turns.c.requester == key))
        self._sql.execute(delete(cards).where(cards.c.target == person.user_id))
        by = (delegations.c.by_user == person.user_id) & (delegations.c.by_team == person.team_id)
        to = (delegations.c.to_user == person.user_id) & (delegations.c.to_team == person.team_id)
        self._sql.execute(delete(delegations).where(or_(by, to)))
        known = select(audit.c.email).where(audit.c.user_id == person.user_id, audit.c.email != "").distinct()
        return Traces(person=person, addresses=frozenset(self._sql.scalars(known).all()))

    def launches(self, traces: Traces, *, after: str) -> tuple[int, str | None]:
        """Erase them from the next ended launches; how many, and where to go on (None: the end)."""
        columns = (
            launches.c.id,
            launches.c.version,
            launches.c.requester,
            launches.c.channel,
            launches.c.body,
        )
        query = select(*columns).where(launches.c.id > after, _IS_OVER).order_by(launches.c.id)
        rows = self._sql.execute(query.limit(_BATCH)).all()
        count = sum(self._launch(row, traces) for row in rows)
        return count, rows[-1].id if len(rows) == _BATCH else None

    def _launch(self, row: Any, traces: Traces) -> bool:  # noqa: ANN401 - a row
        values = {
            "body": _cleaned(row.body, traces),
            "requester": traces.cleaned(row.requester),
            "channel": traces.cleaned(row.channel),
        }
        told = self._events(row.id, traces)
        if all(values[name] == getattr(row, name) for name in values):
            return told
        same = (launches.c.id == row.id) & (launches.c.version == row.version)
        self._sql.execute(update(launches).where(same).values(**values))
        return True

    def _events(self, launch_id: str, traces: Traces) -> bool:
        changed = False
        for row in self._sql.execute(select(events).where(events.c.launch_id == launch_id)).all():
            values = {
                "by_user": row.by_user and traces.cleaned(row.by_user),
                "note": traces.cleaned(row.note),
                "detail": _cleaned(row.detail, traces),
            }
            if any(values[name] != getattr(row, name) for name in values):
                one = (events.c.launch_id == launch_id) & (events.c.seq == row.seq)
                self._sql.execute(update(events).where(one).values(**values))
                changed = True
        return changed

    def audit(self, traces: Traces, *, after: int) -> tuple[int, int | None]:
        """Erase them from the next records, which keep their hashes, and record which those are."""
        self._sql.execute(select(audit_head.c.id).with_for_update())
        query = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(_BATCH)
        rows = self._sql.execute(query).all()
        numbers = [row.number for row in rows if self._record(row, traces)]
        if numbers:
            self._chain.record(erasure_entry(numbers))
        return len(numbers), rows[-1].number if len(rows) == _BATCH else None

    def _record(self, row: Any, traces: Traces) -> bool:  # noqa: ANN401 - a row
        values = {name: traces.cleaned(getattr(row, name)) for name in ("user_id", "email", "detail")}
        if all(values[name] == getattr(row, name) for name in values):
            return False
        self._sql.execute(update(audit).where(audit.c.number == row.number).values(**values))
        return True


def _cleaned(body: Any, traces: Traces) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(traces.cleaned(json.dumps(body, ensure_ascii=False)))
    except TypeError:  # it was no JSON when it was read, and stays as it is
        return body
