"""Everything configurable: what it is, how it is read, and the secrets workflows may be given by name."""

from bot.settings.model import Login, Settings, Transport, table
from bot.settings.named_secrets import NamedSecrets
from bot.settings.reading import SettingsError, read_settings

__all__ = ["Login", "NamedSecrets", "Settings", "SettingsError", "Transport", "read_settings", "table"]
