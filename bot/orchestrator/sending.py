"""What goes out: a start's parameters, options and values, exactly as servers have been seen to take them.

An envelope goes by the value, and by the declared type where several kinds look alike. Only what is set is
sent: servers refuse keys they do not know.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from bot.domain.errors import InvalidRequest
from bot.domain.values import (
    Attachment,
    AttributeReference,
    Composite,
    EncryptedText,
    Properties,
    SdkObject,
    SealedSecret,
    SecretRef,
    SecretText,
    UnreadableValue,
    Value,
)
from bot.domain.workflow import Kind, ParameterType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.domain.execution import Argument, ProfilerOptions
    from bot.orchestrator.connection import ParameterKey

_Structure: TypeAlias = (
    SdkObject | Attachment | Properties | Composite | AttributeReference | UnreadableValue | tuple[Value, ...]
)
_UNTYPED = ParameterType(declared="Any")
_PLAIN = {Kind.STRING: "string", Kind.TEXT: "string", Kind.PATH: "string", Kind.REGEXP: "regex"}
_TEXT_KEYS = _PLAIN | {Kind.SECURE_STRING: "secure-string", Kind.ENCRYPTED_STRING: "encrypted-string"}


def start_body(
    arguments: Iterable[Argument],
    *,
    key: ParameterKey = "parameters",
    execution_id: str | None = None,
    profiler: ProfilerOptions | None = None,
) -> bytes:
    """The body of a start or of an answer to an interaction; `{}` when nothing is given.

    Raises InvalidRequest for a value that cannot be sent.
    """
    body: dict[str, object] = {
        "executionId": execution_id or None,
        key: parameters(arguments) or None,
        "profilerOptions": _options(profiler) if profiler else None,
    }
    return encoded(_set(body))


def encoded(body: Mapping[str, object]) -> bytes:
    """A body as JSON; InvalidRequest for what JSON cannot hold."""
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except ValueError as exc:  # half a character, a number that is none
        raise InvalidRequest("An input holds something that cannot be sent. Nothing was sent.") from exc


def parameters(arguments: Iterable[Argument]) -> list[dict[str, object]]:
    """Arguments as Orchestrator takes them; InvalidRequest for a value that cannot be sent."""
    return [_parameter(argument) for argument in arguments]


def _parameter(argument: Argument) -> dict[str, object]:
    parameter = {
        "name": argument.name,
        "type": argument.type.declared,
        "scope": argument.scope,
        "description": argument.description or None,
        "value": write_value(argument.value, argument.type),
        "updated": argument.updated,
        "encrypt-value": argument.encrypt_value,
    }
    return _set(parameter)


def _options(profiler: ProfilerOptions) -> dict[str, object]:
    options = {
        "enabled": profiler.enabled,
        "debuggerEnabled": profiler.debugger_enabled,
        "tokenReplayEnabled": profiler.token_replay_enabled,
    }
    return _set(options)


def _set(fields: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in fields.items() if value is not None}


def write_value(value: Value, declared: ParameterType = _UNTYPED) -> object:
    """Close a value in its envelope; None for null, which is left out of a parameter.

    Raises InvalidRequest for what cannot be sent, such as a secret that was not read yet.
    """
    match value:
        case None:
            return None
        case bool():
            return {"boolean": {"value": value}}
        case int() | float():
            return {"number": {"value": value}}
        case str():
            return {_TEXT_KEYS.get(declared.kind, "string"): {"value": value}}
        case datetime():
            return {"date": {"value": _stamp(value)}}
        case SecretText(text=text):
            return {_TEXT_KEYS.get(declared.kind, "secure-string"): {"value": text}}
        case EncryptedText(text=text):
            return {"encrypted-string": {"value": text}}
        case SecretRef() | SealedSecret():
            raise InvalidRequest("A secret was not opened before sending. Nothing was sent.")
        case _:
            return _write_structure(value, declared)


def _write_structure(
    value: _Structure,
    declared: ParameterType,
) -> object:
    match value:
        case tuple():
            return {"array": {"elements": [write_value(item, declared.element) for item in value]}}
        case Properties(entries=entries):
            return {"properties": {"property": [_named("key", *entry, _UNTYPED) for entry in entries]}}
        case Composite(type=kind, members=members):
            types = dict(ParameterType(declared=kind).members)
            listed = [_named("id", name, inner, types.get(name, _UNTYPED)) for name, inner in members]
            return {"composite": {"type": kind, "property": listed}}
        case SdkObject(type=kind, id=identity, href=href):
            return {"sdk-object": {"type": kind, "id": identity} | ({"href": href} if href else {})}
        case Attachment(name=name, mime_type=kind, content=content):
            encoded = base64.b64encode(content).decode()
            return {"mime-attachment": {"name": name, "mime-type": kind, "mime-content": encoded}}
        case AttributeReference(config_id=identity, config_key=key, config_name=name):
            reference = {"config-id": identity, "config-key": key}
            return {"attribute-reference": reference | ({"config-name": name} if name else {})}
        case UnreadableValue(json=text):
            return _verbatim(text)


def _named(key: str, name: str, value: Value, declared: ParameterType) -> dict[str, object]:
    written = write_value(value, declared)
    return {key: name} if written is None else {key: name, "value": written}


def _stamp(value: datetime) -> str:
    if value.tzinfo is None:
        raise InvalidRequest("A date without a time zone cannot be sent. Nothing was sent.")
    exactness = "milliseconds" if value.microsecond else "seconds"
    return value.astimezone(UTC).isoformat(timespec=exactness).replace("+00:00", "Z")


def _verbatim(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as exc:
        raise InvalidRequest("A value that could not be read cannot be sent back. Nothing was sent.") from exc
