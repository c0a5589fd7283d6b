"""The store, from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.runtime.sinks import sink_of
from bot.service.audit_shipping import AuditShipping
from bot.service.secrets import configured
from bot.store.database import Clock
from bot.store.store import open_beside, open_store

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.settings import Settings
    from bot.store.store import Store


def store_of(settings: Settings, *, clock: Clock, pool: int) -> AbstractAsyncContextManager[Store]:
    """The database of the settings, with at most `pool` connections; its tables must be there."""
    return open_store(
        settings.database_url.get_secret_value(),
        clock=clock,
        sealing_keys=[key.get_secret_value() for key in settings.sealing_keys],
        named=configured(settings.named_secrets()).read,
        audit_key=next(iter(settings.audit_secrets), None),
        pool=pool,
    )


def store_beside(settings: Settings) -> AbstractAsyncContextManager[Store]:
    """The same beside a bot that may be running on it, for the command line."""
    return open_beside(
        settings.database_url.get_secret_value(),
        clock=Clock(),
        sealing_keys=[key.get_secret_value() for key in settings.sealing_keys],
        named=configured(settings.named_secrets()).read,
        audit_key=next(iter(settings.audit_secrets), None),
    )


def audit_shipping_of(settings: Settings, store: Store) -> AuditShipping | None:
    """What copies the audit to a place outside; None if it is to stay here."""
    address, token = settings.audit_ship_to, settings.audit_ship_token
    if address is None:
        return None
    sink = sink_of(address, token=token.get_secret_value() if token else None)
    return AuditShipping(store=store, target=address, send=sink)
