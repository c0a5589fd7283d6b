"""Everything the bot has sent, kept raw, so that a test can look for what must not be there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.demo.slack.wire import Json


@dataclass(kw_only=True)
class RecordedCall:
    """One Web API call; `answer` and `status` are filled in when it was answered."""

    method: str
    raw: bytes
    at: datetime
    arguments: Json = field(default_factory=dict)
    answer: Json | None = None
    status: int | None = None

    @property
    def ok(self) -> bool:
        """Whether Slack did what was asked."""
        return bool(self.answer and self.answer.get("ok"))

    @property
    def error(self) -> str | None:
        """Slack's error code, if it answered with one."""
        return None if self.answer is None else self.answer.get("error")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Anything else the bot sent: an acknowledgement, an answer to a response URL, a file's bytes."""

    where: str
    raw: bytes
    at: datetime


@dataclass(kw_only=True)
class Recording:
    """All calls and everything else that was sent, in order."""

    calls: list[RecordedCall] = field(default_factory=list)
    others: list[Sent] = field(default_factory=list)

    def where(self, text: str) -> list[str]:
        """The calls and acknowledgements in which a text occurs, however it was encoded."""
        return [name for name, shown in self._shown() if text in shown]

    def _shown(self) -> Iterator[tuple[str, str]]:
        for call in self.calls:
            yield call.method, call.raw.decode(errors="replace") + _readable(call.arguments)
        for sent in self.others:
            yield sent.where, sent.raw.decode(errors="replace") + _readable(_parsed(sent.raw))


def _parsed(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _readable(value: object) -> str:
    """Every key and string in a value, with JSON inside strings opened too."""
    if isinstance(value, dict):
        return "\n".join(f"{name}\n{_readable(part)}" for name, part in value.items())
    if isinstance(value, list):
        return "\n".join(_readable(part) for part in value)
    if isinstance(value, str) and value[:1] in {"{", "["}:
        return f"{value}\n{_readable(_parsed(value.encode()))}"
    return str(value)
