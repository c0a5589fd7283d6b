"""What the bot learnt from outside and needs after a restart: a text by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.store.database import Part, in_background
from bot.store.schema import learnt
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Learnt(Part):
    """Texts by name; a later one takes the place of a former."""

    @in_background
    def put(self, sql: Connection, name: str, text: str) -> None:
        """Keep a text."""
        upsert(sql, learnt, {"name": name, "text": text})

    @in_background
    def get(self, sql: Connection, name: str) -> str | None:
        """The text of that name, if one was kept."""
        return sql.scalar(select(learnt.c.text).where(learnt.c.name == name))
