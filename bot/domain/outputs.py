"""What a run gave back, made fit to be kept and shown: secrets hidden, texts bounded."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.values import Attachment, Composite, Properties, SecretRef, UnreadableValue, is_secret
from bot.domain.workflow import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.execution import Argument
    from bot.domain.values import Value

LONGEST = 100_000  # characters of one text
_LONGEST_LINE = 4_000  # characters of a log line
_NAMES = r"passw|pwd|passphrase|token|secret|credential|api_?key|private_?key"
_SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
_SAID_SECRET = re.compile(rf"""((?:{_NAMES})\w*["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;]+)""", re.IGNORECASE)
_DOTS = "••••••"
HIDDEN = SecretRef(name="hidden")


def told_text(text: str) -> str:
    """A text that a run wrote, as it may be told: bounded, and what it names as a secret hidden.

    The one place that lines of logs and words of questions pass before anybody reads them.
    """
    line = text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}… (cut)"
    return _SAID_SECRET.sub(rf"\1{_DOTS}", line)


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
        case str():
            return _cut(value)
        case UnreadableValue(kind=kind, json=text):
            return UnreadableValue(kind=kind, json=_cut(text))
        case Attachment():
            return f"{value.name} ({value.mime_type}, {len(value.content):,} bytes)"
        case Properties(entries=pairs):
            return Properties(entries=_bounded_pairs(pairs))
        case Composite(members=pairs):
            return replace(value, members=_bounded_pairs(pairs))
        case tuple():
            return tuple(_bounded(item) for item in value)
        case _:
            return value


def _bounded_pairs(pairs: tuple[tuple[str, Value], ...]) -> tuple[tuple[str, Value], ...]:
    """Hide what its key calls a secret, too."""
    return tuple((key, HIDDEN if _SECRET_NAME.search(key) else _bounded(inner)) for key, inner in pairs)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… (cut; {len(text):,} characters in all)"
