"""What people did in Slack and was acknowledged, until it is carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from bot.domain.errors import AlreadyHandled
from bot.store import quarantine
from bot.store.codec import Damaged
from bot.store.database import LEASE
from bot.store.quarantine import Item, Kind
from bot.store.schema import inbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from bot.store.database import Database

_ADD = insert(inbox)
_DROP = delete(inbox).where(inbox.c.id == bindparam("b_id"))


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """A click or a submission, as far as it is needed to carry it out."""

    id: str
    kind: str
    name: str
    body: Mapping[str, Any]  # JSON


def note(connection: Connection, database: Database, interactions: Iterable[Interaction]) -> None:
    """Write down what is about to be acknowledged; whoever notes it has a lease to carry it out."""
    due = database.now() + LEASE
    connection.execute(
        _ADD,
        [
            {"id": each.id, "kind": each.kind, "name": each.name, "body": dict(each.body), "due_at": due}
            for each in interactions
        ],
    )


def claim(connection: Connection, database: Database, *, limit: int) -> tuple[Interaction, ...]:
    """Claim what nobody carried out in its lease, oldest first."""
    due = select(inbox.c.id).where(inbox.c.due_at <= database.now_sql()).order_by(inbox.c.due_at).limit(limit)
    picked = (due.with_for_update(skip_locked=True) if database.locks_rows else due).cte("picked")
    claimed = (
        update(inbox)
        .where(inbox.c.id.in_(select(picked.c.id)))
        .values(due_at=database.now_sql(LEASE))
        .returning(inbox.c.id, inbox.c.kind, inbox.c.name, inbox.c.body)
    )
    found = []
    for row in connection.execute(claimed).all():
        if isinstance(row.body, dict):
            found.append(Interaction(**row._asdict()))
        else:
            why = row.body.why if isinstance(row.body, Damaged) else "this is no interaction"
            quarantine.put_aside(connection, database, Item(kind=Kind.NOTE, key=row.id), why=why)
    return tuple(found)


def complete(connection: Connection, interaction_id: str) -> None:
    """Forget what this transaction carries out; CarriedOut if another one did."""
    if not connection.execute(_DROP, {"b_id": interaction_id}).rowcount:
        raise AlreadyHandled


def forget(connection: Connection, interaction_id: str) -> None:
    """Forget what is not to be carried out, if it is still there."""
    connection.execute(_DROP, {"b_id": interaction_id})
