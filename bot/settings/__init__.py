"""Everything configurable: what it is, how it is read, and the secrets workflows may be given by name."""

from bot.settings.model import LoginKind, Settings, SlackTransport, table
from bot.settings.named_secrets import NamedSecrets
from bot.settings.reading import SettingsError, read_settings

__all__ = [
    "LoginKind",
    "NamedSecrets",
    "Settings",
    "SettingsError",
    "SlackTransport",
    "read_settings",
    "table",
]
