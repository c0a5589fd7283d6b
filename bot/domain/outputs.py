"""What a run gave back, made fit to be kept and shown: secrets hidden, texts bounded."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.values import Attachment, SecretRef, is_secret
from bot.domain.workflow import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.execution import Argument
    from bot.domain.values import Value

LONGEST = 100_000  # characters of one text
_SECRET_NAME = re.compile(
    r"passw|pwd|passphrase|token|secret|credential|api_?key|private_?key", re.IGNORECASE
)
HIDDEN = SecretRef(name="hidden")


def presentable(outputs: Iterable[Argument]) -> tuple[Argument, ...]:
    """The outputs with secret ones replaced by HIDDEN, and texts over LONGEST cut with a mark."""
    return tuple(
        replace(output, value=HIDDEN if _is_secret(output) else _bounded(output.value)) for output in outputs
    )


def _is_secret(output: Argument) -> bool:
    return (
        output.scope.lower() == "token"
        or output.type.kind in {Kind.SECURE_STRING, Kind.ENCRYPTED_STRING}
        or is_secret(output.value)
        or _SECRET_NAME.search(output.name) is not None
    )


def _bounded(value: Value) -> Value:
    match value:
        case str() if len(value) > LONGEST:
            return f"{value[:LONGEST]}… (cut; {len(value):,} characters in all)"
        case Attachment():
            return f"{value.name} ({value.mime_type}, {len(value.content):,} bytes)"
        case tuple():
            return tuple(_bounded(item) for item in value)
        case _:
            return value
