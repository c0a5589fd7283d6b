"""What a Web API method is here, and how it reads its arguments."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.demo.slack.errors import SlackRefusalError
from bot.demo.slack.state.workspace import Workspace
from bot.demo.slack.wire import Json

TIER_2, TIER_3, TIER_4 = 20, 50, 100  # calls a minute


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a method works with: the workspace, what the token was granted, and this server's address."""

    workspace: Workspace
    scopes: set[str]
    address: Callable[[], str]
    socket_url: Callable[[], str]

    def need(self, scope: str) -> None:
        """Raise `missing_scope` unless the token was granted the scope."""
        if scope not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            raise SlackRefusalError("missing_scope", needed=scope, provided=provided)


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """A call's arguments, from a form or from JSON alike."""

    values: Json

    def text(self, name: str) -> str | None:
        """A string, or None where it is missing or empty."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, dict | list):
            raise _invalid(f"{name} must be a string", name)
        return str(value)

    def need(self, name: str) -> str:
        """A string that has to be there."""
        value = self.text(name)
        if value is None:
            raise _invalid(f"missing required field: {name}", name)
        return value

    def flag(self, name: str) -> bool:
        """A boolean: true, "true" and "1" alike."""
        return str(self.values.get(name, "")).lower() in {"true", "1"}

    def number(self, name: str, *, default: int, most: int) -> int:
        """A whole number from 1 to `most`."""
        try:
            value = int(self.values.get(name, default))
        except (TypeError, ValueError):
            raise _invalid(f"{name} must be an integer", name) from None
        if not 1 <= value <= most:
            raise SlackRefusalError("invalid_limit")
        return value

    def data(self, name: str) -> object:
        """An array or object, written as such or as a JSON string; None where it is missing."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise _invalid(f"{name} is not valid JSON", name) from None


Run: TypeAlias = Callable[[Desk, Arguments], Json]


@dataclass(frozen=True, kw_only=True)
class Method:
    """One method: what runs it, the arguments it knows, its scope, and how often it may be called."""

    run: Run
    takes: str = ""
    scope: str = ""
    per_minute: int = TIER_3
    token: Literal["bot", "app"] = "bot"

    @property
    def known_arguments(self) -> frozenset[str]:
        """Every argument the method knows; a client may add `team_id` and `token` to any."""
        return frozenset({*self.takes.split(), "team_id", "token"})


def page_of(
    items: list[Json], arguments: Arguments, *, default: int, most: int = 1000
) -> tuple[list[Json], str]:
    """One page of a list and the cursor of the next, empty at the end."""
    limit = arguments.number("limit", default=default, most=most)
    cursor = arguments.text("cursor")
    if cursor is not None and not (cursor.isdecimal() and int(cursor) <= len(items)):
        raise SlackRefusalError("invalid_cursor")
    start = int(cursor or 0)
    follows = str(start + limit) if start + limit < len(items) else ""
    return items[start : start + limit], follows


def _invalid(problem: str, name: str) -> SlackRefusalError:
    return SlackRefusalError("invalid_arguments", messages=(f"[ERROR] {problem} [json-pointer:/{name}]",))
