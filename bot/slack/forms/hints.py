"""What is said under a field: what it is for, what to type, and what could not be worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.forms.form import Control, Measure
from bot.domain.forms.found import Trouble
from bot.domain.forms.text import labels_of
from bot.domain.workflow import Kind
from bot.slack.mrkdwn import cut, escape, inline, number

if TYPE_CHECKING:
    from bot.domain.forms.form import Field, Form, Remark
    from bot.domain.forms.live import LiveField
    from bot.domain.workflow import ParameterType

_TROUBLES = {
    Trouble.FAILED: "Orchestrator could not work it out",
    Trouble.TOO_LATE: "Orchestrator took too long",
    Trouble.NONSENSE: "Orchestrator's answer cannot be read",
    Trouble.NOT_UNDERSTOOD: "the form says it in a way this bot does not know",
}
_AS_TEXT = {
    Kind.PROPERTIES: "One “key: value” per line, or YAML or JSON",
    Kind.REGEXP: "A regular expression",
}


def how_to_type(live: LiveField, *, kept: str) -> str:
    """The form's own hint, then what to type where that is not plain to see."""
    own = live.field.hint.strip().rstrip(".")
    how = _kept(live, kept) or ("" if "per line" in own.casefold() else _how(live))
    return ". ".join(part for part in (own, how, _bounds(live)) if part)


def _kept(live: LiveField, kept: str) -> str:
    if not kept:
        return ""
    if live.field.control is Control.SECRET_TEXT:
        return "It is kept, sealed. Type again only to replace it"
    return f"Kept: {kept}. Choose again only to replace it"


def _how(live: LiveField) -> str:
    kind = live.field.type
    match live.field.control:
        case Control.SECRET_TEXT:
            return (
                "Slack shows what you type and has no masked fields; the bot seals it and wipes it at the end"
            )
        case Control.CHOICE | Control.CHOICES if live.field.suggested and live.choices:
            return "For example " + ", ".join(each.label for each in live.choices[:10])
        case Control.CHOICES if live.unchecked:
            return "One per line"
        case Control.LINES if kind.kind is Kind.ARRAY:
            return _lines(live.field)
        case Control.LINES if kind.kind is Kind.COMPOSITE:
            return f"YAML or JSON with these members: {_members(kind)}"
        case Control.LINES if kind.kind is Kind.ANY:
            return "Plain text, or YAML or JSON for a list or object"
        case Control.LINES | Control.TEXT:
            return _AS_TEXT.get(kind.kind, "")
        case _:
            return ""


def _lines(field: Field) -> str:
    element = field.type.element
    match element.kind:
        case Kind.COMPOSITE:
            columns = labels_of(field)
            names = ", ".join(columns.get(name, name) for name, _ in element.members)
            return f"One row per line, with commas between: {names}"
        case Kind.STRING | Kind.TEXT | Kind.ANY:
            return "One per line"
        case Kind.DATE:
            return "One date per line, such as 2026-12-01 14:00, in UTC"
        case _:
            return f"One {element.declared} per line"


def _members(kind: ParameterType) -> str:
    return ", ".join(f"{name} ({inner.declared})" for name, inner in kind.members)


def _bounds(live: LiveField) -> str:
    low = number(max(live.minimum)) if live.minimum else ""
    high = number(min(live.maximum)) if live.maximum else ""
    if not low and not high:
        return ""
    said = f"Between {low} and {high}" if low and high else f"At least {low}" if low else f"At most {high}"
    return said + _unit(live)


def _unit(live: LiveField) -> str:
    measure = live.field.constraints.measure
    kind = live.field.type.element if live.field.type.kind is Kind.ARRAY else live.field.type
    if measure is Measure.ITEMS:
        return " entries"
    return " characters" if measure is Measure.LENGTH or kind.kind is not Kind.NUMBER else ""


def in_words(live: LiveField) -> str:
    """What could not be worked out of a field, and what that means for who fills it in."""
    why = " and ".join(_TROUBLES[trouble] for trouble in live.troubles)
    if live.unchecked:
        return f"There is no list: {why}. You may type a value; it is *not checked*."
    return f"Some of this field is missing: {why}. What you enter may not be checked in full."


def missing(remark: Remark, form: Form) -> str:
    """What of the form is missing or was not read, as a line; some of it speaks of the whole form."""
    field = form.field(remark.field)
    named = f"*{inline(field.label if field else remark.field)}*: " if remark.field else ""
    return f":warning: {named}{escape(cut(remark.why, 300))}"
