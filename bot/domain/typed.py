"""Typed text turned into a value of the type an input asks for, or into words on what is wrong with it."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from bot.domain.patterns import Uncheckable, read_pattern
from bot.domain.values import Composite, Properties, Value
from bot.domain.workflow import Kind, ParameterType
from bot.domain.written import UnreadableText, Written, is_deep, read_json, read_written, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.written import Data

Item = TypeVar("Item")

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_SPACES = re.compile(r"[ \u00a0\u2009\u202f]")  # that people write between thousands
_DEEPEST = 20  # levels of what is nested


class Invalid(ValueError):
    """What is wrong with one answer, in words for the person who typed it."""


def read_value(kind: ParameterType, text: str) -> Value:
    """Read text typed for an input of this type; Invalid says what is wrong with it."""
    match kind.kind:
        case Kind.STRING | Kind.TEXT | Kind.PATH:
            return text
        case Kind.REGEXP:
            return _read_expression(text)
        case Kind.NUMBER:
            return read_number(text)
        case Kind.BOOLEAN:
            return _read_yes_no(text)
        case Kind.DATE:
            return read_moment(text)
        case Kind.ARRAY:
            return _read_list(kind, text)
        case Kind.PROPERTIES | Kind.COMPOSITE if _is_written(text):
            return _from_json(kind, _read_written(text), depth=0)
        case Kind.PROPERTIES:
            return Properties(entries=read_lines(text, _read_pair))
        case Kind.COMPOSITE:
            return _from_json(kind, dict(read_lines(text, _read_pair)), depth=0)
        case Kind.ANY:
            return _read_any(text)
        case (
            Kind.SECURE_STRING | Kind.ENCRYPTED_STRING | Kind.MIME_ATTACHMENT | Kind.SDK_OBJECT | Kind.UNKNOWN
        ):
            raise Invalid(f"A {kind.declared} cannot be typed here.")


def _read_expression(text: str) -> str:
    try:
        read_pattern(text)
    except Uncheckable as wrong:
        raise Invalid(f"This is not a regular expression: it {wrong}.") from wrong
    return text


def read_number(text: str) -> int | float:
    """Read a decimal number; Invalid for words, infinities and anything else."""
    plain = _SPACES.sub("", text.strip())
    if not _NUMBER.fullmatch(plain):
        raise Invalid(f"“{text.strip()[:40]}” is not a number.")
    value = float(plain)
    if not math.isfinite(value):
        raise Invalid("This number is too large.")
    return int(plain) if _WHOLE.fullmatch(plain) and len(plain) < 400 else value  # noqa: PLR2004 - digits of any finite float


def _read_yes_no(text: str) -> bool:
    word = text.strip().lower()
    if word in {"true", "yes", "on", "1"}:
        return True
    if word in {"false", "no", "off", "0"}:
        return False
    raise Invalid("Say yes or no.")


def read_moment(text: str) -> datetime:
    """Read ISO 8601 or `2026-12-01 14:00`; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise Invalid("Write a date such as 2026-12-01 14:00.") from wrong


def read_lines(text: str, read: Callable[[str], Item]) -> tuple[Item, ...]:
    """Read every line that is not blank; Invalid names the line."""
    items: list[Item] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            items.append(read(line.strip()))
        except Invalid as wrong:
            raise Invalid(f"Line {number}: {wrong}") from wrong
    return tuple(items)


def _read_pair(line: str) -> tuple[str, Value]:
    key, colon, value = line.partition(":")
    if not colon or not key.strip():
        raise Invalid("Write it as “key: value”.")
    return (key.strip(), value.strip())


def _read_list(kind: ParameterType, text: str) -> Value:
    """A JSON list where it is one, else an item a line."""
    if text.lstrip().startswith("["):
        try:
            data = read_json(text)
        except UnreadableText:
            data = None
        if isinstance(data, list):
            return _from_json(kind, data, depth=0)
    return read_lines(text, lambda line: read_value(kind.element, line))


def _read_written(text: str) -> Data:
    """JSON or YAML."""
    try:
        return read_written(text)
    except UnreadableText as wrong:
        raise Invalid(str(wrong)) from wrong


def _is_written(text: str) -> bool:
    """Whether it is JSON or YAML, and not just lines of `key: value`."""
    return text.lstrip().startswith(("{", "[")) or is_deep(text)


def _read_any(text: str) -> Value:
    """JSON where it is JSON; YAML where it is marked so, or has several lines that make a list or object."""
    if text.startswith("---"):
        return _plain(_read_written(text), depth=0)
    try:
        return _plain(read_json(text), depth=0)
    except UnreadableText:
        pass
    try:
        data = read_yaml(text) if "\n" in text.strip() else None
    except UnreadableText:
        return text
    return _plain(data, depth=0) if isinstance(data, list | dict) else text


def _plain(data: object, *, depth: int) -> Value:
    """JSON or YAML as it is, an object as Properties."""
    if depth > _DEEPEST:
        raise Invalid("This is nested too deeply.")
    match data:
        case Written(value=value):
            return _plain(value, depth=depth)
        case int() | float() if not isinstance(data, bool):
            return _finite(data)
        case None | bool() | str():
            return data
        case list():
            return tuple(_plain(item, depth=depth + 1) for item in data)
        case dict():
            return Properties(
                entries=tuple((str(key), _plain(item, depth=depth + 1)) for key, item in data.items())
            )
        case _:
            raise TypeError(type(data))


def _finite(number: float) -> int | float:
    try:
        if math.isfinite(float(number)):
            return number
    except OverflowError:
        pass
    raise Invalid("This number is too large.")


def from_json(kind: ParameterType, data: object) -> Value:
    """Read parsed JSON as the declared type has it; Invalid says what is wrong with it."""
    return _from_json(kind, data, depth=0)


def _from_json(kind: ParameterType, data: object, *, depth: int) -> Value:
    """JSON or YAML read as the declared type has it; null is “no value” everywhere."""
    if depth > _DEEPEST:
        raise Invalid("This is nested too deeply.")
    match kind.kind, data:
        case _, None:
            return None
        case Kind.COMPOSITE, dict():
            return _composite(kind, data, depth=depth)
        case Kind.COMPOSITE, _:
            raise Invalid("Write an object: its members, each with its value.")
        case Kind.ARRAY, list():
            return tuple(_from_json(kind.element, item, depth=depth + 1) for item in data)
        case Kind.ARRAY, _:
            raise Invalid("Write a list.")
        case Kind.PROPERTIES, dict():
            return _plain(data, depth=depth)
        case Kind.PROPERTIES, _:
            raise Invalid("Write an object: keys, each with its value.")
        case Kind.ANY, _:
            return _plain(data, depth=depth)
        case _, list() | dict():
            raise Invalid(f"Write one {kind.declared}.")
        case _, str():
            return read_value(kind, data)
        case _, Written(text=text):
            return read_value(kind, text)
        case _:
            return read_value(kind, json.dumps(data))


def _composite(kind: ParameterType, data: dict[str, object], *, depth: int) -> Composite:
    strange = sorted(set(data) - {name for name, _ in kind.members})
    if strange:
        raise Invalid(f"There is no member “{strange[0]}”.")
    members = tuple((name, _member(name, member, data.get(name), depth)) for name, member in kind.members)
    return Composite(type=kind.declared, members=members)


def _member(name: str, kind: ParameterType, data: object, depth: int) -> Value:
    try:
        return _from_json(kind, data, depth=depth + 1)
    except Invalid as wrong:
        raise Invalid(f"{name}: {wrong}") from wrong
