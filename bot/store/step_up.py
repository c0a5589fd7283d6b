"""One-time codes of approvers: who is enrolled, which code was used last, how many wrong ones were tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from bot.store.schema import step_up
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """What is known of one person's codes, beside the secret, which is sealed."""

    user_id: str
    enrolled_at: datetime
    last_step: int  # the time step of the code used last: neither it nor an older one counts again
    failures: int  # wrong codes since the last right one, or since the last pause
    failed_at: datetime | None


class StepUpTable:
    """Enrolments as one transaction reads and writes them."""

    def __init__(self, connection: Connection, database: Database, *, now: datetime) -> None:
        self._sql = connection
        self._database = database
        self._now = now

    def enrol(self, user_id: str) -> None:
        """Note that this person has a secret, in place of a former one."""
        row = {"user_id": user_id, "enrolled_at": self._now, "last_step": 0, "failures": 0, "failed_at": None}
        upsert(self._sql, step_up, row)

    def remove(self, user_id: str) -> bool:
        """Forget this person; False if they were not enrolled."""
        return self._sql.execute(delete(step_up).where(step_up.c.user_id == user_id)).rowcount > 0

    def read(self, user_id: str) -> Enrolment | None:
        """What is known, locked until commit: two clicks with one code must not both find it unused."""
        query = select(step_up).where(step_up.c.user_id == user_id)
        row = self._sql.execute(query.with_for_update() if self._database.locks_rows else query).first()
        return None if row is None else Enrolment(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def used(self, user_id: str, *, step: int) -> None:
        """A right code: it counts once."""
        self._write(user_id, last_step=step, failures=0, failed_at=None)

    def failed(self, user_id: str, *, failures: int) -> None:
        """A wrong one."""
        self._write(user_id, failures=failures, failed_at=self._now)

    def _write(self, user_id: str, **values: object) -> None:
        self._sql.execute(update(step_up).where(step_up.c.user_id == user_id).values(**values))

    def all(self) -> tuple[Enrolment, ...]:
        """Everybody who is enrolled."""
        rows = self._sql.execute(select(step_up).order_by(step_up.c.user_id))
        return tuple(Enrolment(**row._mapping) for row in rows)  # noqa: SLF001 - the same
