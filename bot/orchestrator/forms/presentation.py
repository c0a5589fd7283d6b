"""A legacy presentation as a form: steps are pages, groups sections; what may change is asked for again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.forms.form import (
    SECRETS,
    Choice,
    Constraints,
    Control,
    FacetSource,
    Field,
    FieldValue,
    Form,
    Origin,
    Page,
    Remark,
    Section,
    SourceKind,
    Validation,
)
from bot.domain.forms.plain import plain_field
from bot.domain.forms.text import typed_of
from bot.domain.value_text import text_of
from bot.domain.values import SdkObject, UnreadableValue
from bot.orchestrator.forms.controls import control_for, measure_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.domain.values import Value
    from bot.domain.workflow import Parameter, Workflow
    from bot.orchestrator.forms.presented import Presented, PresentedStep, Raw

CHOICES, VISIBLE, VALUE = "choices", "visible", "value"  # the facets a presentation is asked for again
_CONSTRAINTS = {"mandatory", "restrict-duplicates", "regexp", "number-range", "number-format", "ognl"}
_DECORATORS = {
    "drop-down",
    "chooser",
    "refresh-on-change",
    "multiline",
    "default-value",
    "data-binding",
    "root-element",
    "visible",
}


def presentation_form(steps: Sequence[PresentedStep], workflow: Workflow) -> Form | None:
    """The form; None when it says no more than the inputs do."""
    groups = [group for step in steps for group in step.groups]
    fields = [each for group in groups for each in group.fields]
    told = any(
        each.constraints or each.decorators or each.hidden or each.value is not None for each in fields
    )
    if not told and len(groups) <= 1:
        return None
    return _PresentationDrawing(steps, workflow).form()


class _PresentationDrawing:
    def __init__(self, steps: Sequence[PresentedStep], workflow: Workflow) -> None:
        self._steps = steps
        self._inputs = {each.name: each for each in workflow.inputs}
        self._remarks: list[Remark] = []
        self._triggers: list[str] = []  # so far, in order: what they change stands below them
        self._is_judged = False  # the server has a constraint that only it can check

    def form(self) -> Form:
        pages = [self._page(number, each) for number, each in enumerate(self._steps, start=1)]
        placed = {each.name for page in pages for each in page.fields}
        rest = tuple(self._unplaced(placed))
        if rest:
            pages.append(Page(id="unplaced", title="More inputs", sections=(Section(fields=rest),)))
        judge = Validation(source=_asked("", ""), label="presentation")
        return Form(
            pages=tuple(pages),
            validations=(judge,) if self._is_judged else (),
            remarks=tuple(self._remarks),
            origin=Origin.PRESENTATION,
        )

    def _page(self, number: int, step: PresentedStep) -> Page:
        sections = (
            Section(title=group.title, fields=tuple(self._fields(group.fields))) for group in step.groups
        )
        return Page(
            id=f"step-{number}",
            title=step.title,
            sections=tuple(section for section in sections if section.fields),
        )

    def _fields(self, listed: Sequence[Presented]) -> Iterator[Field]:
        for each in listed:
            parameter = self._inputs.get(each.name)
            if parameter is None:
                self._remark(each.name, "The presentation shows it, but the workflow has no such input.")
                continue
            yield self._field(each, parameter)
            if each.decorator("refresh-on-change") is not None:
                self._triggers.append(each.name)

    def _unplaced(self, placed: set[str]) -> Iterator[Field]:
        for name, parameter in self._inputs.items():
            if name in placed:
                continue
            self._remark(name, "The presentation does not show it, so it is left empty.")
            yield replace(plain_field(parameter), visible=False, constraints=Constraints())

    def _field(self, shown: Presented, parameter: Parameter) -> Field:
        self._look_at(shown)
        choices = self._choices(shown)
        display = "textArea" if shown.decorator("multiline") is not None else "radio"
        plain = plain_field(parameter)
        field = replace(
            plain,
            label=shown.label or parameter.name,
            hint=shown.description if shown.description != shown.label else "",
            control=control_for(display, parameter.type, choices),
            choices=choices,
            constraints=_constraints(shown, parameter),
            visible=self._visible(shown),
        )
        return replace(field, default=self._default(shown, field))

    def _look_at(self, shown: Presented) -> None:
        """Remark on what is not followed here."""
        kinds = {str(each.get("@type")) for each in shown.constraints}
        self._is_judged |= not kinds <= _CONSTRAINTS - {"ognl"}
        for strange in {str(each.get("@type")) for each in shown.decorators} - _DECORATORS:
            self._remark(shown.name, f"Its decorator “{strange[:40]}” is not understood.")
        if shown.decorator("root-element") is not None:
            self._remark(shown.name, "It offers the whole inventory, not only what is below the form's root.")

    def _visible(self, shown: Presented) -> bool | FacetSource:
        may_change = self._triggers and (shown.hidden or shown.decorator("visible") is not None)
        return self._again(shown, VISIBLE) if may_change else not shown.hidden

    def _choices(self, shown: Presented) -> tuple[Choice, ...] | FacetSource | None:
        listed = shown.choices
        if listed is None:
            return None
        return self._again(shown, CHOICES) if self._triggers else tuple(map(choice_of, listed))

    def _default(self, shown: Presented, field: Field) -> str | tuple[str, ...] | FacetSource:
        if field.control in SECRETS or field.control is Control.GROUP:
            return ""
        if isinstance(shown.value, UnreadableValue):
            self._remark(shown.name, "Its default could not be read.")
            return ""
        if self._triggers and shown.decorator("data-binding") is not None:
            return self._again(shown, VALUE)
        return typed_of(field, shown.value)

    def _again(self, shown: Presented, facet: str) -> FacetSource:
        return _asked(shown.name, facet, *self._triggers)

    def _remark(self, field: str, why: str) -> None:
        self._remarks.append(Remark(field=field, why=why))


def _asked(name: str, facet: str, *triggers: str) -> FacetSource:
    return FacetSource(
        kind=SourceKind.PRESENTATION,
        id=f"{name}/{facet}",
        inputs=tuple((each, FieldValue(field=each)) for each in triggers),
    )


def choice_of(value: Value) -> Choice:
    """A value as an entry of a list."""
    return Choice(
        value=value, label=value.name or value.id if isinstance(value, SdkObject) else text_of(value)
    )


def _constraints(shown: Presented, parameter: Parameter) -> Constraints:
    given = {str(each.get("@type")): each for each in shown.constraints}
    span = given.get("number-range", {})
    expression = given.get("regexp", {}).get("expression")
    written = given.get("number-format", {}).get("value")
    return Constraints(
        required="mandatory" in given,
        minimum=_bound(span, "min"),
        maximum=_bound(span, "max"),
        measure=measure_of(parameter.type),
        pattern=(expression,) if isinstance(expression, str) and expression else (),
        whole=isinstance(written, str) and bool(written) and "." not in written,
        no_duplicates="restrict-duplicates" in given,
    )


def _bound(span: Raw, name: str) -> tuple[float, ...]:
    """Bounds are texts, `15.0`, for numbers and for the length of texts alike."""
    try:
        return (float(str(span[name])),)
    except (KeyError, ValueError):
        return ()
