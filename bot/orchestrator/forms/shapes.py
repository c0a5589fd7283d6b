"""The shapes a custom form comes in, as 8 and 9 keep them.

The specification calls them objects and promises nothing, so each part is read on its own: what one cannot
be read as is left at its default, and the rest of the form stands.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from bot.orchestrator.wire import Flag, Text, Wire


def _objects(raw: object) -> list[object]:
    return [each for each in raw if isinstance(each, dict)] if isinstance(raw, list) else []


def _object(raw: object) -> object:
    return raw if isinstance(raw, dict) else {}


Objects = BeforeValidator(_objects)
Object = BeforeValidator(_object)


class ShownState(Wire):
    """Whether a page or a field is seen, and whether it may be changed; either may be a source."""

    visible: Any = True
    read_only: Any = False


class PlacedField(Wire):
    """A field's place in the layout."""

    id: Text = ""
    display: Text = ""
    state: Annotated[ShownState, Object] = ShownState()


class PlacedSection(Wire):
    """Fields beside each other; the designer gives sections no title, older exports do."""

    title: Text = ""
    fields: Annotated[tuple[PlacedField, ...], Objects] = ()


class PlacedPage(Wire):
    """A page of the layout."""

    id: Text = ""
    title: Text = ""
    state: Annotated[ShownState, Object] = ShownState()
    sections: Annotated[tuple[PlacedSection, ...], Objects] = ()


class Layout(Wire):
    """Where everything is."""

    pages: Annotated[tuple[PlacedPage, ...], Objects] = ()


class DataType(Wire):
    """A field's type in the form's words."""

    data_type: Text = "string"
    is_multiple: Flag = None
    reference_type: Text = ""
    fields: Annotated[tuple[DescribedField, ...], Objects] = ()  # columns of a complex one


class DescribedField(Wire):
    """What a field is; values, lists and constraints may be sources."""

    id: Text = ""
    label: Text = ""
    description: Text = ""
    signpost: Text = ""
    placeholder: Text = ""
    type: Annotated[DataType, Object] = Field(default_factory=DataType)
    default: Any = None
    value_list: Any = None
    constraints: Annotated[dict[str, Any], Object] = Field(default_factory=dict)


class ExternalValidation(Wire):
    """A check that a source makes."""

    label: Text = ""
    source: Any = None
    target: Any = None


class Options(Wire):
    """What belongs to the form as a whole."""

    external_validations: Annotated[tuple[ExternalValidation, ...], Objects] = ()


class FormAnswer(Wire):
    """A custom form."""

    layout: Annotated[Layout, Object] = Layout()
    described: Annotated[dict[str, Annotated[DescribedField, Object]], Object] = Field(
        default_factory=dict, validation_alias="schema"
    )
    options: Annotated[Options, Object] = Options()


DataType.model_rebuild()
