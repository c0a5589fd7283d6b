"""How a form stands: with what was typed, and what Orchestrator said of it so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from bot.domain.forms.form import UNTOLD, Choice, Control, FacetSource, Note, SourceKind
from bot.domain.forms.settling import Settling
from bot.domain.value_text import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.domain.forms.form import Field, Form, Page, Typed, Validation
    from bot.domain.forms.found import FormAnswers, SourceQuery, Trouble


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

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """What names each of its choices."""
        return tuple(key_of(each.value) for each in self.choices or ())


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
    questions: tuple[SourceQuery, ...]  # what has to be asked to know the rest

    def field(self, name: str) -> LiveField | None:
        """The field of that name; `group.member` is a member of a group."""
        every = (inner for each in self.fields for inner in (each, *each.members))
        return next((each for each in every if each.name == name), None)


def as_it_stands(form: Form, typed: Mapping[str, Typed], found: FormAnswers) -> LiveForm:
    """Settle every facet with what is known; whatever is not known yet is among the questions."""
    settling = Settling(form, typed, found)
    by_name = {each.name: _field(each, each.name, settling) for each in form.fields}
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


def checks(
    form: Form, typed: Mapping[str, Typed], found: FormAnswers
) -> tuple[tuple[Validation, SourceQuery], ...]:
    """The form's own checks with what they are to be asked, but for those that read a secret or a file."""
    settling = Settling(form, typed, found)
    undelivered = {each.name for each in form.fields if each.control in UNTOLD}
    told = (each for each in form.validations if undelivered.isdisjoint(each.source.depends_on))
    return tuple((each, settling.question(each.source)) for each in told)


def _parts(page: Page, by_name: Mapping[str, LiveField]) -> Iterator[str | Note | LiveField]:
    for section in page.sections:
        parts = [each if isinstance(each, Note) else by_name[each.name] for each in section.fields]
        seen = [each for each in parts if isinstance(each, Note) or each.visible]
        if seen and section.title:
            yield section.title
        yield from seen


def _field(field: Field, name: str, settling: Settling) -> LiveField:
    """The field with every facet settled."""
    with settling.apart():
        settled = _settled(field, name, settling)
        return replace(
            settled,
            loading=settling.loading,
            troubles=tuple(dict.fromkeys(settling.troubles)),
            unchecked=_is_asked_for(field.choices) and settled.choices is None and not settling.loading,
        )


def _is_asked_for(choices: tuple[Choice, ...] | FacetSource | None) -> bool:
    return isinstance(choices, FacetSource) and choices.kind is not SourceKind.INVENTORY


def _settled(field: Field, name: str, settling: Settling) -> LiveField:
    given, facet = field.constraints, settling.facet
    members = field.members if field.control is Control.GROUP else ()
    patterns = (facet(each, unknown="", failed="") for each in given.pattern)
    return LiveField(
        field=field,
        name=name,
        visible=facet(field.visible, unknown=False, failed=True),
        read_only=facet(field.read_only, unknown=False, failed=False),
        required=facet(given.required, unknown=False, failed=False),
        value=settling.value(field, name),
        default=settling.default(field),
        choices=settling.choices(field),
        minimum=tuple(settling.bounds(given.minimum)),
        maximum=tuple(settling.bounds(given.maximum)),
        pattern=tuple(filter(None, patterns)),
        members=tuple(_field(each, f"{name}.{each.name}", settling) for each in members),
    )


def _unseen(live: LiveField) -> LiveField:
    """A field nobody sees holds its default, whatever was typed while it was seen."""
    members = tuple(_unseen(each) for each in live.members)
    return replace(live, visible=False, value=live.default, members=members)
