"""Between values and what stands in a field: each value can be shown in its field and read back the same."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from bot.domain.forms.form import Control
from bot.domain.typed import Invalid, read_value
from bot.domain.value_text import key_of, plain, text_of
from bot.domain.values import (
    SECRET_KINDS,
    Composite,
    Properties,
    SdkObject,
    SealedSecret,
    SecretRef,
    SecretText,
)
from bot.domain.workflow import Kind

if TYPE_CHECKING:
    from bot.domain.forms.form import Choice, Field, Typed
    from bot.domain.forms.found import FormAnswers
    from bot.domain.values import Value
    from bot.domain.workflow import ParameterType

SEALED = "••••••"  # stands in a field whose secret is kept sealed


def value_of(field: Field, typed: Typed, *, choices: tuple[Choice, ...] | None, found: FormAnswers) -> Value:
    """Read what stands in a field, None for nothing; Invalid says what is wrong with it."""
    if not (typed.strip() if isinstance(typed, str) else typed):
        return False if field.control is Control.CHECK else None
    match field.control:
        case Control.CHOICE if choices is not None and not field.suggested:
            return _chosen(field, _one(typed), choices)
        case Control.CHOICES if choices is not None and not field.suggested:
            return tuple(_chosen(field, key, choices) for key in _several(typed))
        case Control.OBJECT | Control.CHOICE if field.type.kind is Kind.SDK_OBJECT:
            return _object(field.type, _one(typed), found)
        case Control.OBJECTS | Control.CHOICES if field.type.element.kind is Kind.SDK_OBJECT:
            return tuple(_object(field.type.element, key, found) for key in _several(typed))
        case Control.CHOICES | Control.OBJECTS:
            return tuple(read_value(field.type.element, key) for key in _several(typed))
        case Control.SECRET_NAME:
            return SecretRef(name=str(_chosen(field, _one(typed), choices or ())))
        case Control.SECRET_TEXT:
            return SealedSecret(slot=field.name) if typed == SEALED else SecretText(text=_one(typed))
        case Control.NONE | Control.FILE | Control.GROUP:
            raise Invalid(f"A {field.type.declared} cannot be typed here.")
        case _ if _has_rows(field):
            return _read_rows(field, _one(typed))
        case _:
            return read_value(field.type, _one(typed))


def _one(typed: Typed) -> str:
    return typed if isinstance(typed, str) else "\n".join(typed)


def _several(typed: Typed) -> tuple[str, ...]:
    return (typed,) if isinstance(typed, str) else typed


def _chosen(field: Field, key: str, choices: tuple[Choice, ...]) -> Value:
    found = next((each for each in choices if key_of(each.value) == key), None)
    if found is None:
        raise Invalid(f"“{key[:40]}” is not in the list any more. Choose again.")
    kind = field.type.element if field.control is Control.CHOICES else field.type
    secret = field.control is Control.SECRET_NAME
    if isinstance(found.value, str) and not secret and kind.kind not in {Kind.SDK_OBJECT, Kind.UNKNOWN}:
        return read_value(kind, found.value)
    return found.value


def _object(kind: ParameterType, key: str, found: FormAnswers) -> SdkObject:
    return found.object(kind.declared, key) or SdkObject(type=kind.declared, id=key)


def typed_of(field: Field, value: Value) -> Typed:
    """What stands in the field when it holds the value; empty for secrets, files and what does not fit."""
    if value is None or isinstance(value, SECRET_KINDS):
        return value.name if isinstance(value, SecretRef) and field.control is Control.SECRET_NAME else ""
    match field.control:
        case Control.NONE | Control.FILE | Control.SECRET_TEXT | Control.SECRET_NAME | Control.GROUP:
            return ""
        case Control.CHOICES | Control.OBJECTS:
            items = value if isinstance(value, tuple) else (value,)
            return tuple(key_of(item) for item in items if item is not None)
        case Control.CHOICE | Control.OBJECT:
            return key_of(value)
        case _:
            return _written(field, value)


def _written(field: Field, value: Value) -> str:
    """The plainest text that reads back as the value."""
    try:
        writings = [write(field, value) for write in (_easy, _exact)]
    except TypeError:
        return ""
    return next((text for text in writings if _reads_as(field, text, value)), writings[-1])


def _reads_as(field: Field, text: str, value: Value) -> bool:
    try:
        return (_read_rows(field, text) if _has_rows(field) else read_value(field.type, text)) == value
    except Invalid:
        return False


def _exact(_: Field, value: Value) -> str:
    return json.dumps(plain(value), ensure_ascii=False)


def _easy(field: Field, value: Value) -> str:
    match value:
        case tuple() if _has_rows(field):
            return _write_rows(value)
        case tuple():
            return "\n".join(text_of(item) for item in value)
        case Properties(entries=pairs):
            return "\n".join(f"{key}: {text_of(inner)}" for key, inner in pairs)
        case Composite() | Properties():
            return _exact(field, value)
        case _:
            return text_of(value)


# a list of composites: a row a line, like a spreadsheet


def _has_rows(field: Field) -> bool:
    return field.type.kind is Kind.ARRAY and field.type.element.kind is Kind.COMPOSITE


def _write_rows(rows: tuple[Value, ...]) -> str:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n", skipinitialspace=True)
    for row in rows:
        out.writerow([text_of(inner) for _, inner in row.members] if isinstance(row, Composite) else [])
    return text.getvalue().rstrip("\n")


def _read_rows(field: Field, text: str) -> Value:
    if text.lstrip().startswith("["):
        return read_value(field.type, text)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), skipinitialspace=True))
    except csv.Error as wrong:
        raise Invalid(f"These rows cannot be read: {wrong}.") from wrong
    filled = [line for line in lines if any(cell.strip() for cell in line)]
    return tuple(_read_row(field, line, number=at) for at, line in enumerate(filled, start=1))


def labels_of(field: Field) -> dict[str, str]:
    """What the columns of its rows are called, by member."""
    return {each.name: each.label or each.name for each in field.members}


def _read_row(field: Field, cells: list[str], *, number: int) -> Composite:
    kind, labels = field.type.element, labels_of(field)
    if len(cells) > len(kind.members):
        names = ", ".join(labels.get(name, name) for name, _ in kind.members)
        raise Invalid(f"Row {number} has {len(cells)} columns; there are {len(kind.members)}: {names}.")
    padded = [*cells, *[""] * (len(kind.members) - len(cells))]
    members = []
    for (name, member), cell in zip(kind.members, padded, strict=True):
        try:
            members.append((name, read_value(member, cell.strip()) if cell.strip() else None))
        except Invalid as wrong:
            raise Invalid(f"Row {number}, {labels.get(name, name)}: {wrong}") from wrong
    return Composite(type=kind.declared, members=tuple(members))
