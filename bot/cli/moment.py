"""A moment as typed on the command line, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta


def moment(text: str) -> datetime:
    """`2026-12-01` or `2026-12-24T10:00`, UTC unless it says otherwise; ValueError if it is none."""
    typed = datetime.fromisoformat(text)
    return typed if typed.tzinfo else typed.replace(tzinfo=UTC)


def ago(text: str) -> datetime:
    """`90d`, so many days before now, or a moment; ValueError if it is neither."""
    days = re.fullmatch(r"(\d{1,5})d", text)
    return datetime.now(UTC) - timedelta(days=int(days[1])) if days else moment(text)
