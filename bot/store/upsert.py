"""Write a row whether or not it is there, in one statement: two replicas may do so at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from sqlalchemy import Connection, Table


def upsert(
    connection: Connection, table: Table, *rows: Mapping[str, Any], keep: Collection[str] = ()
) -> None:
    """Insert rows, or write over those with the same primary key, but for the columns to `keep`.

    A DELETE and an INSERT would not do: where there is no row yet, neither of two replicas waits for the
    other, and the second INSERT fails.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    adding = insert(table)
    key = [column.key for column in table.primary_key]
    news = {name: adding.excluded[name] for name in rows[0] if name not in {*key, *keep}}
    if news:
        adding = adding.on_conflict_do_update(index_elements=key, set_=news)
    else:
        adding = adding.on_conflict_do_nothing()
    connection.execute(adding, [dict(row) for row in rows])
