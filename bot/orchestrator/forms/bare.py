"""Bare JSON values, and the words for their types, as custom forms hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.domain.typed import Invalid, from_json
from bot.domain.values import Properties, SdkObject
from bot.domain.workflow import Kind, ParameterType
from bot.orchestrator.values import read_moment

if TYPE_CHECKING:
    from bot.domain.values import Value

_DECLARED = {
    "string": "string",
    "secureString": "SecureString",
    "integer": "number",
    "decimal": "number",
    "boolean": "boolean",
    "dateTime": "Date",
    "file": "MimeAttachment",
}
_ANY = ParameterType(declared="Any")


def value_of_json(raw: object, kind: ParameterType) -> Value:
    """A bare value as the type has it; Invalid if it is none."""
    match raw:
        case None | "":
            return None
        case list() if kind.kind is Kind.PROPERTIES:
            return _properties(raw)
        case list() if kind.kind is Kind.ARRAY:
            return tuple(value_of_json(each, kind.element) for each in raw)
        case {"id": str(identity), **more} if kind.kind is Kind.SDK_OBJECT:
            name = more.get("displayValue") or more.get("name") or ""
            return SdkObject(type=str(more.get("type") or kind.declared), id=identity, name=str(name))
        case _ if kind.kind is Kind.ARRAY:
            return (value_of_json(raw, kind.element),)
        case _ if kind.kind is Kind.DATE:
            moment = read_moment(raw)
            if moment is None:
                raise Invalid("This is not a date.")
            return moment
        case _:
            return from_json(kind, raw)


def _properties(rows: list[object]) -> Properties:
    """A grid of keys and values."""
    if not all(isinstance(row, Mapping) and "key" in row for row in rows):
        raise Invalid("These are not keys with values.")
    named = [row for row in rows if isinstance(row, Mapping)]
    return Properties(
        entries=tuple((str(row["key"]), value_of_json(row.get("value"), _ANY)) for row in named)
    )


def declared(kind: Mapping[str, object]) -> str:
    """The form's word for a type in Orchestrator's own."""
    word = str(kind.get("dataType") or "string")
    plain = str(kind.get("referenceType") or "Any") if word == "reference" else _DECLARED.get(word, "Any")
    return f"Array/{plain}" if kind.get("isMultiple") is True else plain
