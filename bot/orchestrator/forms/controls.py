"""How a field is filled in, by the form's word for it and the type behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.forms.form import Choice, Control, FacetSource, Measure, SourceKind
from bot.domain.forms.plain import control_of
from bot.domain.workflow import Kind

if TYPE_CHECKING:
    from bot.domain.workflow import ParameterType

COMBOBOX = "combobox"  # a list with a text field: what is not in it may be typed
INTEGER = "integerField"
_TEXTS = {Kind.STRING, Kind.TEXT, Kind.PATH, Kind.REGEXP}
_OBJECTS = {Control.OBJECT, Control.OBJECTS}


def control_for(
    display: str, kind: ParameterType, choices: tuple[Choice, ...] | FacetSource | None
) -> Control:
    """The control; what the type needs counts more than what the form's author picked."""
    plain = control_of(kind)
    listed = choices is not None and not _is_inventory(choices)
    match kind.kind, display:
        case Kind.BOOLEAN, "checkbox" | "":
            return Control.CHECK
        case Kind.BOOLEAN, _:
            return Control.YES_NO
        case Kind.ARRAY, _ if listed and kind.element.kind is not Kind.COMPOSITE:
            return Control.CHOICES
        case Kind.COMPOSITE | Kind.PROPERTIES | Kind.MIME_ATTACHMENT, _:
            return plain
        case Kind.SECURE_STRING | Kind.ENCRYPTED_STRING, _:
            return plain
        case (Kind.STRING, "passwordField"):
            return Control.SECRET_TEXT
        case _ if listed and kind.kind is not Kind.ARRAY:
            return Control.CHOICE
        case one, "textArea" if one in _TEXTS:
            return Control.LINES
        case _:
            return plain


def _is_inventory(choices: tuple[Choice, ...] | FacetSource | None) -> bool:
    return isinstance(choices, FacetSource) and choices.kind is SourceKind.INVENTORY


def measure_of(kind: ParameterType) -> Measure:
    """What a bound on a field of this type speaks of."""
    if kind.kind is Kind.ARRAY:
        return Measure.ITEMS
    return Measure.NUMBER if kind.kind is Kind.NUMBER else Measure.LENGTH
