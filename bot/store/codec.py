"""Stored bodies: domain objects to JSON and back, each object under the tag that `bot.store.tags` gives it.

What is stored outlives releases, so it is read with care: a field this release does not know is kept and
written again with its object, and everything else it does not know (a tag, a member of an enum, a format,
JSON that is cut) is UnreadableRow, never another error.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from bot.domain.errors import UnreadableRow
from bot.domain.launch import Launch
from bot.domain.values import SecretText
from bot.store.tags import FORMAT, ROOTS, SPELT, TAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    Load: TypeAlias = Callable[
        [dict[str, Any], list[str]], Any
    ]  # the list takes the tags that had unknown fields

Root = TypeVar("Root")

_TAG = "$"
_FORMAT = "#"
_UNKNOWN = (
    "unknown_fields"  # of a root: the body it was read from, where that says more than this release reads
)
_NESTED = (dict, list)
_MISREAD = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)


@dataclass(frozen=True, kw_only=True)
class Damaged:
    """A JSON column whose text is no JSON."""

    why: str


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """What is known of a class beforehand: looking it up for each object would cost more than the object."""

    tag: str
    is_root: bool
    defaults: tuple[tuple[str, str, object], ...]  # field, stored name, default: MISSING where it has none
    known: Mapping[str, str]  # stored name -> field


def _shape(tag: str, kind: type[Any]) -> _Shape:
    spelt = SPELT.get(tag, {})
    stored = [(each, spelt.get(each.name, each.name)) for each in fields(kind) if each.name != _UNKNOWN]
    return _Shape(
        tag=tag,
        is_root=kind in ROOTS,
        defaults=tuple((each.name, name, each.default) for each, name in stored),
        known={name: each.name for each, name in stored},
    )


_TAG_OF: dict[type[Any], str] = {kind: tag for tag, kind in reversed(TAGS.items())}  # the first is written
_SHAPES: dict[type[Any], _Shape] = {
    kind: _shape(tag, kind) for kind, tag in _TAG_OF.items() if is_dataclass(kind)
}


def dump(thing: object) -> Any:  # noqa: ANN401 - JSON
    """Turn a domain object into what `json.dumps` takes; TypeError for anything else."""
    shape = _SHAPES.get(type(thing))
    if shape is not None:
        return _dump_fields(thing, shape)
    match thing:
        case Enum() if type(thing) in _TAG_OF:
            return {_TAG: _TAG_OF[type(thing)], "is": thing.value}
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
        case SecretText():
            raise TypeError("A secret in the clear is never stored.")
        case _:
            raise TypeError(f"{type(thing).__name__} is not a domain object.")


def _dump_fields(thing: object, shape: _Shape) -> dict[str, Any]:
    dumped: dict[str, Any] = {_TAG: shape.tag}
    held = vars(thing)
    for name, stored, default in shape.defaults:
        value = held[name]
        if value is not default:
            dumped[stored] = value if type(value) is str else dump(value)
    if shape.is_root:
        dumped[_FORMAT] = FORMAT
        if held[_UNKNOWN] is not None:
            _carry(held[_UNKNOWN], dumped)
    return dumped


def _carry(former: Any, into: Any) -> None:  # noqa: ANN401 - JSON
    """Add the fields of a former body that this release does not know, each to the object it belonged to.

    Objects of a list belong together by their place, unless the list became shorter: then nobody can tell.
    """
    if isinstance(former, list) and isinstance(into, list) and len(into) >= len(former):
        for before, after in zip(former, into, strict=False):
            _carry(before, after)
    if not (isinstance(former, dict) and isinstance(into, dict) and former.get(_TAG) == into.get(_TAG)):
        return
    kind = TAGS.get(former.get(_TAG, ""))
    shape = _SHAPES.get(kind) if kind else None
    for name, value in former.items():
        if name in into:
            _carry(value, into[name])
        elif shape is not None and name not in shape.known:
            into[name] = value


def read(kind: type[Root], data: Any, **columns: Any) -> Root:  # noqa: ANN401 - JSON
    """The object of a row's body, with `columns` in place of what it says; UnreadableRow if it is none."""
    found = load(data | columns if columns and isinstance(data, dict) else data)
    if not isinstance(found, kind):
        raise UnreadableRow(why=f"this is no {_TAG_OF[kind]}")
    return found


def load(data: Any) -> Any:  # noqa: ANN401 - the caller knows what it stored
    """Turn `dump`'s output into the same object; UnreadableRow if this release cannot tell what it is."""
    try:
        if isinstance(data, dict) and data.get(_FORMAT, 0) > FORMAT:
            raise UnreadableRow(why=f"written in format {data[_FORMAT]}; this release reads up to {FORMAT}")
        return _load(data, [])
    except _MISREAD as wrong:
        raise UnreadableRow(why=f"{type(wrong).__name__}: {wrong}"[:300]) from wrong


def _load(data: Any, strange: list[str]) -> Any:  # noqa: ANN401 - the same
    if isinstance(data, dict):
        return _load_tagged(data, strange)
    if isinstance(data, list):
        return tuple([_load(item, strange) for item in data])
    if isinstance(data, Damaged):
        raise UnreadableRow(why=data.why)
    return data


def _load_tagged(data: dict[str, Any], strange: list[str]) -> Any:  # noqa: ANN401 - the same
    tag = data.get(_TAG)
    load_it = _LOADS.get(tag) if type(tag) is str else None
    if load_it is None:
        raise UnreadableRow(why=f"this release does not know the tag {tag!r}"[:300])
    return load_it(data, strange)


def _load_object(kind: type[Any], shape: _Shape) -> Load:
    known, tag, is_root = shape.known, shape.tag, shape.is_root

    def load_it(data: dict[str, Any], strange: list[str]) -> Any:  # noqa: ANN401 - the same
        given = {
            known[name]: _load(value, strange) if isinstance(value, _NESTED) else value
            for name, value in data.items()
            if name in known
        }
        if len(given) + 1 + (is_root and _FORMAT in data) != len(data):
            strange.append(tag)
        if strange and is_root:
            given[_UNKNOWN] = data
        return kind(**given)

    return load_it


def _load_member(kind: type[Enum]) -> Load:
    members = {member.value: member for member in kind}
    tag = _TAG_OF[kind]

    def load_it(data: dict[str, Any], _: list[str]) -> Any:  # noqa: ANN401 - the same
        value = data["is"]
        if value not in members:
            raise UnreadableRow(why=f"this release does not know the {tag} {value!r}"[:300])
        return members[value]

    return load_it


_LOADS: dict[str, Load] = {
    "datetime": lambda data, _: datetime.fromisoformat(data["is"]),
    "timedelta": lambda data, _: timedelta(seconds=data["is"]),
    "bytes": lambda data, _: base64.b64decode(data["is"]),
    "set": lambda data, _: frozenset(data["is"]),
    **{
        tag: _load_member(kind) if issubclass(kind, Enum) else _load_object(kind, _SHAPES[kind])
        for tag, kind in TAGS.items()
    },
}


def launch_of(row: Any) -> Launch:  # noqa: ANN401 - a row with body, version and fence
    """The launch of a row; UnreadableRow if this release cannot read it."""
    return read(Launch, row.body, version=row.version, fence=row.fence)
