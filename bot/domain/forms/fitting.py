"""A form with what the policy says of its inputs: it may tighten and explain, never loosen."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.forms.form import Choice, Constraints, Control, FacetSource, Field, Origin
from bot.domain.workflow import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.forms.form import Form
    from bot.domain.policy import InputRule, Rule

_PICKED = {Kind.SDK_OBJECT, Kind.BOOLEAN}  # they keep their control, and are held against the choices
_LISTED = {Kind.STRING, Kind.TEXT, Kind.PATH, Kind.REGEXP, Kind.NUMBER, Kind.ANY}


def fitted(form: Form, rule: Rule, *, secrets: frozenset[str] = frozenset()) -> Form:
    """The form under this rule; `secrets` are the configured names, of which the rule allows some.

    The input that tells the workflow who asked is nobody's to fill in, so it leaves the form.
    """

    def one(field: Field) -> Field | None:
        if field.name == rule.requester_input:
            return None
        names = tuple(sorted(rule.secrets_for(field.name) & secrets))
        fit = _with_secrets(field, names=names, typed=rule.typed_secrets)
        return _brought_out(_tightened(fit, rule.input(field.name), plain=form.origin is Origin.INPUTS))

    made = form.with_each(one)
    seen = {each.name for each in made.fields if each.visible is not False}
    out = {each.name for each in form.fields if each.visible is False and each.name in seen}
    return replace(made, remarks=tuple(each for each in made.remarks if each.field not in out))


def _brought_out(field: Field) -> Field:
    """Shown although the form hides it, where the policy asks for a value that nothing else gives."""
    missing = field.visible is False and field.constraints.required is True and field.default == ""
    return replace(field, visible=True) if missing else field


def _with_secrets(field: Field, *, names: tuple[str, ...], typed: bool) -> Field:
    if field.control is not Control.SECRET_TEXT or typed:
        return field
    if not names:
        return replace(field, control=Control.NONE)
    named = tuple(Choice(value=name, label=name) for name in names)
    return replace(field, control=Control.SECRET_NAME, choices=named, default="")


def _tightened(field: Field, extra: InputRule, *, plain: bool) -> Field:
    several = field.type.kind is Kind.ARRAY
    kind = field.type.element.kind if several else field.type.kind
    only = extra.choices if kind in _LISTED | _PICKED else ()
    control, choices = field.control, field.choices
    if only and choices is None and kind in _LISTED:
        control = Control.CHOICES if several else Control.CHOICE
        choices = tuple(Choice(value=each, label=each) for each in only)
    return replace(
        field,
        label=extra.label or field.label,
        hint=extra.hint or field.hint,
        control=control,
        choices=choices,
        default=extra.default or field.default,
        constraints=_both(field.constraints, extra, only=only, plain=plain),
    )


def _both(drawn: Constraints, extra: InputRule, *, only: tuple[str, ...], plain: bool) -> Constraints:
    required: bool | FacetSource = drawn.required
    if extra.required is not None:
        required = extra.required if plain or extra.required else drawn.required
    return replace(
        drawn,
        required=required,
        minimum=_all(drawn.minimum, extra.minimum, max),
        maximum=_all(drawn.maximum, extra.maximum, min),
        pattern=(*drawn.pattern, extra.pattern) if extra.pattern else drawn.pattern,
        only=only,
        expected=extra.hint or drawn.expected,
    )


def _all(
    drawn: tuple[float | FacetSource, ...], more: float | None, tightest: Callable[[list[float]], float]
) -> tuple[float | FacetSource, ...]:
    """Bounds that all hold, those that are fixed as one."""
    fixed = [each for each in (*drawn, more) if isinstance(each, int | float) and not math.isnan(each)]
    sources = tuple(each for each in drawn if isinstance(each, FacetSource))
    return (*((tightest(fixed),) if fixed else ()), *sources)
