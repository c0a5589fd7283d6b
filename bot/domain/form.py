"""A form as a person fills it in: fields, what may stand in each, and how typed text becomes values."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from bot.domain.errors import InvalidAnswers
from bot.domain.execution import Argument
from bot.domain.values import Composite, Properties, SecretRef, SecretText, Value
from bot.domain.workflow import Kind, ParameterType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.domain.policy import InputRule, Rule
    from bot.domain.workflow import Parameter, Workflow

Item = TypeVar("Item")


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


class Invalid(ValueError):
    """What is wrong with one answer, in words for the person who typed it."""


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
    kind = parameter.type.kind
    control, choices = _CONTROLS[kind], extra.choices
    if kind is Kind.ARRAY:
        control = Control.LINES if _CONTROLS[parameter.type.element.kind] in _TYPED_LINES else Control.NONE
    elif kind is Kind.SECURE_STRING:
        control = Control.SECRET_TEXT if typed else Control.SECRET_NAME if secrets else Control.NONE
        choices = () if typed else secrets
    elif choices and control in {Control.TEXT, Control.NUMBER}:
        control = Control.CHOICE
    return Field(
        name=parameter.name,
        type=parameter.type,
        label=extra.label or parameter.name,
        hint=extra.hint or _hint(parameter, control, extra),
        control=control,
        required=extra.required,
        default=extra.default,
        choices=choices,
        minimum=extra.minimum,
        maximum=extra.maximum,
        pattern=extra.pattern,
    )


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
_TYPED_LINES = {Control.TEXT, Control.NUMBER, Control.YES_NO, Control.MOMENT}

_HOW_TO_TYPE: dict[Kind, str] = {
    Kind.ARRAY: "One item per line",
    Kind.PROPERTIES: "One `key: value` per line",
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
    if field.control is Control.SECRET_TEXT:
        return SecretText(text=text)
    if field.choices and text not in field.choices:
        raise Invalid("Choose one of the list.")
    if field.control is Control.SECRET_NAME:
        return SecretRef(name=text)
    value = _read(field.type, text)
    _check_bounds(field, value)
    return value


def _check_bounds(field: Field, value: Value) -> None:
    items = value if isinstance(value, tuple) else (value,)
    for number, item in enumerate(items, start=1):
        where = f"Line {number}: " if isinstance(value, tuple) else ""
        if isinstance(item, str):
            _check_range(field, len(item), where=where, unit=" characters")
            if field.pattern and not re.fullmatch(field.pattern, item):
                raise Invalid(f"{where}This does not have the expected form ({field.pattern}).")
        elif isinstance(item, int | float) and not isinstance(item, bool):
            _check_range(field, item, where=where, unit="")


def _check_range(field: Field, size: float, *, where: str, unit: str) -> None:
    if field.minimum is not None and size < field.minimum:
        raise Invalid(f"{where}At least {field.minimum:g}{unit}, please.")
    if field.maximum is not None and size > field.maximum:
        raise Invalid(f"{where}At most {field.maximum:g}{unit}, please.")


def _read(kind: ParameterType, text: str) -> Value:
    match kind.kind:
        case Kind.STRING | Kind.TEXT | Kind.PATH | Kind.REGEXP:
            return _read_text(kind, text)
        case Kind.NUMBER:
            return read_number(text)
        case Kind.BOOLEAN:
            return _read_yes_no(text)
        case Kind.DATE:
            return read_moment(text)
        case Kind.ARRAY:
            return read_lines(text, lambda line: _read(kind.element, line))
        case Kind.PROPERTIES:
            return Properties(entries=read_lines(text, _read_pair))
        case Kind.COMPOSITE:
            return _read_composite(kind, text)
        case Kind.ANY:
            return _read_any(text)
        case Kind.SECURE_STRING:
            return SecretText(text=text)
        case Kind.ENCRYPTED_STRING | Kind.MIME_ATTACHMENT | Kind.SDK_OBJECT | Kind.UNKNOWN:
            raise Invalid(f"A {kind.declared} cannot be typed here.")


def _read_text(kind: ParameterType, text: str) -> str:
    if kind.kind is Kind.REGEXP:
        try:
            re.compile(text)
        except re.error as broken:
            raise Invalid(f"This is not a regular expression: {broken}.") from broken
    return text


def read_number(text: str) -> int | float:
    """Read a decimal number; Invalid for words, infinities and anything else."""
    try:
        number = float(text.strip().replace(" ", "").replace(" ", ""))
    except ValueError as wrong:
        raise Invalid(f"“{text.strip()[:40]}” is not a number.") from wrong
    if not math.isfinite(number):
        raise Invalid("This has to be a finite number.")
    exact = text.strip()
    if re.fullmatch(r"[+-]?\d+", exact):
        return int(exact)
    return number


def _read_yes_no(text: str) -> bool:
    word = text.strip().lower()
    if word in {"true", "yes", "on", "1"}:
        return True
    if word in {"false", "no", "off", "0"}:
        return False
    raise Invalid("Say yes or no.")


def read_moment(text: str) -> datetime:
    """Read ISO 8601 or `2026-12-01 14:00`; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as wrong:
        raise Invalid("Write a date such as 2026-12-01 14:00.") from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_lines(text: str, read: Callable[[str], Item]) -> tuple[Item, ...]:
    """Read every line that is not blank; Invalid names the line."""
    items: list[Item] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            items.append(read(line.strip()))
        except Invalid as wrong:
            raise Invalid(f"Line {number}: {wrong}") from wrong
    return tuple(items)


def _read_pair(line: str) -> tuple[str, Value]:
    key, colon, value = line.partition(":")
    if not colon or not key.strip():
        raise Invalid("write it as `key: value`.")
    return (key.strip(), value.strip())


def _read_json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as wrong:
        raise Invalid(f"This is not JSON: {wrong}.") from wrong


def _read_composite(kind: ParameterType, text: str) -> Composite:
    data = _read_json(text)
    if not isinstance(data, dict):
        raise Invalid("Write a JSON object, in braces.")
    strange = sorted(set(data) - {name for name, _ in kind.members})
    if strange:
        raise Invalid(f"There is no member “{strange[0]}”.")
    members = tuple((name, _member(name, member, data.get(name))) for name, member in kind.members)
    return Composite(type=kind.declared, members=members)


def _member(name: str, kind: ParameterType, data: object) -> Value:
    try:
        return None if data is None else _read(kind, data if isinstance(data, str) else json.dumps(data))
    except Invalid as wrong:
        raise Invalid(f"{name}: {wrong}") from wrong


def _read_any(text: str) -> Value:
    try:
        return _plain(json.loads(text))
    except ValueError:
        return text


def _plain(data: object) -> Value:
    match data:
        case None | bool() | int() | float() | str():
            return data
        case list():
            return tuple(_plain(item) for item in data)
        case dict():
            return Properties(entries=tuple((str(key), _plain(item)) for key, item in data.items()))
        case _:
            raise TypeError(type(data))
