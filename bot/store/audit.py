"""The audit's chain in the database: appended to inside the transaction that makes the change."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from bot.domain.audit import KEY_IN_FORCE, START, Anchor, AuditEntry, Record, Seal, mac_of, seal
from bot.domain.errors import UnreadableRow
from bot.domain.values import is_secret
from bot.store import codec
from bot.store.database import Part, for_person
from bot.store.schema import audit, audit_head
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.execution import Argument

log = logging.getLogger(__name__)

_PAGE = 500
_TAKE_TURN = (
    update(audit_head)
    .values(number=audit_head.c.number + bindparam("b_count"))
    .returning(audit_head.c.number, audit_head.c.hash)
)
_ADD, _END_TURN = insert(audit), update(audit_head)


class AuditChain:
    """The chain as one transaction adds to it."""

    def __init__(self, connection: Connection, *, now: datetime, key: bytes | None) -> None:
        self.key = key
        self._sql = connection
        self._now = now
        self._recorded: list[AuditEntry] = []

    def record(self, *entries: AuditEntry) -> None:
        """Have entries added when the transaction ends."""
        self._recorded += entries

    def append(self) -> None:
        """Add what was recorded to the chain; whoever else appends waits until this transaction ends.

        So it is the last thing that a transaction does.
        """
        if not self._recorded:
            return
        number, before = _take_turn(self._sql, len(self._recorded))
        rows: list[dict[str, Any]] = []
        for entry in self._recorded:
            number += 1
            sealed = seal(entry, number=number, at=self._now, before=before, key=self.key)
            rows.append(_row(entry, number=number, at=self._now, before=before, sealed=sealed))
            before = sealed
        self._sql.execute(_ADD, rows)
        self._sql.execute(_END_TURN, {"hash": before})

    def put_key_in_force(self) -> None:
        """Seal what stands there with the key, unless the latest record already is."""
        if self.key is None:
            return
        query = select(audit).order_by(audit.c.number.desc()).limit(1)
        latest = next((each for each in _records(self._sql.execute(query))), None)
        if latest is None or latest.sealed_by([self.key]) is not Seal.KEYED:
            self.record(AuditEntry(what=KEY_IN_FORCE))

    def last(self, what: str) -> AuditEntry | None:
        """The newest entry of that kind before this transaction; None if there is none that can be read."""
        query = select(audit).where(audit.c.what == what).order_by(audit.c.number.desc()).limit(1)
        try:
            return next((record.entry for record in _records(self._sql.execute(query))), None)
        except UnreadableRow as wrong:
            log.error("%s", wrong.message)  # noqa: TRY400 - the message says it all
            return None


class AuditLog(Part):
    """The chain as people read it."""

    @for_person
    def page(self, sql: Connection, *, after: int = 0, since: datetime | None = None) -> tuple[Record, ...]:
        """The next records behind number `after`, oldest first; an empty page is the end."""
        query = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(_PAGE)
        if since is not None:
            query = query.where(audit.c.at >= since)
        return tuple(_records(sql.execute(query)))

    @for_person
    def head(self, sql: Connection) -> Anchor:
        """The place of the latest record."""
        row = sql.execute(select(audit_head.c.number, audit_head.c.hash)).first()
        return Anchor(number=row.number, hash=row.hash) if row else Anchor(number=0, hash=START)


def _take_turn(connection: Connection, count: int) -> tuple[int, str]:
    """Lock the chain's head; the number and hash of the record that is last so far."""
    moved = connection.execute(_TAKE_TURN, {"b_count": count}).first()
    if moved is None:  # an empty audit; of two replicas that find it so, the second waits here for the first
        first = {"id": 1, "number": 0, "hash": START}
        upsert(connection, audit_head, first, keep=["number", "hash"])
        moved = connection.execute(_TAKE_TURN, {"b_count": count}).one()
    return moved.number - count, moved.hash


def _row(entry: AuditEntry, *, number: int, at: datetime, before: str, sealed: str) -> dict[str, Any]:
    return {
        "number": number,
        "at": at,
        "what": entry.what,
        "launch_id": entry.launch_id,
        "team_id": entry.team_id,
        "user_id": entry.user_id,
        "email": entry.email,
        "detail": json.dumps(dict(entry.detail), sort_keys=True, ensure_ascii=True),
        "before": before,
        "hash": sealed,
    }


def arguments_as(keeping: str, arguments: Iterable[Argument], *, key: bytes | None) -> dict[str, Any]:
    """Argument values for a record: `plain`, `hashed` or `none`; of secrets only that there was one.

    Hashed with the key where there is one: without it, a short value can be guessed from its hash.
    """
    return {} if keeping == "none" else {each.name: _kept(each, keeping, key) for each in arguments}


def _kept(argument: Argument, keeping: str, key: bytes | None) -> Any:  # noqa: ANN401 - JSON
    if is_secret(argument.value):
        return "(secret)"
    value = codec.dump(argument.value)
    if keeping == "plain":
        return value
    text = json.dumps(value, sort_keys=True)
    if key is not None:
        return "hmac-sha256:" + mac_of(text, name=argument.name, key=key)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _records(rows: Iterable[Any]) -> Iterator[Record]:
    for row in rows:
        entry = AuditEntry(
            what=row.what,
            launch_id=row.launch_id,
            team_id=row.team_id,
            user_id=row.user_id,
            email=row.email,
            detail=_detail(row),
        )
        yield Record(number=row.number, at=row.at, entry=entry, before=row.before, hash=row.hash)


def _detail(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    try:
        detail = json.loads(row.detail)
    except ValueError as wrong:
        raise UnreadableRow(f"Record {row.number} of the audit cannot be read: {wrong}") from wrong
    return detail if isinstance(detail, dict) else {}
