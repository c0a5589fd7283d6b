"""A custom form of 8 and 9, read as far as it can be: the rest is among its remarks."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.forms.form import (
    SECRETS,
    UNTOLD,
    Constraints,
    Control,
    FacetSource,
    Field,
    Form,
    Note,
    Origin,
    Page,
    Section,
    Validation,
)
from bot.domain.forms.plain import plain_field
from bot.domain.forms.text import typed_of
from bot.domain.workflow import Parameter, ParameterType
from bot.orchestrator.forms.bare import declared
from bot.orchestrator.forms.controls import COMBOBOX, control_for
from bot.orchestrator.forms.facets import Facets
from bot.orchestrator.forms.shapes import DescribedField, ShownState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.domain.values import Value
    from bot.domain.workflow import Workflow
    from bot.orchestrator.forms.shapes import ExternalValidation, FormAnswer, PlacedField, PlacedPage

_ONLY_READ = {"text", "link", "image"}
_MARKUP = re.compile(r"<[^>]*>")
_ABSENT = "The form does not show it, so it is left empty."
_PRESET = "The form does not show it; it is sent as the form has it."


def custom_form(answer: FormAnswer, workflow: Workflow) -> Form:
    """The form of a workflow; every input is in it, those the form does not show are out of sight."""
    return _CustomDrawing(answer, workflow).form()


class _CustomDrawing:
    def __init__(self, answer: FormAnswer, workflow: Workflow) -> None:
        self._answer = answer
        self._inputs = {each.name: each for each in workflow.inputs}
        self._facets = Facets()
        self._placed: set[str] = set()
        self._decorations: dict[str, str] = {}  # by field, whether it is a text, a link or an image

    def form(self) -> Form:
        pages = [self._page(each) for each in self._answer.layout.pages]
        rest = tuple(self._unplaced())
        if rest:
            pages.append(Page(id="unplaced", title="More inputs", sections=(Section(fields=rest),)))
        form = Form(
            pages=tuple(pages),
            validations=tuple(self._validations(self._answer.options.external_validations)),
            origin=Origin.CUSTOM_FORM,
        )
        needed = frozenset[str]().union(*(each.depends_on for each in form.sources))
        form = form.with_each(lambda field: self._as_note(field, needed))
        self._remark_on_secrets(form)
        return replace(form, remarks=tuple(self._facets.remarks))

    def _page(self, page: PlacedPage) -> Page:
        sections = tuple(
            Section(title=section.title, fields=tuple(self._parts(section.fields)))
            for section in page.sections
        )
        return Page(
            id=page.id,
            title=page.title,
            sections=tuple(section for section in sections if section.fields),
            visible=self._facets.flag(
                page.state.visible, field="", what=f"When page “{page.title}” is shown", otherwise=True
            ),
        )

    def _parts(self, placed: tuple[PlacedField, ...]) -> Iterator[Field]:
        for each in placed:
            if not each.id or each.id in self._placed:
                continue
            self._placed.add(each.id)
            described = self._answer.described.get(each.id)
            if described is None and each.id not in self._inputs:
                self._facets.remark(each.id, "The form places it but does not say what it is.")
            else:
                yield self._part(each, described or DescribedField(label=each.id))

    def _part(self, placed: PlacedField, described: DescribedField) -> Field:
        field = self._field_of(placed.id, display=placed.display, described=described, state=placed.state)
        if placed.display not in _ONLY_READ:
            return field
        self._decorations[placed.id] = placed.display
        return replace(field, read_only=True)

    def _as_note(self, field: Field, needed: frozenset[str]) -> Field | Note | None:
        """What is no input and nothing depends on is only read, unless it changes with what is typed."""
        if field.sent or field.name in needed or isinstance(field.default, FacetSource):
            return field
        if isinstance(field.visible, FacetSource):
            return replace(field, read_only=True)
        return _note(field, self._decorations.get(field.name, "")) if field.visible else None

    def _unplaced(self) -> Iterator[Field]:
        """Inputs without a place: hidden, with the default they may have."""
        for name in (each for each in self._inputs if each not in self._placed):
            described = self._answer.described.get(name, DescribedField())
            field = self._field_of(name, display="", described=described, state=ShownState(visible=False))
            self._facets.remark(name, _ABSENT if field.default == "" else _PRESET)
            yield replace(field, constraints=replace(field.constraints, required=False))

    # one field

    def _field_of(self, name: str, *, display: str, described: DescribedField, state: ShownState) -> Field:
        parameter = self._inputs.get(name) or _parameter(name, described)
        plain = plain_field(parameter)
        choices = self._facets.choices(described.value_list, _element(parameter.type), field=name)
        control = control_for(display, parameter.type, choices)
        hints = (described.description, described.signpost, parameter.description)
        hint = next((each for each in hints if each and each != described.label), "")
        field = Field(
            name=name,
            type=parameter.type,
            label=described.label or name,
            hint=hint,
            placeholder=described.placeholder,
            control=control,
            choices=choices,
            suggested=display == COMBOBOX,
            constraints=self._facets.constraints(described, parameter.type, field=name, display=display),
            visible=self._facets.flag(state.visible, field=name, what="When it is shown", otherwise=True),
            read_only=self._facets.flag(
                state.read_only, field=name, what="When it may only be read", otherwise=False
            ),
            members=tuple(self._members(name, plain, described)),
            sent=name in self._inputs,
        )
        return self._with_default(field, described.default)

    def _members(self, name: str, plain: Field, described: DescribedField) -> Iterator[Field]:
        """The members the type has, as far as the form describes them as columns."""
        columns = {each.id: each for each in described.type.fields}
        for member in plain.members:
            column = columns.get(member.name)
            if column is None:
                yield replace(member, constraints=Constraints())
                continue
            choices = self._facets.choices(column.value_list, member.type, field=name)
            drawn = replace(
                member,
                label=column.label or member.name,
                hint=column.description or column.signpost,
                placeholder=column.placeholder,
                control=control_for("", member.type, choices),
                choices=choices,
                constraints=self._facets.constraints(column, member.type, field=name),
            )
            yield self._with_default(drawn, column.default)

    def _with_default(self, field: Field, raw: object) -> Field:
        if raw is None or raw == "":
            return field
        if field.control in SECRETS:
            self._facets.remark(field.name, "Its default is a secret, so it is not used here.")
            return field
        default = self._facets.default(raw, field.type, field=field.name)
        if isinstance(default, FacetSource):
            return replace(field, default=default)
        if field.control is Control.GROUP:
            return _with_member_defaults(field, default)
        return replace(field, default=typed_of(field, default))

    # the form as a whole

    def _validations(self, listed: tuple[ExternalValidation, ...]) -> Iterator[Validation]:
        for each in listed:
            what = f"The check “{each.label}”" if each.label else "One of its checks"
            source = self._facets.source(each.source, field="", what=what)
            if source is None:
                self._facets.remark("", f"{what} could not be read, so it is not made.")
                continue
            targets = [each.target] if isinstance(each.target, str) else each.target or []
            yield Validation(source=source, targets=tuple(map(str, targets)), label=each.label)

    def _remark_on_secrets(self, form: Form) -> None:
        undelivered = {each.name for each in form.fields if each.control in UNTOLD}
        for each in form.validations:
            if not undelivered.isdisjoint(each.source.depends_on):
                self._facets.remark(
                    "", f"The check “{each.label}” reads a secret or a file; it is not made here."
                )


def _parameter(name: str, described: DescribedField) -> Parameter:
    """What a field that is no input is taken for."""
    kind = described.type
    told: Mapping[str, object] = {
        "dataType": kind.data_type,
        "isMultiple": kind.is_multiple,
        "referenceType": kind.reference_type,
    }
    return Parameter(name=name, type=ParameterType(declared=declared(told)))


def _element(kind: ParameterType) -> ParameterType:
    """What one entry of a list of choices is."""
    return kind.element if kind.declared.startswith("Array/") else kind


def _with_member_defaults(field: Field, value: Value) -> Field:
    given = dict(getattr(value, "members", ()))
    members = (replace(each, default=typed_of(each, given.get(each.name))) for each in field.members)
    return replace(field, members=tuple(members))


def _note(field: Field, display: str) -> Note:
    """What is only read: a link by its address, anything else by its label and what stands in it."""
    label = field.label if field.label != field.name else ""
    membership = field.default if isinstance(field.default, str) else ""
    text = html.unescape(_MARKUP.sub("", membership)).strip()
    match display:
        case "link" | "image" if text.startswith(("https://", "http://")):
            return Note(text=label or text, link=text)
        case "text":
            return Note(text=text or label)
        case _:
            return Note(text=": ".join(each for each in (label, text) if each) or field.name)
