"""What was answered, read as arguments: every constraint is checked, and all problems are named at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.errors import InvalidAnswers
from bot.domain.execution import Argument
from bot.domain.forms.form import Control, Measure
from bot.domain.forms.found import FormAnswers
from bot.domain.forms.live import LiveField, as_it_stands
from bot.domain.forms.text import typed_of, value_of
from bot.domain.invisible import invisible_in
from bot.domain.patterns import Uncheckable, fits
from bot.domain.typed import Invalid
from bot.domain.value_text import is_allowed, key_of, text_of
from bot.domain.values import Composite, SecretText
from bot.domain.workflow import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bot.domain.forms.form import Field, Form, Typed
    from bot.domain.forms.live import LiveForm
    from bot.domain.values import Attachment, Value

_LINES = {Kind.STRING, Kind.PATH, Kind.REGEXP}  # of one line; what is longer is Kind.TEXT
_NAMED = 3  # invisible characters that a message names
NO_FILES: Mapping[str, Attachment] = {}


def read_answers(
    form: Form,
    typed: Mapping[str, Typed],
    found: FormAnswers = FormAnswers(),  # noqa: B008 - it is frozen
    *,
    files: Mapping[str, Attachment] = NO_FILES,
) -> tuple[Argument, ...]:
    """The arguments of a launch; InvalidAnswers names every field that is wrong, seen or not.

    A field left empty becomes None, which Orchestrator receives as "no value". Fields that are not seen hold
    their default, those that can only be read what Orchestrator says.
    """
    live = as_it_stands(form, typed, found)
    problems: dict[str, str] = {}
    arguments = tuple(_argument(each, live, found, files, problems) for each in live.fields)
    if problems:
        raise InvalidAnswers(problems)
    sent = {each.name for each in form.fields if each.sent}
    return tuple(each for each in arguments if each.name in sent)


def problems_of(
    live: LiveForm, names: Iterable[str], found: FormAnswers, *, files: Mapping[str, Attachment] = NO_FILES
) -> dict[str, str]:
    """What is wrong with these fields alone."""
    problems: dict[str, str] = {}
    for each in live.fields:
        _argument(each, live, found, files, problems)
    wanted = set(names)
    return {name: problem for name, problem in problems.items() if name in wanted}


def _argument(
    live: LiveField,
    form: LiveForm,
    found: FormAnswers,
    files: Mapping[str, Attachment],
    problems: dict[str, str],
) -> Argument:
    value: Value = None
    if live.field.control is Control.GROUP:
        value = _group(live, form, found, files, problems)
    else:
        try:
            value = read_field(live, form, found, files=files)
        except Invalid as wrong:
            problems[live.name] = str(wrong)
    return Argument(name=live.field.name, type=live.field.type, value=value)


def _group(
    live: LiveField,
    form: LiveForm,
    found: FormAnswers,
    files: Mapping[str, Attachment],
    problems: dict[str, str],
) -> Value:
    inner: dict[str, str] = {}
    parts = [_argument(each, form, found, files, inner) for each in live.members]
    if all(part.value is None for part in parts) and not live.required:
        return None
    problems |= inner
    return Composite(type=live.field.type.declared, members=tuple((part.name, part.value) for part in parts))


def read_field(
    live: LiveField, form: LiveForm, found: FormAnswers, *, files: Mapping[str, Attachment] = NO_FILES
) -> Value:
    """One field's answer; Invalid says what is wrong. Of what nobody fills in, only the shape counts."""
    field = live.field
    is_theirs = live.visible and not live.read_only
    if field.control is Control.FILE:
        value: Value = files.get(str(live.value))
    elif field.control is Control.NONE and not live.value:
        value = None
    else:
        value = value_of(field, live.value, choices=live.choices if is_theirs else None, found=found)
    if not is_theirs:
        return value
    if value is None or value == ():
        if live.required:
            raise Invalid("This field is required.")
        return value
    for problem in _problems(live, value, form):
        raise Invalid(problem)
    return value


def _problems(live: LiveField, value: Value, form: LiveForm) -> Iterator[str]:
    constraints = live.field.constraints
    items = value if isinstance(value, tuple) else (value,)
    for number, item in enumerate(items, start=1):
        place = "Row" if isinstance(item, Composite) else "Line"
        where = f"{place} {number}: " if isinstance(value, tuple) else ""
        yield from (where + problem for problem in _item_problems(live, item))
    if constraints.measure is Measure.ITEMS and isinstance(value, tuple):
        yield from _range(live, len(value), " entries")
    if constraints.no_duplicates and len(set(map(text_of, items))) < len(items):
        yield "Each entry may stand here once only."
    if constraints.same_as:
        other = form.field(constraints.same_as)
        if other is not None and other.value != live.value:
            yield f"This differs from “{other.field.label}”."


def _hidden(field: Field, text: str) -> Iterator[str]:
    """What nobody can see in a line that was typed: approvers read it, and rules compare it, by its looks.

    Longer texts may hold such characters, as many languages and signs need them; they are marked where shown.
    """
    is_list = field.type.kind is Kind.ARRAY
    kind = field.type.element.kind if is_list else field.type.kind
    is_line = kind in _LINES and (is_list or field.control is not Control.LINES)
    hidden = invisible_in(text) if is_line else ()
    if hidden:
        yield f"This holds what nobody can see: {', '.join(hidden[:_NAMED])}. Type it anew without."


def _item_problems(live: LiveField, item: Value) -> Iterator[str]:
    constraints = live.field.constraints
    text = item.text if isinstance(item, SecretText) else item
    if constraints.only and not is_allowed(item, constraints.only):
        yield "The policy does not allow this here. It allows: " + ", ".join(constraints.only) + "."
    elif isinstance(item, Composite):
        yield from _row_problems(live.field, item)
    elif isinstance(text, str):
        if isinstance(item, str) and live.choices is None:
            yield from _hidden(live.field, item)
        if constraints.measure in {None, Measure.LENGTH}:
            yield from _range(live, len(text), " characters")
        for pattern in live.pattern:
            yield from _misfits(live.field, pattern, text)
    elif isinstance(text, int | float) and not isinstance(text, bool):
        if constraints.whole and not float(text).is_integer():
            yield "A whole number, please."
        if constraints.measure in {None, Measure.NUMBER}:
            yield from _range(live, text, "")


def _misfits(field: Field, pattern: str, text: str) -> Iterator[str]:
    """What is wrong with a text by a pattern; what cannot be checked is not let through."""
    try:
        if not fits(pattern, text):
            advice = dict(field.constraints.advice).get(pattern)
            yield advice or f"This does not have the expected form{_form(field, pattern)}."
    except Uncheckable as why:
        yield f"This could not be checked: its pattern {why}. Whoever drew the form has to mend that."


def _form(field: Field, pattern: str) -> str:
    """What the form is: in somebody's words, or by an example; the pattern itself where nobody said."""
    said = field.constraints.expected.strip().rstrip(".")
    if said:
        return f": {said}"
    return f", such as {field.placeholder}" if field.placeholder.strip() else f" ({pattern})"


def _row_problems(field: Field, row: Composite) -> Iterator[str]:
    """What is wrong with the members of a row, as far as their columns say it without asking anybody."""
    for column in field.members:
        value = dict(row.members).get(column.name)
        listed = column.choices if isinstance(column.choices, tuple) else ()
        if value is None:
            problems: Iterable[str] = ["A value is required."] if column.constraints.required is True else []
        elif listed and key_of(value) not in map(key_of, (each.value for each in listed)):
            problems = ["Choose one of: " + ", ".join(each.label for each in listed) + "."]
        else:
            problems = _item_problems(_as_drawn(column), value)
        yield from (f"{column.label}: {problem[0].lower()}{problem[1:]}" for problem in problems)


def _as_drawn(column: Field) -> LiveField:
    given = column.constraints
    return LiveField(
        field=column,
        name=column.name,
        minimum=tuple(each for each in given.minimum if isinstance(each, int | float)),
        maximum=tuple(each for each in given.maximum if isinstance(each, int | float)),
        pattern=tuple(each for each in given.pattern if isinstance(each, str)),
    )


def _range(live: LiveField, size: float, unit: str) -> Iterator[str]:
    if live.minimum and size < max(live.minimum):
        yield f"At least {max(live.minimum):g}{unit}, please."
    if live.maximum and size > min(live.maximum):
        yield f"At most {min(live.maximum):g}{unit}, please."


def answers_from(form: Form, arguments: Iterable[Argument]) -> dict[str, Typed]:
    """What stands in a form that is filled in from former arguments; secrets and files are not."""
    given = {each.name: each.value for each in arguments}
    typed: dict[str, Typed] = {}
    for field in form.fields:
        value = given.get(field.name)
        if field.name not in given or value is None:
            continue
        inner = dict(value.members) if isinstance(value, Composite) else {}
        for member in field.members if field.control is Control.GROUP else ():
            typed |= _kept(replace(member, name=f"{field.name}.{member.name}"), inner.get(member.name))
        typed |= _kept(field, value)
    return typed


def _kept(field: Field, value: Value) -> dict[str, Typed]:
    typed = typed_of(field, value)
    return {field.name: typed} if typed else {}
