"""Domain objects to JSON and back: each object carries its class's name, so unions need no guessing."""

from __future__ import annotations

import base64
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from bot.domain import draft, execution, form, launch, people, preset, values, workflow

_MODULES = (values, workflow, execution, people, launch, form, draft, preset)
_CLASSES: dict[str, type] = {
    name: member
    for module in _MODULES
    for name, member in vars(module).items()
    if isinstance(member, type) and member.__module__ == module.__name__
}
_TAG = "$"


def dump(thing: object) -> Any:  # noqa: ANN401 - JSON
    """Turn a domain object into what `json.dumps` takes; TypeError for anything else."""
    match thing:
        case Enum():
            return {_TAG: type(thing).__name__, "is": thing.value}
        case None | bool() | int() | float() | str():
            return thing
        case datetime():
            return {_TAG: "datetime", "is": thing.astimezone(UTC).isoformat()}
        case timedelta():
            return {_TAG: "timedelta", "is": thing.total_seconds()}
        case bytes():
            return {_TAG: "bytes", "is": base64.b64encode(thing).decode()}
        case tuple():
            return [dump(item) for item in thing]
        case frozenset():
            return {_TAG: "set", "is": sorted(thing)}
        case values.SecretText():
            raise TypeError("A secret in the clear is never stored.")
        case _ if is_dataclass(thing):
            return _dump_fields(thing)
        case _:
            raise TypeError(f"{type(thing).__name__} is not a domain object.")


def _dump_fields(thing: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the classes above
    given = {
        each.name: getattr(thing, each.name)
        for each in fields(thing)
        if getattr(thing, each.name) is not each.default
    }
    return {_TAG: type(thing).__name__, **{name: dump(value) for name, value in given.items()}}


def load(data: Any) -> Any:  # noqa: ANN401 - the caller knows what it stored
    """Turn `dump`'s output into the same object; fields that a newer release dropped are ignored."""
    if isinstance(data, list):
        return tuple(load(item) for item in data)
    if not isinstance(data, dict):
        return data
    match data[_TAG]:
        case "datetime":
            return datetime.fromisoformat(data["is"])
        case "timedelta":
            return timedelta(seconds=data["is"])
        case "bytes":
            return base64.b64decode(data["is"])
        case "set":
            return frozenset(data["is"])
        case name:
            return _load_class(_CLASSES[name], data)


def _load_class(kind: Any, data: dict[str, Any]) -> Any:  # noqa: ANN401 - any of the classes above
    if issubclass(kind, Enum):
        return kind(data["is"])
    known = {each.name for each in fields(kind)}
    return kind(**{name: load(value) for name, value in data.items() if name in known})
