"""Text made fit for Slack: escaped, cut, stripped of tricks; values and times as people read them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.domain.invisible import with_marks
from bot.domain.masking import MASK
from bot.domain.outputs import HIDDEN
from bot.domain.value_text import text_of
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
    from bot.domain.people import Person
    from bot.domain.values import Value

DOTS = MASK
_MARKS = re.compile(r"[*_~`]")


def clean(text: str) -> str:
    """With a visible mark for what nobody sees, which could make a text read as another."""
    return with_marks(text.replace("\r\n", "\n").replace("\r", "\n"))


def escape(text: str) -> str:
    """For mrkdwn: nothing in the text can become a mention or a link."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def decoded(text: str) -> str:
    """The text of somebody's message as they wrote it: Slack keeps messages with these three escaped."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")  # the last one last


def inline(text: str, *, longest: int = 150) -> str:
    """A name within a line of mrkdwn: escaped, on one line, its formatting marks shown as they are."""
    flat = " ".join(cut(clean(text), longest).split())
    return _MARKS.sub(lambda mark: f"\u2060{mark[0]}\u2060", escape(flat))


def cut(text: str, longest: int) -> str:
    """At most `longest` characters, ended by an ellipsis where something is missing."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def cut_with_size(text: str, longest: int) -> str:
    """The same with a clear mark that says how long the whole is."""
    if len(text) <= longest:
        return text
    mark = f"\n… cut, {len(text):,} characters in all"
    return f"{text[: longest - len(mark)]}{mark}"


def mention(person: Person) -> str:
    """The person, linked."""
    return f"<@{person.user_id}>"


def channel(channel_id: str) -> str:
    """The channel, linked."""
    return f"<#{channel_id}>"


def permalink(channel_id: str, ts: str, *, url: str) -> str:
    """The address of a message; `url` is the workspace's."""
    return f"{url.rstrip('/')}/archives/{channel_id}/p{ts.replace('.', '')}"


def moment(at: datetime) -> str:
    """A moment that each reader sees in their own time zone."""
    plain = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{plain}>"


def duration(seconds: float) -> str:
    """`0.8 s`, `34 s`, `1 min 4 s`, `2 h 5 min`, `3 d 2 h`."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts = []
    for name, size in units:
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])


def number(value: float) -> str:
    """Without `.0` where it is whole."""
    exact_below = 1e15
    return str(int(value)) if abs(value) < exact_below and float(value).is_integer() else repr(value)


def shown(value: Value) -> str:
    """A value in full, as text that stands outside of mrkdwn; secrets as dots."""
    return clean(_written(value)) or "(empty text)"


def _written(value: Value) -> str:
    match value:
        case None:
            return "(empty)"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return number(value)
        case str():
            return value
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC").replace(":00 UTC", " UTC")
        case SecretRef() if value == HIDDEN:
            return f"{DOTS} (hidden)"
        case SecretRef(name=name):
            return f"{DOTS} (the secret “{name}”)"
        case SecretText() | SealedSecret() | EncryptedText():
            return DOTS
        case SdkObject(name=name, type=kind, id=identity):
            return f"{name} ({kind} {identity})" if name else f"{kind} {identity}"
        case Attachment(name=name, mime_type=mime_type, content=content):
            return f"{name} ({mime_type}, {len(content):,} bytes)"
        case Properties() if _is_deep(value):
            return text_of(value)
        case Properties(entries=pairs) | Composite(members=pairs):
            return "\n".join(f"{key}: {shown(inner)}" for key, inner in pairs) or "(empty)"
        case AttributeReference(config_name=name, config_key=key):
            return f"configuration {name}, {key}"
        case UnreadableValue(kind=kind, json=text):
            return f"{kind}: {_compact(text)}"
        case tuple():
            return "\n".join(_entry(item) for item in value) or "(empty list)"


def _entry(value: Value) -> str:
    """An entry of a list; the members of a composite stand in one line."""
    if not isinstance(value, Composite):
        return shown(value)
    return ", ".join(f"{clean(name)}: {shown(inner)}" for name, inner in value.members)


def _is_deep(value: Properties) -> bool:
    """Whether it holds what holds something itself, and nothing that JSON cannot write."""
    if not any(isinstance(inner, tuple | Properties | Composite) for _, inner in value.entries):
        return False
    try:
        text_of(value)
    except TypeError:
        return False
    return True


def _compact(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text
