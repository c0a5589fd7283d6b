"""What this release stores, as data: its tags, with their fields and defaults or their members."""

from __future__ import annotations

from dataclasses import MISSING, fields
from enum import Enum
from typing import Any

from bot.store import codec
from bot.store.tags import SPELT, TAGS


def contract() -> dict[str, dict[str, Any]]:
    """By tag: the members of an enum; else the stored fields, each with what it is where it is left out."""
    return {
        tag: _members(kind) if issubclass(kind, Enum) else _fields(tag, kind) for tag, kind in TAGS.items()
    }


def _members(kind: type[Enum]) -> dict[str, Any]:
    return {"members": sorted(member.value for member in kind)}


def _fields(tag: str, kind: type[Any]) -> dict[str, Any]:
    spelt = SPELT.get(tag, {})
    named = [each for each in fields(kind) if each.name != "unknown_fields"]
    return {"fields": {spelt.get(each.name, each.name): _left_out(each) for each in named}}


def _left_out(field: Any) -> Any:  # noqa: ANN401 - a dataclass's field
    if field.default is not MISSING:
        return codec.dump(field.default)
    return "required" if field.default_factory is MISSING else "made anew"
