"""How a form stands: with what was typed, and what Orchestrator said of it so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast

from bot.domain.execution import Argument
from bot.domain.forms.form import SECRETS, Choice, Control, FieldValue, Note, Source, SourceKind
from bot.domain.forms.found import Answer, Question, Trouble
from bot.domain.forms.text import key_of, text_of, typed_of, value_of
from bot.domain.typed import Invalid, read_value
from bot.domain.values import Properties, SdkObject
from bot.domain.workflow import ParameterType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.domain.forms.form import Field, Form, Literal, Page, Typed
    from bot.domain.forms.found import Found
    from bot.domain.values import Value

T = TypeVar("T")
_TEXT = ParameterType(declared="string")


@dataclass(frozen=True, kw_only=True)
class LiveField:
    """A field as it stands now."""

    field: Field
    name: str  # `group.member` for a member of a group
    visible: bool = True
    read_only: bool = False
    required: bool = False
    value: Typed = ""  # what stands in it: what was typed, else the default
    default: Typed = ""
    choices: tuple[Choice, ...] | None = None
    minimum: tuple[float, ...] = ()
    maximum: tuple[float, ...] = ()
    pattern: tuple[str, ...] = ()
    loading: bool = False  # something of it is still being worked out
    troubles: tuple[Trouble, ...] = ()  # some of it could not be
    unchecked: bool = False  # there should be a list, but there is none: anything may be typed
    members: tuple[LiveField, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LivePage:
    """A page as it stands now: its parts in order, a title for each section that has one."""

    page: Page
    parts: tuple[str | Note | LiveField, ...]

    @property
    def fields(self) -> tuple[LiveField, ...]:
        """What can be seen on it to fill in or to read, groups taken apart."""
        return tuple(
            inner for part in self.parts if isinstance(part, LiveField) for inner in (part.members or (part,))
        )


@dataclass(frozen=True, kw_only=True)
class LiveForm:
    """A form as it stands now."""

    pages: tuple[LivePage, ...]  # those that are visible
    fields: tuple[LiveField, ...]  # all of them, seen or not
    questions: tuple[Question, ...]  # what has to be asked to know the rest

    def field(self, name: str) -> LiveField | None:
        """The field of that name; `group.member` is a member of a group."""
        every = (inner for each in self.fields for inner in (each, *each.members))
        return next((each for each in every if each.name == name), None)


def as_it_stands(form: Form, typed: Mapping[str, Typed], found: Found) -> LiveForm:
    """Settle every facet with what is known; whatever is not known yet is among the questions."""
    settling = _Settling(form, typed, found)
    by_name = {each.name: settling.field(each, each.name) for each in form.fields}
    pages = tuple(
        LivePage(page=page, parts=tuple(_parts(page, by_name)))
        for page in form.pages
        if settling.facet(page.visible, unknown=False, failed=True)
    )
    shown = {part.name for page in pages for part in page.parts if isinstance(part, LiveField)}
    return LiveForm(
        pages=tuple(page for page in pages if page.parts),
        fields=tuple(each if each.name in shown else _unseen(each) for each in by_name.values()),
        questions=tuple(settling.questions),
    )


def _parts(page: Page, by_name: Mapping[str, LiveField]) -> Iterator[str | Note | LiveField]:
    for section in page.sections:
        parts = [each if isinstance(each, Note) else by_name[each.name] for each in section.fields]
        seen = [each for each in parts if isinstance(each, Note) or each.visible]
        if seen and section.title:
            yield section.title
        yield from seen


class _Settling:
    """One settling: the values of fields are worked out once, and a circle of them ends as empty."""

    def __init__(self, form: Form, typed: Mapping[str, Typed], found: Found) -> None:
        self._form = form
        self._typed = typed
        self._found = found
        self._values: dict[str, Typed] = {}
        self._busy: set[str] = set()
        self.questions: dict[Question, None] = {}  # in the order they came up
        self._loading = False
        self._troubles: list[Trouble] = []

    def facet(self, facet: T | Source, *, unknown: T, failed: T) -> T:
        """The facet: as it is, as its source said, or a stand-in."""
        if not isinstance(facet, Source):
            return facet
        answer = self._ask(facet)
        if answer is None:
            self._loading = True
            return unknown
        if isinstance(answer, Trouble):
            self._troubles.append(answer)
            return failed
        made = _made(answer.value, like=failed)
        if made is None:
            return unknown if facet.kind is SourceKind.CASES else failed
        return cast("T", made)

    def field(self, field: Field, name: str) -> LiveField:
        """The field with every facet settled."""
        outer = self._loading, self._troubles
        self._loading, self._troubles = False, []
        try:
            return self._settled(field, name)
        finally:
            self._loading, self._troubles = outer

    def _settled(self, field: Field, name: str) -> LiveField:
        given = field.constraints
        choices = self._choices(field)
        read_only = self.facet(field.read_only, unknown=False, failed=False)
        members: tuple[LiveField, ...] = ()
        if field.control is Control.GROUP:
            members = tuple(self.field(each, f"{name}.{each.name}") for each in field.members)
        settled = LiveField(
            field=field,
            name=name,
            visible=self.facet(field.visible, unknown=False, failed=True),
            read_only=read_only,
            required=self.facet(given.required, unknown=False, failed=False),
            value=self._value(field, name),
            default=self._default(field),
            choices=choices,
            minimum=tuple(self._bounds(given.minimum)),
            maximum=tuple(self._bounds(given.maximum)),
            pattern=tuple(filter(None, (self.facet(each, unknown="", failed="") for each in given.pattern))),
            members=members,
        )
        return replace(
            settled,
            loading=self._loading,
            troubles=tuple(dict.fromkeys(self._troubles)),
            unchecked=isinstance(field.choices, Source) and choices is None and not self._loading,
        )

    def _bounds(self, bounds: tuple[float | Source, ...]) -> Iterator[float]:
        for each in bounds:
            bound = self.facet(each, unknown=None, failed=None) if isinstance(each, Source) else each
            number = _number(bound)
            if number is not None:
                yield number

    def _choices(self, field: Field) -> tuple[Choice, ...] | None:
        if not isinstance(field.choices, Source):
            return _only(field, field.choices)
        if field.choices.kind is SourceKind.INVENTORY:
            return None
        answer = self._ask(field.choices)
        if answer is None:
            self._loading = True
            return None
        listed = answer if isinstance(answer, Trouble) else _listed(answer.value)
        if isinstance(listed, Trouble):
            self._troubles.append(listed)
            return None
        return _only(field, listed)

    def _default(self, field: Field) -> Typed:
        if not isinstance(field.default, Source):
            return field.default
        answer = self._ask(field.default)
        if answer is None:
            self._loading = True
            return ""
        if isinstance(answer, Trouble):
            self._troubles.append(answer)
            return ""
        return typed_of(field, answer.value)

    def _value(self, field: Field, name: str) -> Typed:
        """What stands in the field: what was typed where that counts, else the default."""
        if name in self._values:
            return self._values[name]
        if name in self._busy:
            return ""
        self._busy.add(name)
        counts = (
            name in self._typed
            and self.facet(field.visible, unknown=True, failed=True)
            and not self.facet(field.read_only, unknown=False, failed=False)
        )
        value = self._typed[name] if counts else self._default(field)
        self._busy.discard(name)
        self._values[name] = value
        return value

    def _ask(self, source: Source) -> Answer | Trouble | None:
        """What the source answers; None while that is not known, and then it is a question."""
        if source.kind is SourceKind.CASES:
            return self._case(source)
        inputs = []
        for name, given in source.inputs:
            if isinstance(given, FieldValue):
                argument = self._argument(name, given.field)
                if argument is None:
                    return None
                inputs.append(argument)
            else:
                inputs.append(_constant(name, given))
        question = Question(kind=source.kind, id=source.id, inputs=tuple(inputs))
        answer = self._found.answer(question)
        if answer is None:
            self.questions[question] = None
            return None
        return answer.trouble or answer

    def _case(self, source: Source) -> Answer | None:
        """What the first case says that is true; nothing if none is."""
        for case in source.cases:
            held = self._argument(case.field, case.field)
            if held is None:
                return None
            if (_compared(held.value) == _compared(case.value)) is case.holds:
                return Answer(value=case.then)
        return Answer(value=None)

    def _argument(self, name: str, field_name: str) -> Argument | None:
        """A field's value as an input of a source; None while the field itself waits for an answer.

        Secrets are nobody's to know but the run's.
        """
        field = self._form.field(field_name)
        if field is None or field.control in SECRETS:
            return Argument(name=name, type=_TEXT, value=None)
        outer = self._loading, self._troubles
        self._loading, self._troubles = False, []
        try:
            typed = self._value(field, field_name)
            if self._loading:
                return None
            value = value_of(field, typed, choices=self._choices(field), found=self._found)
        except Invalid:
            value = None
        finally:
            self._loading, self._troubles = outer
        return Argument(name=name, type=field.type, value=value)


def _constant(name: str, given: Literal) -> Argument:
    kind = ParameterType(declared=given.type)
    try:
        return Argument(name=name, type=kind, value=read_value(kind, given.value))
    except Invalid:
        return Argument(name=name, type=_TEXT, value=given.value)


def _compared(value: Value) -> str:
    """A value as conditions see it: what was not ticked is the same as nothing."""
    return "" if value is False else key_of(value)


def _unseen(live: LiveField) -> LiveField:
    """A field nobody sees holds its default, whatever was typed while it was seen."""
    members = tuple(_unseen(each) for each in live.members)
    return replace(live, visible=False, value=live.default, members=members)


def _only(field: Field, choices: tuple[Choice, ...] | None) -> tuple[Choice, ...] | None:
    """The choices the policy allows of these."""
    only = field.constraints.only
    if choices is None or not only:
        return choices
    return tuple(each for each in choices if key_of(each.value) in only)


def _made(value: Value, *, like: object) -> object:
    """An answer as the facet needs it; None if it says nothing."""
    match like:
        case bool():
            return {"true": True, "false": False}.get(str(value).lower())
        case str():
            return None if value is None else text_of(value)
        case _:
            return value


def _number(value: object) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(str(value))
    except ValueError:
        return None


def _listed(value: Value) -> tuple[Choice, ...] | Trouble:
    """An answer as a list of choices: of values, or of properties with `label` and `value`."""
    match value:
        case None:
            return ()
        case Properties(entries=pairs):
            return tuple(Choice(value=key, label=text_of(inner)) for key, inner in pairs)
        case tuple():
            return tuple(_choice(each) for each in value if each is not None)
        case str() if value:
            return tuple(Choice(value=line, label=line) for line in value.splitlines())
        case _:
            return Trouble.NONSENSE


def _choice(value: Value) -> Choice:
    if isinstance(value, Properties):
        pairs = dict(value.entries)
        if "value" in pairs:
            return Choice(value=pairs["value"], label=text_of(pairs.get("label", pairs["value"])))
    if isinstance(value, SdkObject):
        return Choice(value=value, label=value.name or value.id)
    return Choice(value=value, label=text_of(value))
