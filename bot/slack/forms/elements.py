"""Slack's element for a field: which one it is, and what stands in it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from bot.domain.forms.form import Control
from bot.slack import blocks
from bot.slack.forms.options import OPTIONS, is_object, object_option, object_type, option_of

if TYPE_CHECKING:
    from bot.domain.draft import Draft
    from bot.domain.forms.form import Typed
    from bot.domain.forms.live import LiveField
    from bot.slack.blocks import Block

LONGEST = 3000  # characters of one text input
_RADIOS = 5  # choices that are shown at once
_PICKER = range(1_000_000_020, 10_000_000_000, 60)  # seconds since 1970 of minutes Slack's picker can show
_YES_NO = (blocks.option("Yes", "true"), blocks.option("No", "false"))
_TICK = blocks.option("Yes", "true")
_ELEMENTS = {
    Control.TEXT: "plain_text_input",
    Control.LINES: "plain_text_input",
    Control.NUMBER: "number_input",
    Control.YES_NO: "radio_buttons",
    Control.CHECK: "checkboxes",
    Control.MOMENT: "datetimepicker",
    Control.OBJECT: "external_select",
    Control.OBJECTS: "multi_external_select",
    Control.FILE: "file_input",
    Control.SECRET_TEXT: "plain_text_input",
    Control.GROUP: "plain_text_input",
    Control.NONE: "plain_text_input",
}


def kind_of(live: LiveField) -> str:
    """The type of Slack's element."""
    many = len(live.choices or ())
    match live.field.control:
        case Control.CHOICE | Control.CHOICES | Control.SECRET_NAME if not many or live.field.suggested:
            return "plain_text_input"  # there is no list: anything may be typed
        case Control.CHOICE | Control.SECRET_NAME if many <= _RADIOS and live.required:
            return "radio_buttons"
        case Control.CHOICE | Control.SECRET_NAME:
            return "static_select" if many <= OPTIONS else "external_select"
        case Control.CHOICES:
            return "multi_static_select" if many <= OPTIONS else "multi_external_select"
        case Control.MOMENT if _is_odd_moment(text_in(live.value)):
            return "plain_text_input"
        case Control.NUMBER if live.value and not _is_fit_number(live):
            return "plain_text_input"  # Slack's number input could not show what has to be mended
        case other:
            return _ELEMENTS[other]


def element_of(live: LiveField, draft: Draft) -> Block:
    """The element, with what stands in it."""
    made: Block = {"type": kind_of(live)}
    match made["type"]:
        case "plain_text_input":
            return made | _text_input(live)
        case "number_input":
            return made | _number_input(live)
        case "radio_buttons" if live.field.control is Control.YES_NO:
            initial = [each for each in _YES_NO if each["value"] == live.value]
            return made | {"options": list(_YES_NO)} | ({"initial_option": initial[0]} if initial else {})
        case "checkboxes":
            ticked = {"initial_options": [_TICK]} if live.value == "true" else {}
            return made | {"options": [_TICK]} | ticked
        case "datetimepicker":
            epoch = _epoch(text_in(live.value)) if live.value else None
            return made | ({"initial_date_time": epoch} if epoch else {})
        case "file_input":
            return made | {"max_files": 1}
        case _:
            return made | _menu(live, draft, made["type"])


def _text_input(live: LiveField) -> Block:
    control = live.field.control
    several = control in {Control.LINES, Control.CHOICES} or "\n" in text_in(live.value)
    made: Block = {"multiline": several, "max_length": LONGEST}
    if live.value and control is not Control.SECRET_TEXT:
        made["initial_value"] = text_in(live.value)
    return made


def _number_input(live: LiveField) -> Block:
    low, high = _bounds(live)
    made: Block = {"is_decimal_allowed": not live.field.constraints.whole}
    number = _number(text_in(live.value)) if live.value else None
    told = {"initial_value": number, "min_value": low, "max_value": high}
    return made | {name: _plainly(at) for name, at in told.items() if at is not None}


def _plainly(number: Decimal) -> str:
    """Without a fraction where there is none: a field for whole numbers takes no `3.0`."""
    return f"{number.to_integral_value() if number == number.to_integral_value() else number:f}"


def _bounds(live: LiveField) -> tuple[Decimal | None, Decimal | None]:
    """The least and the greatest number, where there is any between them."""
    low = Decimal(repr(max(live.minimum))) if live.minimum else None
    high = Decimal(repr(min(live.maximum))) if live.maximum else None
    if live.field.constraints.whole:
        low = low and low.to_integral_value(ROUND_CEILING)
        high = high and high.to_integral_value(ROUND_FLOOR)
    return (None, None) if low is not None and high is not None and low > high else (low, high)


def _is_fit_number(live: LiveField) -> bool:
    number = _number(text_in(live.value))
    if number is None or (live.field.constraints.whole and number != number.to_integral_value()):
        return False
    low, high = _bounds(live)
    return (low is None or low <= number) and (high is None or number <= high)


def _menu(live: LiveField, draft: Draft, kind: str) -> Block:
    chosen = _chosen(live, draft)
    if kind.startswith("multi_"):
        made: Block = {"initial_options": chosen} if chosen else {}
    else:
        made = {"initial_option": chosen[0]} if chosen else {}
    if "external" in kind:
        return made | {"min_query_length": 0}
    return made | {"options": [option_of(at, each) for at, each in enumerate(live.choices or ())]}


def _chosen(live: LiveField, draft: Draft) -> list[Block]:
    keys = (live.value,) if isinstance(live.value, str) else live.value
    if is_object(live):
        found = [draft.found.object(object_type(live), key) for key in keys if key]
        return [object_option(each) for each in found if each is not None]
    choices, places = live.choices or (), {key: at for at, key in enumerate(live.keys)}
    return [option_of(places[key], choices[places[key]]) for key in keys if key in places]


def text_in(typed: Typed) -> str:
    """What was typed, as one text."""
    return typed if isinstance(typed, str) else "\n".join(typed)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 30 else None  # noqa: PLR2004 - what a field can show


def _epoch(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    exact = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return int(exact) if exact.is_integer() and int(exact) in _PICKER else None


def _is_odd_moment(text: str) -> bool:
    """Whether Slack's picker, which knows whole minutes, cannot show it."""
    return bool(text) and _epoch(text) is None
