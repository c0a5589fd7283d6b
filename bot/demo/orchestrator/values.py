"""Parameter values on Orchestrator's wire: made, read back, and shown again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import uuid4

Obj: TypeAlias = dict[str, object]


def text(value: str) -> Obj:
    """A string."""
    return {"string": {"value": value}}


def number(value: float) -> Obj:
    """A number; Orchestrator keeps doubles."""
    return {"number": {"value": float(value)}}


def flag(*, on: bool) -> Obj:
    """A boolean."""
    return {"boolean": {"value": on}}


def moment(value: datetime) -> Obj:
    """A Date."""
    return {"date": {"value": value.astimezone(UTC).isoformat(timespec="milliseconds")}}


def secret(value: str) -> Obj:
    """A SecureString as a careless workflow returns it: readable."""
    return {"secure-string": {"value": value, "isPlainText": True}}


def texts(values: Iterable[str]) -> Obj:
    """An Array/string."""
    return {"array": {"elements": [text(value) for value in values]}}


def reference(kind: str, identity: str) -> Obj:
    """An object of the inventory."""
    return {"sdk-object": {"type": kind, "id": identity}}


def properties(pairs: Mapping[str, Obj]) -> Obj:
    """A Properties value."""
    return {"properties": {"property": [{"key": key, "value": value} for key, value in pairs.items()]}}


def parameter(name: str, kind: str, value: Obj | None, *, scope: str = "local") -> Obj:
    """A parameter as an execution shows it; None is shown by leaving `value` out."""
    shown: Obj = {} if value is None else {"value": value}
    return shown | {"type": kind, "name": name, "scope": scope}


def plain(value: object) -> object:
    """What a workflow's script sees of an envelope."""
    if not isinstance(value, Mapping) or not value:
        return None
    ((key, inner),) = value.items()
    match key:
        case "array":
            return [plain(element) for element in inner["elements"]]
        case "properties":
            return {each["key"]: plain(each.get("value")) for each in inner["property"]}
        case "composite":
            return {each["id"]: plain(each.get("value")) for each in inner["property"]}
        case "boolean":
            return inner["value"] in (True, "true")
        case "sdk-object" | "mime-attachment" | "attribute-reference":
            return dict(inner)
        case _:
            read: object = inner["value"]
            return read


def echo(value: Obj | None) -> Obj | None:
    """A given value as the server shows it afterwards: doubles, whole dates, secrets encrypted."""
    match value:
        case {"number": {"value": int() | float() as given}}:
            return number(given)
        case {"boolean": _}:
            return flag(on=bool(plain(value)))
        case {"date": {"value": str() as given}}:
            return moment(datetime.fromisoformat(given))
        case {"secure-string": _}:
            return {"secure-string": {"value": uuid4().hex.upper(), "isPlainText": False}}
        case {"array": {"elements": list() as elements}}:
            return {"array": {"elements": [echo(each) for each in elements]}}
        case _:
            return value
