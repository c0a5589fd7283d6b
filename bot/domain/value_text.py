"""Values as text and as plain JSON, the same wherever a value is shown, compared or stored as a key."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.domain.values import Composite, Properties, SdkObject

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.values import Value


def key_of(value: Value) -> str:
    """What names a choice: an object's id, else the value as text."""
    return value.id if isinstance(value, SdkObject) else text_of(value)


def is_allowed(value: Value, only: Collection[str]) -> bool:
    """Whether a value is one of these texts; an object of the inventory by its id or its name."""
    if not isinstance(value, SdkObject):
        return text_of(value) in only
    named = {each.casefold() for each in only}
    return not named.isdisjoint({value.id.casefold(), value.name.casefold()})


def text_of(value: Value) -> str:
    """A value as a person would type it."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return json.dumps(int(value) if float(value).is_integer() else value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case SdkObject(name=name, id=key):
            return name or key
        case _:
            return json.dumps(plain(value), ensure_ascii=False)


def plain(value: Value) -> Any:  # noqa: ANN401 - JSON
    """A value as JSON holds it; TypeError for one that cannot be written so."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Properties(entries=pairs) | Composite(members=pairs):
            return {key: plain(inner) for key, inner in pairs}
        case SdkObject(id=key):
            return key
        case tuple():
            return [plain(item) for item in value]
        case _:
            raise TypeError(type(value).__name__)
