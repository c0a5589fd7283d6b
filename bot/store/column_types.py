"""The types of the tables' columns beyond SQLAlchemy's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, DateTime, TypeDecorator

from bot.store.codec import Damaged

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect


class Moment(TypeDecorator[datetime]):
    """An aware datetime, in UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a naive datetime."""
        if value is not None and value.tzinfo is None:
            raise ValueError("A datetime without a time zone cannot be stored.")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """SQLite forgets the zone; it was UTC."""
        return value and (value if value.tzinfo else value.replace(tzinfo=UTC))


class Body(TypeDecorator[Any]):
    """JSON; a text that is none is read as Damaged, so that one such row does not hide those read with it."""

    impl = JSON
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Read what the database's own processor cannot."""
        process = super().result_processor(dialect, coltype)
        if process is None:
            return None

        def read(value: Any) -> Any:  # noqa: ANN401 - JSON
            try:
                return process(value)
            except ValueError as wrong:
                return Damaged(why=f"no JSON: {wrong}"[:300])

        return read
