"""A moment as typed on the command line."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str) -> datetime:
    """`2026-12-01` or `2026-12-24T10:00`, UTC unless it says otherwise; ValueError if it is none."""
    typed = datetime.fromisoformat(text)
    return typed if typed.tzinfo else typed.replace(tzinfo=UTC)
