"""What `slackblocks`, a library that knows Block Kit on its own account, says of a payload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import slackblocks as kit

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]

_ELEMENTS: dict[str, Callable[..., kit.Element]] = {
    "button": kit.Button,
    "checkboxes": kit.CheckboxGroup,
    "datepicker": kit.DatePicker,
    "datetimepicker": kit.DateTimePicker,
    "external_select": kit.ExternalSelectMenu,
    "multi_external_select": kit.ExternalMultiSelectMenu,
    "file_input": kit.FileInput,
    "number_input": kit.NumberInput,
    "plain_text_input": kit.PlainTextInput,
    "radio_buttons": kit.RadioButtonGroup,
    "static_select": kit.StaticSelectMenu,
    "multi_static_select": kit.StaticMultiSelectMenu,
    "users_select": kit.UserSelectMenu,
    "conversations_select": kit.ConversationSelectMenu,
    "timepicker": kit.TimePicker,
    "email_text_input": kit.EmailInput,
    "url_text_input": kit.URLInput,
    "overflow": kit.OverflowMenu,
}


def _many(read: Callable[[Json], object]) -> Callable[[list[Json]], list[object]]:
    return lambda parts: [read(part) for part in parts]


_PARTS: dict[str, Callable[[Any], object]] = {
    "text": kit.Text.from_dict,
    "placeholder": kit.Text.from_dict,
    "confirm": kit.ConfirmationDialogue.from_dict,
    "filter": kit.ConversationFilter.from_dict,
    "dispatch_action_config": kit.DispatchActionConfiguration.from_dict,
    "options": _many(kit.Option.from_dict),
    "option_groups": _many(kit.OptionGroup.from_dict),
    "initial_option": kit.Option.from_dict,
    "initial_options": _many(kit.Option.from_dict),
}
_OTHER_NAMES = {"filter": "conversation_filter"}


def read_block(block: Json) -> kit.Block:
    """The block as the library's own object; it raises where it objects."""
    inner: Json = {name: part for name, part in block.items() if name != "type"}
    match block["type"]:
        case "actions":
            return kit.ActionsBlock(**inner | {"elements": [_element(each) for each in block["elements"]]})
        case "input":
            texts: Json = {
                name: kit.Text.from_dict(inner[name]) for name in ("label", "hint") if name in inner
            }
            return kit.InputBlock(**inner | texts | {"element": _element(block["element"])})
        case "rich_text":
            return kit.RichTextBlock(**inner | {"elements": [_rich(each) for each in block["elements"]]})
        case _:
            return kit.Block.from_dict(block)


def _element(element: Json) -> kit.Element:
    inner = {
        _OTHER_NAMES.get(name, name): _PARTS.get(name, _as_it_is)(part)
        for name, part in element.items()
        if name != "type"
    }
    return _ELEMENTS[element["type"]](**inner)


def _as_it_is(part: object) -> object:
    return part


def _rich(part: Json) -> kit.RichTextObject:
    if part["type"] == "rich_text_list":
        lines = [kit.RichTextSection(_words(each)) for each in part["elements"]]
        return kit.RichTextList(style=part["style"], elements=lines)
    words = _words(part)
    match part["type"]:
        case "rich_text_preformatted":
            return kit.RichTextCodeBlock(words, border=part.get("border"))
        case "rich_text_quote":
            return kit.RichTextQuote(words, border=part.get("border"))
        case kind:
            assert kind == "rich_text_section", kind
            return kit.RichTextSection(words)


def _words(part: Json) -> list[kit.RichTextElement]:
    return [kit.RichText(each["text"], **each.get("style", {})) for each in part["elements"]]


def read_view(view: Json) -> kit.ModalView:
    """The modal as the library's own object."""
    texts: Json = {
        name: kit.Text.from_dict(view[name]) for name in ("title", "submit", "close") if name in view
    }
    rest: Json = {name: part for name, part in view.items() if name not in {"type", "blocks", *texts}}
    return kit.ModalView(**rest | texts | {"blocks": [read_block(each) for each in view["blocks"]]})
