"""Domain objects to JSON and back: each object carries its class's name, so unions need no guessing."""

from __future__ import annotations

import base64
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from bot.domain import approval, draft, execution, launch, people, preset, values, workflow
from bot.domain.forms import form, found
from bot.domain.policy import group, rule

_MODULES = (
    *(values, workflow, execution, people, group, rule, approval, launch),
    *(form, found, draft, preset),
)
_CLASSES: dict[str, type] = {
    name: member
    for module in _MODULES
    for name, member in vars(module).items()
    if isinstance(member, type) and member.__module__ == module.__name__
}
_TAG = "$"


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """What is known of a class beforehand: looking it up for each object would cost more than the object."""

    name: str
    defaults: tuple[tuple[str, object], ...]  # every field, MISSING where it has no default
    known: frozenset[str]


_SHAPES: dict[type[Any], _Shape] = {
    kind: _Shape(
        name=name,
        defaults=tuple((each.name, each.default) for each in fields(kind)),
        known=frozenset(each.name for each in fields(kind)),
    )
    for name, kind in _CLASSES.items()
    if is_dataclass(kind) and kind is not values.SecretText
}


def dump(thing: object) -> Any:  # noqa: ANN401 - JSON
    """Turn a domain object into what `json.dumps` takes; TypeError for anything else."""
    shape = _SHAPES.get(type(thing))
    if shape is not None:
        return _dump_fields(thing, shape)
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
        case _:
            raise TypeError(f"{type(thing).__name__} is not a domain object.")


def _dump_fields(thing: object, shape: _Shape) -> dict[str, Any]:
    dumped: dict[str, Any] = {_TAG: shape.name}
    for name, default in shape.defaults:
        value = getattr(thing, name)
        if value is not default:
            dumped[name] = value if type(value) is str else dump(value)
    return dumped


def load(data: Any) -> Any:  # noqa: ANN401 - the caller knows what it stored
    """Turn `dump`'s output into the same object; fields that a newer release dropped are ignored."""
    if isinstance(data, dict):
        return _load_tagged(data)
    if isinstance(data, list):
        return tuple([load(item) for item in data])
    return data


def _load_tagged(data: dict[str, Any]) -> Any:  # noqa: ANN401 - the same
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
    shape = _SHAPES.get(kind)
    if shape is None:  # an enum
        return kind(data["is"])
    known = shape.known
    return kind(
        **{
            name: load(value) if isinstance(value, dict | list) else value
            for name, value in data.items()
            if name in known
        }
    )
