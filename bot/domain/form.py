"""A form as a person fills it in: its fields, what may stand in each, and what was typed as arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bot.domain.errors import InvalidAnswers
from bot.domain.execution import Argument
from bot.domain.typed import Invalid, read_lines, read_value
from bot.domain.values import SecretRef, SecretText
from bot.domain.workflow import Kind, ParameterType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.policy import InputRule, Rule
    from bot.domain.values import Value
    from bot.domain.workflow import Parameter, Workflow


class Control(Enum):
    """How a field is filled in."""

    TEXT = "text"
    LINES = "lines"  # several lines of text
    NUMBER = "number"
    YES_NO = "yes or no"
    MOMENT = "date and time"
    CHOICE = "one of a list"
    SECRET_NAME = "a named secret"  # noqa: S105 - the name of a control
    SECRET_TEXT = "a typed secret"  # noqa: S105 - the name of a control
    NONE = "not possible here"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input of the form."""

    name: str
    type: ParameterType
    label: str
    hint: str = ""
    control: Control
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None  # of a number; of a text, its length
    maximum: float | None = None
    pattern: str = ""


@dataclass(frozen=True, kw_only=True)
class Form:
    """The form of one workflow for one person."""

    fields: tuple[Field, ...] = ()

    @property
    def blocked(self) -> tuple[Field, ...]:
        """Required fields that nothing can be typed into here: the workflow is not runnable."""
        return tuple(field for field in self.fields if field.control is Control.NONE and field.required)


def form_of(workflow: Workflow, rule: Rule, *, secrets: frozenset[str] = frozenset()) -> Form:
    """The form for a workflow's plain inputs; `secrets` are the configured names this rule may use."""
    allowed = tuple(sorted(rule.secrets & secrets))
    return Form(
        fields=tuple(
            _field(parameter, rule.input(parameter.name), secrets=allowed, typed=rule.typed_secrets)
            for parameter in workflow.inputs
        )
    )


def _field(parameter: Parameter, extra: InputRule, *, secrets: tuple[str, ...], typed: bool) -> Field:
    control, choices = _control(parameter.type, extra.choices, secrets=secrets, typed=typed)
    return Field(
        name=parameter.name,
        type=parameter.type,
        label=extra.label or parameter.name,
        hint=extra.hint or _hint(parameter, control, extra),
        control=control,
        required=extra.required is not False,
        default=extra.default,
        choices=choices,
        minimum=extra.minimum,
        maximum=extra.maximum,
        pattern=extra.pattern,
    )


def _control(
    kind: ParameterType, choices: tuple[str, ...], *, secrets: tuple[str, ...], typed: bool
) -> tuple[Control, tuple[str, ...]]:
    """How an input of this type is filled in, and the choices that count for it."""
    match kind.kind:
        case Kind.ARRAY if kind.element.kind in _ONE_A_LINE:
            return Control.LINES, choices
        case Kind.ARRAY:
            return Control.NONE, ()
        case Kind.SECURE_STRING if typed:
            return Control.SECRET_TEXT, ()
        case Kind.SECURE_STRING if secrets:
            return Control.SECRET_NAME, secrets
        case Kind.SECURE_STRING:
            return Control.NONE, ()
        case one if choices and one in _ONE_A_LINE - {Kind.BOOLEAN, Kind.DATE}:
            return Control.CHOICE, choices
        case other:
            return _CONTROLS[other], ()


_CONTROLS: dict[Kind, Control] = {
    Kind.STRING: Control.TEXT,
    Kind.TEXT: Control.LINES,
    Kind.PATH: Control.TEXT,
    Kind.REGEXP: Control.TEXT,
    Kind.NUMBER: Control.NUMBER,
    Kind.BOOLEAN: Control.YES_NO,
    Kind.DATE: Control.MOMENT,
    Kind.SECURE_STRING: Control.SECRET_NAME,
    Kind.ENCRYPTED_STRING: Control.NONE,
    Kind.MIME_ATTACHMENT: Control.NONE,
    Kind.PROPERTIES: Control.LINES,
    Kind.ARRAY: Control.LINES,
    Kind.SDK_OBJECT: Control.NONE,
    Kind.COMPOSITE: Control.LINES,
    Kind.ANY: Control.LINES,
    Kind.UNKNOWN: Control.NONE,
}
_ONE_A_LINE = {
    Kind.STRING,
    Kind.TEXT,
    Kind.PATH,
    Kind.REGEXP,
    Kind.NUMBER,
    Kind.BOOLEAN,
    Kind.DATE,
    Kind.ANY,
}

_HOW_TO_TYPE: dict[Kind, str] = {
    Kind.ARRAY: "One item per line",
    Kind.PROPERTIES: "One “key: value” per line",
    Kind.COMPOSITE: "JSON with these members: {members}",
    Kind.ANY: "Plain text, or JSON for a number, list or object",
    Kind.REGEXP: "A regular expression",
    Kind.PATH: "A path",
}


def _hint(parameter: Parameter, control: Control, extra: InputRule) -> str:
    """The description, then what to type where that is not plain to see."""
    members = ", ".join(f"{name} ({kind.declared})" for name, kind in parameter.type.members)
    how = _HOW_TO_TYPE.get(parameter.type.kind, "").format(members=members)
    if parameter.type.kind is Kind.ARRAY and parameter.type.element.kind not in {Kind.STRING, Kind.ANY}:
        how = f"One {parameter.type.element.declared} per line"
    if control is Control.SECRET_TEXT:
        how = "Slack shows what you type and keeps no masked fields; the bot seals it and wipes it at the end"
    bounds = _bounds(extra)
    return ". ".join(part for part in (parameter.description.strip().rstrip("."), how, bounds) if part)


def _bounds(extra: InputRule) -> str:
    match (extra.minimum, extra.maximum):
        case (None, None):
            return ""
        case (low, None):
            return f"At least {low:g}"
        case (None, high):
            return f"At most {high:g}"
        case (low, high):
            return f"Between {low:g} and {high:g}"


def read_answers(form: Form, typed: Mapping[str, str]) -> tuple[Argument, ...]:
    """Turn what was typed into arguments; InvalidAnswers names every field that is wrong.

    `typed` holds per field name the text, the chosen option, ISO 8601 for a moment, `true`/`false`.
    A field left empty becomes None, which Orchestrator receives as "no value".
    """
    problems: dict[str, str] = {}
    arguments: list[Argument] = []
    for field in form.fields:
        try:
            value = read_answer(field, typed.get(field.name, ""))
        except Invalid as wrong:
            problems[field.name] = str(wrong)
            continue
        arguments.append(Argument(name=field.name, type=field.type, value=value))
    if problems:
        raise InvalidAnswers(problems)
    return tuple(arguments)


def read_answer(field: Field, text: str) -> Value:
    """Read one answer; Invalid says what is wrong with it."""
    if not text.strip():
        if field.required:
            raise Invalid("This field is required.")
        return None
    _check_choices(field, text)
    match field.control:
        case Control.SECRET_NAME:
            return SecretRef(name=text)
        case Control.SECRET_TEXT:
            value: Value = SecretText(text=text)
        case Control.NONE:
            raise Invalid(f"A {field.type.declared} cannot be given here.")
        case _:
            value = read_value(field.type, text)
    _check_bounds(field, value)
    return value


def _check_choices(field: Field, text: str) -> None:
    """Of several lines, each has to be one of the choices."""
    if not field.choices:
        return
    lines = read_lines(text, str) if field.control is Control.LINES else (text,)
    strange = [line for line in lines if line not in field.choices]
    if strange and field.control is Control.LINES:
        raise Invalid(f"“{strange[0][:40]}” is not among: {', '.join(field.choices)}.")
    if strange:
        raise Invalid("Choose one of the list.")


def _check_bounds(field: Field, value: Value) -> None:
    items = value if isinstance(value, tuple) else (value,)
    for number, item in enumerate(items, start=1):
        where = f"Item {number}: " if isinstance(value, tuple) else ""
        text = item.text if isinstance(item, SecretText) else item
        if isinstance(text, str):
            _check_range(field, len(text), where=where, unit=" characters")
            if field.pattern and not re.fullmatch(field.pattern, text):
                raise Invalid(f"{where}This does not have the expected form ({field.pattern}).")
        elif isinstance(item, int | float) and not isinstance(item, bool):
            _check_range(field, item, where=where, unit="")


def _check_range(field: Field, size: float, *, where: str, unit: str) -> None:
    if field.minimum is not None and size < field.minimum:
        raise Invalid(f"{where}At least {field.minimum:g}{unit}, please.")
    if field.maximum is not None and size > field.maximum:
        raise Invalid(f"{where}At most {field.maximum:g}{unit}, please.")
