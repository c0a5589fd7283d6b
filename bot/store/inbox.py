"""The inbox: what people did in Slack and was acknowledged, until it is carried out, and each once.

Whoever has a signed request can send it again, to another replica or after a restart; so each payload that
has an effect is remembered in the database for longer than its signature counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.claims import NOTES
from bot.store.codec import Damaged
from bot.store.database import LEASE, Part, before_ack, in_background
from bot.store.quarantine import QuarantinedRow, RowKind, put_aside
from bot.store.schema import inbox, payloads_seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.store.database import Database

REMEMBERED = timedelta(minutes=15)  # Slack's signatures count for five, on clocks that may differ by some
_FORGOTTEN_EVERY = timedelta(minutes=1)

_ADD = insert(inbox)
_DROP = delete(inbox).where(inbox.c.id == bindparam("b_id"))
_COLUMNS = (inbox.c.id, inbox.c.kind, inbox.c.name, inbox.c.body)


@dataclass(frozen=True, kw_only=True)
class NotedInteraction:
    """A click or a submission, as far as it is needed to carry it out."""

    id: str
    kind: str
    name: str
    body: Mapping[str, Any]  # JSON


class InteractionLog(Part):
    """Interactions that were acknowledged."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._forgot_at: datetime | None = None

    @before_ack
    def note(self, sql: Connection, interactions: Iterable[NotedInteraction]) -> frozenset[str]:
        """Write down what is about to be acknowledged, and return the ids of what came the first time.

        Whoever notes it has a lease to carry it out; what came before is left to whom it came to.
        """
        given = {each.id: each for each in interactions}
        new = self._first_time(sql, list(given))
        due = self.database.now() + LEASE
        rows = [
            {"id": each.id, "kind": each.kind, "name": each.name, "body": dict(each.body), "due_at": due}
            for each in given.values()
            if each.id in new
        ]
        if rows:
            sql.execute(_ADD, rows)
        return new

    @before_ack
    def is_first(self, sql: Connection, payload_id: str) -> bool:
        """Remember a payload that is carried out at once; False if it was before."""
        return bool(self._first_time(sql, [payload_id]))

    def _first_time(self, sql: Connection, ids: Sequence[str]) -> frozenset[str]:
        """Those that nobody has seen, from now on seen; two at once wait for each other."""
        adding = (postgresql.insert if sql.dialect.name == "postgresql" else sqlite.insert)(payloads_seen)
        now = self.database.now()
        rows = [{"id": each, "seen_at": now} for each in sorted(ids)]  # sorted: no two lock each other out
        new = adding.values(rows).on_conflict_do_nothing().returning(payloads_seen.c.id)
        return frozenset(sql.execute(new).scalars())

    def _forget_seen(self, sql: Connection) -> None:
        now = self.database.now()
        if self._forgot_at is None or now - self._forgot_at >= _FORGOTTEN_EVERY:
            self._forgot_at = now
            sql.execute(delete(payloads_seen).where(payloads_seen.c.seen_at < now - REMEMBERED))

    @in_background
    def claim(self, sql: Connection, *, limit: int) -> tuple[NotedInteraction, ...]:
        """Claim what nobody carried out in its lease, oldest first."""
        self._forget_seen(sql)
        found = []
        for row in NOTES.claim(sql, self.database, limit=limit, returning=_COLUMNS):
            if isinstance(row.body, dict):
                found.append(NotedInteraction(**row._asdict()))
            else:
                why = row.body.why if isinstance(row.body, Damaged) else "this is no interaction"
                put_aside(sql, self.database, QuarantinedRow(kind=RowKind.NOTE, key=row.id), why=why)
        return tuple(found)

    @in_background
    def forget(self, sql: Connection, interaction_id: str) -> None:
        """Drop what is not to be carried out, if it is still there."""
        drop(sql, interaction_id)


def drop(connection: Connection, interaction_id: str) -> bool:
    """Forget an interaction; False if it is not there any more."""
    return connection.execute(_DROP, {"b_id": interaction_id}).rowcount > 0
