"""The inbox: what people did in Slack and was acknowledged, until it is carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert

from bot.store.claims import NOTES
from bot.store.codec import Damaged
from bot.store.database import LEASE, Part, before_ack, in_background
from bot.store.quarantine import QuarantinedRow, RowKind, put_aside
from bot.store.schema import inbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

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

    @before_ack
    def note(self, sql: Connection, interactions: Iterable[NotedInteraction]) -> None:
        """Write down what is about to be acknowledged; whoever notes it has a lease to carry it out."""
        due = self.database.now() + LEASE
        sql.execute(
            _ADD,
            [
                {"id": each.id, "kind": each.kind, "name": each.name, "body": dict(each.body), "due_at": due}
                for each in interactions
            ],
        )

    @in_background
    def claim(self, sql: Connection, *, limit: int) -> tuple[NotedInteraction, ...]:
        """Claim what nobody carried out in its lease, oldest first."""
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
