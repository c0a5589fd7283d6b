"""The seal of a request: one hash over all that is approved, the same wherever it is computed."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

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
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.execution import Argument
    from bot.domain.people import Person
    from bot.domain.seal import WorkflowSeal
    from bot.domain.values import Value
    from bot.domain.workflow import WorkflowRef

SHOWN = 12  # hexadecimal digits that people see and buttons carry


def digest_of(
    *,
    workflow: WorkflowRef,
    arguments: Iterable[Argument],
    orchestrator: str,
    requester: Person,
    seal: WorkflowSeal | None = None,
) -> str:
    """SHA-256, in hexadecimal, over what runs, with what, where and for whom; inputs in any order.

    Without a seal, it is what releases made that sealed no workflow.
    """
    sealed: dict[str, Any] = {
        "workflow": [workflow.id, workflow.version],
        "arguments": sorted([each.name, each.type.declared, canonical(each.value)] for each in arguments),
        "orchestrator": orchestrator.rstrip("/"),
        "requester": [requester.team_id, requester.user_id],
    }
    if seal is not None:
        sealed["seal"] = dict(seal.pairs)
    text = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def short(digest: str) -> str:
    """What people see of it."""
    return digest[:SHOWN]


def canonical(value: Value) -> Any:  # noqa: ANN401 - JSON
    """A value as JSON, so that two values are written alike if and only if a run would get the same.

    A secret is written as the name, or the keyed hash, that stands for its text.
    """
    match value:
        case None | bool() | str():
            return value
        case int() | float():
            return {"number": _number(value)}
        case datetime():
            return {"date": value.astimezone(UTC).isoformat(timespec="microseconds")}
        case tuple():
            return [canonical(item) for item in value]
        case Properties(entries=pairs):
            return {"properties": sorted(([key, canonical(inner)] for key, inner in pairs), key=_key)}
        case Composite(type=declared, members=pairs):
            return {"composite": declared, "members": [[key, canonical(inner)] for key, inner in pairs]}
        case Attachment(name=name, mime_type=mime, content=content):
            return {"file": [name, mime, hashlib.sha256(content).hexdigest()]}
        case SdkObject(type=declared, id=identity):
            return {"object": [declared, identity]}
        case EncryptedText(text=text):
            return {"encrypted": hashlib.sha256(text.encode()).hexdigest()}
        case SecretText():
            raise TypeError("A secret in the clear is no part of a request.")
        case SecretRef() | SealedSecret() | AttributeReference() | UnreadableValue():
            return {type(value).__name__: [str(getattr(value, each.name)) for each in fields(value)]}


def _number(value: float) -> str:
    return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)


def _key(pair: list[Any]) -> str:
    return str(pair[0])
