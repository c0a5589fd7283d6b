"""How long what is kept, from the settings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.service.retention import Ages
from bot.store.retention import Aged

if TYPE_CHECKING:
    from bot.settings import Settings


def ages_of(settings: Settings) -> Ages:
    """Days as spans; 0 is for good."""
    days = {
        Aged.OUTPUTS: settings.keep_outputs_days,
        Aged.EVENTS: settings.keep_events_days,
        Aged.LAUNCHES: settings.keep_launches_days,
    }
    audit = settings.keep_audit_days
    return Ages(
        launches={what: timedelta(days=count) for what, count in days.items() if count},
        audit=timedelta(days=audit) if audit else None,
    )
