"""The strict check of a value against Orchestrator's wire format and its declared type."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

_KEY_OF_TYPE = {
    "string": "string",
    "text": "string",
    "path": "string",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "securestring": "secure-string",
    "encryptedstring": "encrypted-string",
    "regexp": "regex",
    "mimeattachment": "mime-attachment",
    "properties": "properties",
}
_REFERENCE = "attribute-reference"  # stands for a value of any type


class Misfit(Exception):
    """A value is not what its declaration or the wire format allows."""


def key_for(declared: str) -> str | None:
    """The envelope's key for a declared type, or None where any key will do."""
    folded = declared.casefold()
    if folded == "any":
        return None
    if folded == "array" or folded.startswith("array/"):
        return "array"
    if folded.startswith("compositetype"):
        return "composite"
    return _KEY_OF_TYPE.get(folded, "sdk-object")


def check(value: object, declared: str) -> None:
    """Refuse an envelope that has not exactly one known key, fitting the type; `Misfit` says why."""
    envelope = _members(value, "value")
    if len(envelope) != 1:
        raise Misfit(f"a value has exactly one key, not {len(envelope)}")
    ((key, inner),) = envelope.items()
    checker = _CHECKS.get(key)
    if checker is None:
        raise Misfit(f'Unrecognized value key "{key}"')
    if key not in (_REFERENCE, key_for(declared) or key):
        raise Misfit(f'"{key}" does not fit type {declared}')
    checker(_members(inner, key), declared)


def _members(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise Misfit(f"{where} must be an object")
    return value


def _exactly(inner: Mapping[str, object], *, needed: set[str], allowed: Iterable[str] = ()) -> None:
    missing, unknown = needed - inner.keys(), inner.keys() - needed - set(allowed)
    if missing or unknown:
        raise Misfit(f"keys missing {sorted(missing)}, Unrecognized {sorted(unknown)}")


def _is(inner: Mapping[str, object], key: str, kind: type) -> None:
    if not isinstance(inner[key], kind):
        raise Misfit(f'"{key}" must be a {kind.__name__}')


def _check_text(inner: Mapping[str, object], _: str) -> None:
    _exactly(inner, needed={"value"})
    _is(inner, "value", str)


def _check_secret(inner: Mapping[str, object], _: str) -> None:
    _exactly(inner, needed={"value"}, allowed={"isPlainText", "plainText"})
    _is(inner, "value", str)


def _check_number(inner: Mapping[str, object], _: str) -> None:
    _exactly(inner, needed={"value"})
    given = inner["value"]
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise Misfit("a number must be a finite JSON number")


def _check_flag(inner: Mapping[str, object], _: str) -> None:
    _exactly(inner, needed={"value"})
    if not isinstance(inner["value"], bool) and inner["value"] not in ("true", "false"):
        raise Misfit("a boolean must be true or false")


def _check_date(inner: Mapping[str, object], _: str) -> None:
    _check_text(inner, _)
    try:
        given = datetime.fromisoformat(str(inner["value"]))
    except ValueError:
        raise Misfit("a date must be ISO 8601") from None
    if given.tzinfo is None:
        raise Misfit("a date must carry its offset")


def _check_attachment(inner: Mapping[str, object], _: str) -> None:
    content = "content" if "content" in inner else "mime-content"  # the former is 5.5 to 7's spelling
    _exactly(inner, needed={"name", "mime-type", content})
    try:
        base64.b64decode(str(inner[content]), validate=True)
    except binascii.Error:
        raise Misfit("an attachment's content must be base64") from None


def _check_pairs(inner: Mapping[str, object], *, key: str) -> list[tuple[str, object]]:
    pairs = []
    _is(inner, "property", list)
    for each in inner["property"]:  # type: ignore[attr-defined] # _is has looked
        pair = _members(each, "property")
        _exactly(pair, needed={key}, allowed={"value"})
        _is(pair, key, str)
        pairs.append((str(pair[key]), pair.get("value")))
    return pairs


def _check_properties(inner: Mapping[str, object], _: str) -> None:
    _exactly(inner, needed={"property"})
    for _key, value in _check_pairs(inner, key="key"):
        if value is not None:
            check(value, "Any")


def _check_array(inner: Mapping[str, object], declared: str) -> None:
    _exactly(inner, needed={"elements"})
    _is(inner, "elements", list)
    element = declared.partition("/")[2] or "Any"
    for each in inner["elements"]:  # type: ignore[attr-defined] # _is has looked
        if each is not None:
            check(each, element)


def _check_object(inner: Mapping[str, object], declared: str) -> None:
    _exactly(inner, needed={"type", "id"}, allowed={"href", "display-value"})
    _is(inner, "id", str)
    if ":" in declared and inner["type"] != declared:
        raise Misfit(f"an object of type {inner['type']} does not fit {declared}")


def _check_composite(inner: Mapping[str, object], declared: str) -> None:
    _exactly(inner, needed={"type", "property"})
    if key_for(declared) is not None and inner["type"] != declared:
        raise Misfit("a composite repeats its declared type")
    for _name, value in _check_pairs(inner, key="id"):
        if value is not None:
            check(value, "Any")


def _check_reference(inner: Mapping[str, object], _: str) -> None:
    _exactly(inner, needed={"config-id", "config-key"}, allowed={"config-name"})


_CHECKS: Mapping[str, Callable[[Mapping[str, object], str], None]] = {
    "string": _check_text,
    "number": _check_number,
    "boolean": _check_flag,
    "date": _check_date,
    "secure-string": _check_secret,
    "encrypted-string": _check_text,
    "regex": _check_text,
    "mime-attachment": _check_attachment,
    "properties": _check_properties,
    "array": _check_array,
    "sdk-object": _check_object,
    "composite": _check_composite,
    _REFERENCE: _check_reference,
}
