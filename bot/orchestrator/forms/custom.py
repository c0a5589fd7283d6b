"""A custom form of 8 and 9, read as far as it can be: the rest is among its remarks."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from bot.domain.forms.form import (
    SECRETS,
    Constraints,
    Control,
    Field,
    Form,
    Note,
    Origin,
    Page,
    Section,
    Source,
    Validation,
)
from bot.domain.forms.plain import plain_field
from bot.domain.forms.text import typed_of
from bot.domain.workflow import Parameter, ParameterType
from bot.orchestrator.forms.controls import COMBOBOX, INTEGER, control_for, measure_of
from bot.orchestrator.forms.facets import Facets, declared
from bot.orchestrator.forms.shapes import DescribedField, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.domain.values import Value
    from bot.domain.workflow import Workflow
    from bot.orchestrator.forms.shapes import ExternalValidation, FormAnswer, PlacedField, PlacedPage

_Part: TypeAlias = Field | Note
_ONLY_READ = {"text", "link", "image"}
_CONSTRAINTS = {"required", "min-value", "max-value", "pattern", "regex", "match"}
_MARKUP = re.compile(r"<[^>]*>")
_ABSENT = "The form does not show it, so it is left empty."
_PRESET = "The form does not show it; it is sent as the form has it."


def custom_form(answer: FormAnswer, workflow: Workflow) -> Form:
    """The form of a workflow; every input is in it, those the form does not show are out of sight."""
    return _Drawing(answer, workflow).form()


class _Drawing:
    def __init__(self, answer: FormAnswer, workflow: Workflow) -> None:
        self._answer = answer
        self._inputs = {each.name: each for each in workflow.inputs}
        self._facets = Facets()
        self._placed: set[str] = set()

    def form(self) -> Form:
        pages = tuple(self._page(each) for each in self._answer.layout.pages)
        validations = tuple(self._validations(self._answer.options.external_validations))
        rest = tuple(self._unplaced())
        form = Form(
            pages=(*pages, Page(id="unplaced", title="More inputs", sections=(Section(fields=rest),)))
            if rest
            else pages,
            validations=validations,
            remarks=tuple(self._facets.remarks),
            origin=Origin.CUSTOM_FORM,
        )
        return _with_notes(form)

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

    def _parts(self, placed: tuple[PlacedField, ...]) -> Iterator[_Part]:
        for each in placed:
            if not each.id or each.id in self._placed:
                continue
            self._placed.add(each.id)
            described = self._answer.described.get(each.id)
            if described is None and each.id not in self._inputs:
                self._facets.remark(each.id, "The form places it but does not say what it is.")
            else:
                yield self._part(each, described or DescribedField(label=each.id))

    def _part(self, placed: PlacedField, described: DescribedField) -> _Part:
        is_input = placed.id in self._inputs
        if not is_input and placed.display in _ONLY_READ and isinstance(described.default, str | None):
            return _note(placed.display, described)
        field = self._field(placed, described)
        only_read = placed.display in _ONLY_READ
        return replace(field, read_only=True) if only_read else field

    def _unplaced(self) -> Iterator[Field]:
        """Inputs without a place: hidden, with the default they may have."""
        for name in (each for each in self._inputs if each not in self._placed):
            described = self._answer.described.get(name, DescribedField())
            field = self._field_of(name, display="", described=described, state=State(visible=False))
            self._facets.remark(name, _ABSENT if field.default == "" else _PRESET)
            yield replace(field, constraints=replace(field.constraints, required=False))

    # one field

    def _field(self, placed: PlacedField, described: DescribedField) -> Field:
        return self._field_of(placed.id, display=placed.display, described=described, state=placed.state)

    def _field_of(self, name: str, *, display: str, described: DescribedField, state: State) -> Field:
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
            constraints=self._constraints(name, display, parameter.type, described),
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
                constraints=self._constraints(name, "", member.type, column),
            )
            yield self._with_default(drawn, column.default)

    def _constraints(
        self, name: str, display: str, kind: ParameterType, described: DescribedField
    ) -> Constraints:
        given = described.constraints
        for strange in given.keys() - _CONSTRAINTS:
            self._facets.remark(
                name, f"Its constraint “{strange[:40]}” is not understood, so it is not checked."
            )
        pattern, advice = self._facets.pattern(given.get("pattern") or given.get("regex"), field=name)
        same_as = given.get("match")
        return Constraints(
            required=self._facets.flag(
                given.get("required"), field=name, what="Whether it is required", otherwise=False
            ),
            minimum=self._facets.bounds(given.get("min-value"), field=name, what="Its minimum"),
            maximum=self._facets.bounds(given.get("max-value"), field=name, what="Its maximum"),
            measure=measure_of(kind),
            pattern=(pattern,) if pattern else (),
            advice=((pattern, advice),) if advice and isinstance(pattern, str) else (),
            whole=display == INTEGER or described.type.data_type == "integer",
            same_as=same_as if isinstance(same_as, str) else "",
        )

    def _with_default(self, field: Field, raw: object) -> Field:
        if raw is None or raw == "":
            return field
        if field.control in SECRETS:
            self._facets.remark(field.name, "Its default is a secret, so it is not used here.")
            return field
        default = self._facets.default(raw, field.type, field=field.name)
        if isinstance(default, Source):
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


# what is no input


def _note(display: str, described: DescribedField) -> Note:
    text = html.unescape(_MARKUP.sub("", described.default or "")).strip()
    if display == "text":
        return Note(text=text or described.label)
    return Note(text=described.label or text, link=text)


def _with_notes(form: Form) -> Form:
    """Fields that are no inputs and that nothing depends on are only read."""
    sources = [source for each in form.fields for source in each.sources]
    sources += [each.visible for each in form.pages if isinstance(each.visible, Source)]
    sources += [each.source for each in form.validations]
    needed = frozenset[str]().union(*(each.depends_on for each in sources))

    def one(field: Field) -> Field | Note:
        if field.sent or field.name in needed or isinstance(field.default, Source):
            return field
        said = (field.label if field.label != field.name else "", field.default)
        return Note(text=": ".join(each for each in said if isinstance(each, str) and each) or field.name)

    return form.with_each(one)
