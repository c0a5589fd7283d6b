"""Sealing anew with the first key what other keys sealed, so that those can be taken out of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, tuple_, update

from bot.domain.launch import OPEN
from bot.store.schema import drafts, launches, sealed

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.sealing import Sealer

_BATCH = 200  # rows
Place = tuple[str, str]  # owner and slot


class Resealing:
    """Sealed texts, as one transaction seals them anew."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._sql = connection
        self._sealer = sealer

    def reseal(self, *, after: Place) -> tuple[int, Place | None]:
        """The next rows; how many, and where to go on (None: the end). CannotUnseal if no key fits one."""
        place = tuple_(sealed.c.owner, sealed.c.slot)
        query = select(sealed).where(place > tuple_(*after)).order_by(sealed.c.owner, sealed.c.slot)
        rows = self._sql.execute(query.limit(_BATCH).with_for_update()).all()
        for row in rows:
            text = self._sealer.unseal(row.ciphertext)
            one = (sealed.c.owner == row.owner) & (sealed.c.slot == row.slot)
            self._sql.execute(update(sealed).where(one).values(ciphertext=self._sealer.seal(text)))
        last = (rows[-1].owner, rows[-1].slot) if len(rows) == _BATCH else None
        return len(rows), last

    def bound(self) -> int:
        """Open forms and launches with typed secrets: their seals were made with the key of their time."""
        waiting = launches.c.state.in_([state.value for state in OPEN])
        owners = select(sealed.c.owner).distinct().scalar_subquery()
        found = (
            self._sql.scalar(
                select(func.count()).select_from(launches).where(waiting, launches.c.id.in_(owners))
            ),
            self._sql.scalar(select(func.count()).select_from(drafts).where(drafts.c.id.in_(owners))),
        )
        return sum(each or 0 for each in found)
