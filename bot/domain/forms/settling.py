"""Settling a form: what each facet is, by what was typed and by what Orchestrator answered so far."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from bot.domain.execution import Argument
from bot.domain.forms.comparing import compare
from bot.domain.forms.form import UNTOLD, Choice, Comparison, FacetSource, FieldValue, SourceKind
from bot.domain.forms.found import Answer, SourceQuery, Trouble
from bot.domain.forms.text import typed_of, value_of
from bot.domain.typed import Invalid, read_value
from bot.domain.value_text import is_allowed, text_of
from bot.domain.workflow import ParameterType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bot.domain.forms.form import Field, Form, Literal, Typed, WhenCase
    from bot.domain.forms.found import FormAnswers
    from bot.domain.values import Value

T = TypeVar("T")
_TEXT = ParameterType(declared="string")


class Settling:
    """One settling: the values of fields are worked out once, and a circle of them ends as empty."""

    def __init__(self, form: Form, typed: Mapping[str, Typed], found: FormAnswers) -> None:
        self._form = form
        self._typed = typed
        self._found = found
        self._values: dict[str, Typed] = {}  # of fields that wait for nothing
        self._given: dict[str, Value] = {}  # the same, as sources are told it
        self._busy: set[str] = set()
        self._pages = {each.name: page for page in form.pages for each in page.fields}
        self.questions: dict[SourceQuery, None] = {}  # in the order they came up
        self.loading = False  # an answer is still to come
        self.troubles: list[Trouble] = []

    def facet(self, facet: T | FacetSource, *, unknown: T, failed: T) -> T:
        """The facet: as it is, as its source said, or a stand-in."""
        if not isinstance(facet, FacetSource):
            return facet
        answer = self._ask(facet)
        if answer is None:
            self.loading = True
            return unknown
        if isinstance(answer, Trouble):
            self.troubles.append(answer)
            return failed
        made = _made(answer.value, like=failed)
        if made is not None:
            return cast("T", made)
        if answer.value is not None:
            self.troubles.append(Trouble.NONSENSE)
        return unknown if facet.kind in {SourceKind.CASES, SourceKind.JOINED} else failed

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What waits or fails in here is told apart from what did so before."""
        outer = self.loading, self.troubles
        self.loading, self.troubles = False, []
        try:
            yield
        finally:
            self.loading, self.troubles = outer

    def bounds(self, bounds: tuple[float | FacetSource, ...]) -> Iterator[float]:
        """Those of the bounds that are known."""
        for each in bounds:
            bound = self.facet(each, unknown=None, failed=None) if isinstance(each, FacetSource) else each
            number = _number(bound)
            if number is not None:
                yield number
            elif bound is not None:
                self.troubles.append(Trouble.NONSENSE)

    def choices(self, field: Field) -> tuple[Choice, ...] | None:
        """Its list as far as it is known; None where there is none."""
        if not isinstance(field.choices, FacetSource):
            return _only(field, field.choices)
        if field.choices.kind is SourceKind.INVENTORY:
            return None
        answer = self._ask(field.choices)
        if answer is None:
            self.loading = True
            return None
        listed = answer if isinstance(answer, Trouble) else answer.choices
        if isinstance(listed, Trouble):
            self.troubles.append(listed)
            return None
        return _only(field, listed)

    def default(self, field: Field) -> Typed:
        """What stands in it before anybody types."""
        if not isinstance(field.default, FacetSource):
            return field.default
        answer = self._ask(field.default)
        if answer is None:
            self.loading = True
            return ""
        if isinstance(answer, Trouble):
            self.troubles.append(answer)
            return ""
        return typed_of(field, answer.value)

    def value(self, field: Field, name: str) -> Typed:
        """What stands in the field: what was typed where that counts, else the default."""
        if name in self._values:
            return self._values[name]
        if name in self._busy:
            return ""
        self._busy.add(name)
        value = self._typed[name] if self._counts(field, name) else self.default(field)
        self._busy.discard(name)
        if not self.loading:
            self._values[name] = value
        return value

    def _counts(self, field: Field, name: str) -> bool:
        """Whether what was typed counts: only what is seen and may be changed is anybody's to type."""
        page = self._pages.get(name.partition(".")[0])
        seen = (page.visible if page else True, field.visible)
        return (
            name in self._typed
            and all(self.facet(each, unknown=True, failed=True) for each in seen)
            and not self.facet(field.read_only, unknown=False, failed=False)
        )

    def _ask(self, source: FacetSource) -> Answer | Trouble | None:
        """What the source answers; None while that is not known, and then it is a question."""
        if source.kind is SourceKind.CASES:
            return self._case(source)
        inputs = [self._input(name, given) for name, given in source.inputs]
        if None in inputs:
            return None
        if source.kind is SourceKind.JOINED:
            joined = _joined(each.value for each in inputs if each is not None)
            return joined.trouble or joined
        question = self.question(source)
        answer = self._found.answer(question)
        if answer is None:
            self.questions[question] = None
            return None
        return answer.trouble or answer

    def question(self, source: FacetSource) -> SourceQuery:
        """What the source is to be asked; a field that still waits for an answer gives nothing."""
        inputs = [
            self._input(name, given) or Argument(name=name, type=_TEXT, value=None)
            for name, given in source.inputs
        ]
        return SourceQuery(kind=source.kind, id=source.id, inputs=tuple(inputs))

    def _input(self, name: str, given: FieldValue | Literal) -> Argument | None:
        return self._argument(name, given.field) if isinstance(given, FieldValue) else _constant(name, given)

    def _case(self, source: FacetSource) -> Answer | None:
        """What the first case says that is true; nothing if none is."""
        for case in source.cases:
            is_true = (
                self._is_empty(case.field) if case.by == Comparison.EMPTY.value else self._compares(case)
            )
            if is_true is None:
                return None
            if is_true is case.holds:
                return Answer(value=case.then)
        return Answer(value=None)

    def _compares(self, case: WhenCase) -> bool | None:
        """Whether its comparison is true; None while the field waits for an answer."""
        held = self._argument(case.field, case.field)
        return None if held is None else compare(held.value, Comparison(case.by), case.value)

    def _is_empty(self, name: str) -> bool | None:
        """Whether nothing stands in a field, also in one whose value no source is told."""
        field = self._form.field(name)
        if field is None:
            return True
        with self.apart():
            typed = self.value(field, name)
            return None if self.loading else typed in {"", (), "false"}

    def _argument(self, name: str, field_name: str) -> Argument | None:
        """A field's value as an input of a source; None while the field itself waits for an answer.

        Secrets are nobody's to know but the run's, and files are too large to ask about.
        """
        field = self._form.field(field_name)
        if field is None or field.control in UNTOLD:
            return Argument(name=name, type=_TEXT, value=None)
        if field_name not in self._given:
            with self.apart():
                typed = self.value(field, field_name)
                if self.loading:
                    return None
                try:
                    value = value_of(field, typed, choices=self.choices(field), found=self._found)
                except Invalid:
                    value = None
            self._given[field_name] = value
        return Argument(name=name, type=field.type, value=self._given[field_name])


def _constant(name: str, given: Literal) -> Argument:
    kind = ParameterType(declared=given.type)
    try:
        return Argument(name=name, type=kind, value=read_value(kind, given.value))
    except Invalid:
        return Argument(name=name, type=_TEXT, value=given.value)


def _joined(values: Iterable[Value]) -> Answer:
    try:
        return Answer(value="".join(map(text_of, values)))
    except TypeError:
        return Answer(trouble=Trouble.NONSENSE)


def _only(field: Field, choices: tuple[Choice, ...] | None) -> tuple[Choice, ...] | None:
    """The choices the policy allows of these."""
    only = field.constraints.only
    if choices is None or not only:
        return choices
    return tuple(each for each in choices if is_allowed(each.value, only))


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
