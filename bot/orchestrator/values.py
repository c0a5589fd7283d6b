"""Parameter values out of the wire's envelopes, such as `{"string": {"value": "x"}}`.

The envelope's only key says the kind: the declared type in lower case with hyphens, but `regex` for Regexp.
A missing value is null. Reading goes by the envelope and takes the declared type as a hint.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from bot.domain.values import (
    Attachment,
    AttributeReference,
    Composite,
    EncryptedText,
    Properties,
    SdkObject,
    SecretText,
    UnreadableValue,
    Value,
)
from bot.domain.workflow import Kind, ParameterType

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXACT = 2**53  # above it a double no longer holds every whole number
_UNTYPED = ParameterType(declared="Any")


def read_value(raw: object, declared: ParameterType = _UNTYPED) -> Value:
    """Open an envelope; a kind or shape that is not known is kept as Unreadable, never refused."""
    if raw is None or raw == "null":  # old servers write the word
        return None
    kind, inner = "", raw
    if isinstance(raw, dict):
        named = [(key, value) for key, value in raw.items() if key != "objectType"]
        kind, inner = named[0] if len(named) == 1 else ("", raw)
    reader = _READERS.get(_squashed(kind), _unknown) if isinstance(raw, dict) else _read_bare
    try:
        return reader(inner, declared)
    except (ValueError, TypeError, LookupError, OverflowError):
        return UnreadableValue(kind=clean(kind), json=clean(json.dumps(raw, ensure_ascii=False)))


def read_moment(raw: object) -> datetime | None:
    """A moment out of any form seen: ISO with `Z` or an offset, epoch milliseconds as a number or a text."""
    try:
        if isinstance(raw, str) and not raw.strip().lstrip("-").isdecimal():
            moment = datetime.fromisoformat(raw.strip())
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(raw, (str, int, float)) and not isinstance(raw, bool):
            return _EPOCH + timedelta(milliseconds=float(raw))
    except (ValueError, OverflowError):
        return None
    return raw if isinstance(raw, datetime) else None


def clean(text: str) -> str:
    """The text with U+FFFD for half characters, which no database and no chat can store."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _squashed(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()


def _content(inner: object) -> object:
    """The `value` in `{"value": ...}`; None where there is none, the thing itself where it stands bare."""
    return inner.get("value") if isinstance(inner, dict) else inner


def _fields(inner: object) -> dict[str, object]:
    if not isinstance(inner, dict):
        raise TypeError
    return {_squashed(key): value for key, value in inner.items()}


def _string(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return clean(raw)


def _listed(raw: object) -> list[object]:
    """The items of a list; a lone item may stand without one, an empty list may be left out."""
    if isinstance(raw, dict):
        return [raw]
    if raw is not None and not isinstance(raw, list):
        raise TypeError
    return raw or []


def _unknown(_inner: object, _declared: ParameterType) -> Value:
    raise TypeError


def _read_bare(raw: object, declared: ParameterType) -> Value:
    if isinstance(raw, bool):
        return raw
    return _read_number(raw, declared) if isinstance(raw, (int, float)) else _read_string(raw, declared)


def _read_string(inner: object, declared: ParameterType) -> Value:
    content = _content(inner)
    if content is None:
        return None
    text = _string(content)
    if declared.kind is Kind.SECURE_STRING:
        return SecretText(text=text)
    return EncryptedText(text=text) if declared.kind is Kind.ENCRYPTED_STRING else text


def _read_secret(inner: object, _declared: ParameterType) -> Value:
    content = _content(inner)
    return None if content is None else SecretText(text=_string(content))


def _read_encrypted(inner: object, _declared: ParameterType) -> Value:
    content = _content(inner)
    return None if content is None else EncryptedText(text=_string(content))


def _read_number(inner: object, _declared: ParameterType) -> Value:
    """Whole numbers come as doubles, `789.0`, and are shown without the fraction."""
    content = _content(inner)
    if content is None:
        return None
    if isinstance(content, bool) or not isinstance(content, (int, float, str)):
        raise TypeError
    number = content if isinstance(content, int) else float(content)
    if not math.isfinite(number):
        raise ValueError
    return int(number) if number == int(number) and abs(number) <= _EXACT else number


def _read_boolean(inner: object, _declared: ParameterType) -> Value:
    content = _content(inner)
    if content is None or isinstance(content, bool):
        return content
    return {"true": True, "false": False}[_string(content).lower()]


def _read_date(inner: object, _declared: ParameterType) -> Value:
    content = _content(inner)
    moment = read_moment(content)
    if content is not None and moment is None:
        raise ValueError
    return moment


def _read_array(inner: object, declared: ParameterType) -> Value:
    elements = inner if isinstance(inner, list) else _fields(inner).get("elements")
    return tuple(read_value(item, declared.element) for item in _listed(elements))


def _read_properties(inner: object, _declared: ParameterType) -> Value:
    listed = inner
    if isinstance(inner, dict):
        listed = inner.get("property", inner.get("properties"))
    rows = [_fields(row) for row in _listed(listed)]
    return Properties(entries=tuple((_string(row["key"]), read_value(row.get("value"))) for row in rows))


def _read_composite(inner: object, declared: ParameterType) -> Value:
    fields = _fields(inner)
    kind = _string(fields.get("type") or declared.declared)
    types = dict(ParameterType(declared=kind).members)
    rows = [_fields(row) for row in _listed(fields.get("property") or fields.get("compositeobjectvalue"))]
    named = ((_string(row["id"]), row.get("value")) for row in rows)
    members = tuple((name, read_value(raw, types.get(name, _UNTYPED))) for name, raw in named)
    return Composite(type=kind, members=members)


def _read_sdk_object(inner: object, declared: ParameterType) -> Value:
    fields = _fields(inner)
    return SdkObject(
        type=_string(fields.get("type") or declared.declared),
        id=_string(fields.get("id")),
        name=_string(fields.get("displayvalue") or ""),
        href=_string(fields.get("href") or ""),
    )


def _read_attachment(inner: object, _declared: ParameterType) -> Value:
    fields = _fields(inner)
    content = _string(fields.get("mimecontent") or fields.get("content") or "")
    return Attachment(
        name=_string(fields.get("name") or ""),
        mime_type=_string(fields.get("mimetype") or ""),
        content=base64.b64decode(content),
    )


def _read_reference(inner: object, _declared: ParameterType) -> Value:
    fields = _fields(inner)
    return AttributeReference(
        config_id=_string(fields.get("configid") or fields.get("configurationelementid")),
        config_key=_string(fields.get("configkey") or fields.get("configurationelementkey")),
        config_name=_string(fields.get("configname") or fields.get("configurationelementname") or ""),
    )


_Reader: TypeAlias = Callable[[object, ParameterType], Value]

_READERS: Mapping[str, _Reader] = {
    "string": _read_string,
    "number": _read_number,
    "boolean": _read_boolean,
    "date": _read_date,
    "securestring": _read_secret,
    "encryptedstring": _read_encrypted,
    "regex": _read_string,
    "regexp": _read_string,
    "mimeattachment": _read_attachment,
    "properties": _read_properties,
    "array": _read_array,
    "sdkobject": _read_sdk_object,
    "composite": _read_composite,
    "attributereference": _read_reference,
}
