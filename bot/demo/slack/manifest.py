"""What an app manifest says about the app: its commands, shortcuts, events, scopes and Home tab."""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml

from bot.demo.slack.state.directory import DeclaredCommand, DeclaredShortcut
from bot.demo.slack.wire import Json

Declared = TypeVar("Declared", DeclaredCommand, DeclaredShortcut)
_DEMO = Path(__file__).parents[1]
_MANIFESTS = (_DEMO / "manifest.yml", _DEMO.parents[1] / "manifest.yml")  # in a wheel; in a checkout
ALL_SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "reactions:write",
        "usergroups:read",
        "users:read",
        "users:read.email",
    }
)
ALL_EVENTS = frozenset({"app_home_opened", "app_mention", "member_joined_channel", "message.im"})


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A manifest, as far as this workspace acts on it."""

    commands: tuple[DeclaredCommand, ...]
    shortcuts: tuple[DeclaredShortcut, ...]
    events: frozenset[str]
    scopes: frozenset[str]
    has_home_tab: bool


@cache
def own_manifest() -> Json:
    """The bot's manifest.yml, the same file that people give to Slack; the build puts it into the wheel.

    Read once a process: nobody may change what comes back.
    """
    found = next(path for path in _MANIFESTS if path.is_file())
    loaded: Json = yaml.safe_load(found.read_text(encoding="utf-8"))
    return loaded


def read_manifest(manifest: Json) -> Declaration:
    """Read a manifest, as parsed from YAML or JSON; the scopes are all that it asks for the bot."""
    features, settings = manifest.get("features", {}), manifest.get("settings", {})
    granted = manifest.get("oauth_config", {}).get("scopes", {})
    return Declaration(
        commands=tuple(declared(DeclaredCommand, entry) for entry in features.get("slash_commands", [])),
        shortcuts=tuple(declared(DeclaredShortcut, entry) for entry in features.get("shortcuts", [])),
        events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
        scopes=frozenset(granted.get("bot", [])),
        has_home_tab=bool(features.get("app_home", {}).get("home_tab_enabled")),
    )


def declared(kind: type[Declared], entry: Declared | Json) -> Declared:
    """A command or shortcut, from its entry in a manifest."""
    if not isinstance(entry, dict):
        return entry
    return kind(**{known.name: entry[known.name] for known in fields(kind) if known.name in entry})
