"""A form drawn from nothing but a workflow's inputs and their types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.forms.form import Constraints, Control, Field, Form, Origin, Page, Section
from bot.domain.workflow import Kind, ParameterType

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.workflow import Parameter, Workflow

MOST_MEMBERS = 10  # of a composite that gets a field for each
_NOT_IN_LINES = {
    Kind.SECURE_STRING,
    Kind.ENCRYPTED_STRING,
    Kind.MIME_ATTACHMENT,
    Kind.UNKNOWN,
    Kind.SDK_OBJECT,
}


def plain_form(workflow: Workflow, *, mandatory: Collection[str] = ()) -> Form:
    """One page with every input; how each is filled in follows from its type.

    Only the definition or the policy makes one mandatory: most workflows have some that may be left empty.
    """
    fields = tuple(
        plain_field(parameter, required=parameter.name in mandatory) for parameter in workflow.inputs
    )
    return Form(pages=(Page(id="inputs", sections=(Section(fields=fields),)),), origin=Origin.INPUTS)


def plain_field(parameter: Parameter, *, required: bool = False) -> Field:
    """The field of one input."""
    return _field(parameter.name, parameter.type, hint=parameter.description.strip(), required=required)


def _field(name: str, kind: ParameterType, *, hint: str = "", required: bool = False) -> Field:
    control = control_of(kind)
    members: tuple[Field, ...] = ()
    rows = kind.element if kind.kind is Kind.ARRAY else kind
    if control is not Control.NONE and rows.kind is Kind.COMPOSITE:
        members = tuple(_field(inner, inner_kind) for inner, inner_kind in rows.members)
    return Field(
        name=name,
        type=kind,
        label=name,
        hint=hint,
        control=control,
        constraints=Constraints(required=required),
        members=members,
    )


def control_of(kind: ParameterType) -> Control:
    """The control for an input of this type where no form names one; mypy fails for a kind without one."""
    match kind.kind:
        case Kind.ARRAY if kind.element.kind is Kind.SDK_OBJECT:
            return Control.OBJECTS
        case Kind.ARRAY if _fits_lines(kind.element):
            return Control.LINES
        case Kind.ARRAY:
            return Control.NONE
        case Kind.COMPOSITE if _fits_fields(kind):
            return Control.GROUP
        case Kind.COMPOSITE:
            return Control.LINES if _fits_lines(kind) else Control.NONE
        case Kind.STRING | Kind.PATH | Kind.REGEXP:
            return Control.TEXT
        case Kind.TEXT | Kind.PROPERTIES | Kind.ANY:
            return Control.LINES
        case Kind.NUMBER:
            return Control.NUMBER
        case Kind.BOOLEAN:
            return Control.YES_NO
        case Kind.DATE:
            return Control.MOMENT
        case Kind.SECURE_STRING | Kind.ENCRYPTED_STRING:
            return Control.SECRET_TEXT
        case Kind.MIME_ATTACHMENT:
            return Control.FILE
        case Kind.SDK_OBJECT:
            return Control.OBJECT
        case Kind.UNKNOWN:
            return Control.NONE


def _fits_fields(kind: ParameterType) -> bool:
    """Whether each member can have a field of its own."""
    deep = {Kind.ARRAY, Kind.COMPOSITE, *_NOT_IN_LINES}
    return len(kind.members) <= MOST_MEMBERS and all(each.kind not in deep for _, each in kind.members)


def _fits_lines(kind: ParameterType) -> bool:
    """Whether a value of this type can be written as text."""
    match kind.kind:
        case Kind.ARRAY:
            return _fits_lines(kind.element)
        case Kind.COMPOSITE:
            return all(_fits_lines(each) for _, each in kind.members)
        case other:
            return other not in _NOT_IN_LINES
