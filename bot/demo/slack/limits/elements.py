"""The limits of block elements, one rule a type."""

import math
from collections.abc import Iterable

from bot.demo.slack.limits.objects import (
    BUTTON_OPTION,
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH,
    ID,
    MENU_OPTION,
    MENU_OPTIONS,
    OPTION_GROUPS,
    OVERFLOW_OPTION,
    SLACK_FILE,
    URL,
    WORKFLOW,
    initial_among_options,
    options_given,
    plain_text,
)
from bot.demo.slack.limits.rules import (
    LimitReport,
    Rule,
    Rules,
    anything,
    boolean,
    exactly_one,
    list_of,
    matching,
    one_of,
    record,
    text,
    whole,
)

LONGEST_INPUT = 3000
_PLACEHOLDER = {"placeholder": plain_text(most=150)}
_FOCUS = {"focus_on_load": boolean}
_CONFIRM = {"confirm": CONFIRM}
_SPOKEN = {"accessibility_label": text(most=75)}
_SEVERAL = {"max_selected_items": whole(least=1)}
_DATE = matching(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "a date such as 2026-05-31")
_TIME = matching(r"([01]\d|2[0-3]):[0-5]\d", "a time such as 09:30")
_IDS = list_of(ID, least=0)


def _element(*, needs: Rules | None = None, may: Rules | None = None, also: Iterable[Rule] = ()) -> Rule:
    return record(
        required={"type": anything, **(needs or {})}, optional={"action_id": ID, **(may or {})}, also=also
    )


def _menu(*, may: Rules, also: Iterable[Rule] = ()) -> Rule:
    return _element(may={**_PLACEHOLDER, **_FOCUS, **_CONFIRM, **may}, also=also)


def _typed(*, needs: Rules | None = None, may: Rules | None = None, also: Iterable[Rule] = ()) -> Rule:
    allowed = {**_PLACEHOLDER, **_FOCUS, "dispatch_action_config": DISPATCH, **(may or {})}
    return _element(needs=needs, may=allowed, also=also)


def _numeric(report: LimitReport, pointer: str, value: object) -> None:
    try:
        finite = isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        finite = False
    if not finite:
        report.add(pointer, "must be a number written as a string")


def _ordered(low: str, high: str) -> Rule:
    def check(report: LimitReport, pointer: str, value: object) -> None:
        if not isinstance(value, dict) or low not in value or high not in value:
            return
        try:
            if float(value[low]) > float(value[high]):
                report.add(pointer, f"{low} must not be greater than {high}")
        except (TypeError, ValueError):
            return

    return check


def _whole_throughout(report: LimitReport, pointer: str, value: object) -> None:
    """A field that takes no decimals has none in what it is given either."""
    if not isinstance(value, dict) or value.get("is_decimal_allowed") is not False:
        return
    for name in ("initial_value", "min_value", "max_value"):
        if "." in str(value.get(name, "")):
            report.add(f"{pointer}/{name}", "must be an integer where is_decimal_allowed is false")


def _initial_fits(report: LimitReport, pointer: str, value: object) -> None:
    if isinstance(value, dict) and isinstance(initial := value.get("initial_value"), str):
        most, least = value.get("max_length"), value.get("min_length")
        if isinstance(most, int) and len(initial) > most:
            report.add(pointer, "initial_value is longer than max_length")
        if isinstance(least, int) and len(initial) < least:
            report.add(pointer, "initial_value is shorter than min_length")


def _not_too_many(report: LimitReport, pointer: str, value: object) -> None:
    if not isinstance(value, dict) or not isinstance(most := value.get("max_selected_items"), int):
        return
    for name, chosen in value.items():
        if name.startswith("initial_") and isinstance(chosen, list) and len(chosen) > most:
            report.add(pointer, f"{name} has more than max_selected_items")


def _modal_only(report: LimitReport, pointer: str, _value: object) -> None:
    if report.surface != "modal":
        report.add(pointer, "is only supported in modals")


def _response_url_in_modals(report: LimitReport, pointer: str, value: object) -> None:
    if isinstance(value, dict) and value.get("response_url_enabled"):
        if report.surface != "modal":
            report.add(pointer, "response_url_enabled is only supported in modals")
        if "/element" not in pointer or "/elements" in pointer:
            report.add(pointer, "response_url_enabled is only supported in input blocks")


_BUTTON = {
    "url": URL,
    "value": text(most=2000),
    "style": one_of("primary", "danger"),
    "agent_prompt": text(most=4000),
    "agent_prompt_display": anything,
    "visible_to_user_ids": _IDS,
    **_CONFIRM,
    **_SPOKEN,
}
_STATIC = {"options": MENU_OPTIONS, "option_groups": OPTION_GROUPS}
_EXTERNAL = {"min_query_length": whole(least=0)}
_CONVERSATIONS = {"default_to_current_conversation": boolean, "filter": CONVERSATION_FILTER}
_FEEDBACK = record(
    required={"text": plain_text(most=75), "value": text(most=2000)},
    optional=_SPOKEN,
)
_STATIC_CHECKS = (options_given, initial_among_options, _not_too_many)

_MENUS: Rules = {
    "static_select": _menu(may={**_STATIC, "initial_option": MENU_OPTION}, also=_STATIC_CHECKS),
    "external_select": _menu(may={**_EXTERNAL, "initial_option": MENU_OPTION}),
    "users_select": _menu(may={"initial_user": ID}),
    "conversations_select": _menu(
        may={**_CONVERSATIONS, "initial_conversation": ID, "response_url_enabled": boolean},
        also=(_response_url_in_modals,),
    ),
    "channels_select": _menu(
        may={"initial_channel": ID, "response_url_enabled": boolean}, also=(_response_url_in_modals,)
    ),
    "multi_static_select": _menu(
        may={**_STATIC, **_SEVERAL, "initial_options": list_of(MENU_OPTION)}, also=_STATIC_CHECKS
    ),
    "multi_external_select": _menu(
        may={**_EXTERNAL, **_SEVERAL, "initial_options": list_of(MENU_OPTION)}, also=(_not_too_many,)
    ),
    "multi_users_select": _menu(may={**_SEVERAL, "initial_users": _IDS}, also=(_not_too_many,)),
    "multi_conversations_select": _menu(
        may={**_CONVERSATIONS, **_SEVERAL, "initial_conversations": _IDS}, also=(_not_too_many,)
    ),
    "multi_channels_select": _menu(may={**_SEVERAL, "initial_channels": _IDS}, also=(_not_too_many,)),
}
_CHOICES: Rules = {
    "checkboxes": _element(
        needs={"options": list_of(BUTTON_OPTION, most=10)},
        may={**_FOCUS, **_CONFIRM, "initial_options": list_of(BUTTON_OPTION, most=10)},
        also=(initial_among_options,),
    ),
    "radio_buttons": _element(
        needs={"options": list_of(BUTTON_OPTION, most=10)},
        may={**_FOCUS, **_CONFIRM, "initial_option": BUTTON_OPTION},
        also=(initial_among_options,),
    ),
    "overflow": _element(needs={"options": list_of(OVERFLOW_OPTION, most=5)}, may=_CONFIRM),
    "datepicker": _menu(may={"initial_date": _DATE}),
    "timepicker": _menu(may={"initial_time": _TIME, "timezone": ID}),
    "datetimepicker": _element(
        may={**_FOCUS, **_CONFIRM, "initial_date_time": whole(least=1_000_000_000, most=9_999_999_999)}
    ),
}
_INPUTS: Rules = {
    "plain_text_input": _typed(
        may={
            "initial_value": text(most=LONGEST_INPUT, least=0),
            "multiline": boolean,
            "min_length": whole(least=0, most=LONGEST_INPUT),
            "max_length": whole(least=1, most=LONGEST_INPUT),
        },
        also=(_ordered("min_length", "max_length"), _initial_fits),
    ),
    "number_input": _typed(
        needs={"is_decimal_allowed": boolean},
        may={"initial_value": _numeric, "min_value": _numeric, "max_value": _numeric},
        also=(_ordered("min_value", "max_value"), _whole_throughout),
    ),
    "email_text_input": _typed(may={"initial_value": text(most=LONGEST_INPUT)}),
    "url_text_input": _typed(may={"initial_value": URL}),
    "rich_text_input": _typed(
        may={
            "initial_value": anything,
            "min_lines": whole(least=1, most=100),
            "max_lines": whole(least=1, most=100),
        },
        also=(_ordered("min_lines", "max_lines"),),
    ),
    "file_input": _element(
        may={"filetypes": list_of(text(most=50)), "max_files": whole(least=1, most=10)}, also=(_modal_only,)
    ),
}
_BUTTONS: Rules = {
    "button": _element(needs={"text": plain_text(most=75)}, may=_BUTTON),
    "workflow_button": _element(
        needs={"text": plain_text(most=75), "workflow": WORKFLOW},
        may={"style": one_of("primary", "danger"), **_SPOKEN},
    ),
    "feedback_buttons": _element(needs={"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}),
    "icon_button": _element(
        needs={"icon": one_of("trash"), "text": plain_text(most=75)},
        may={"value": text(most=2000), "visible_to_user_ids": list_of(ID, most=10), **_CONFIRM, **_SPOKEN},
    ),
}
_IMAGE = record(
    required={"type": anything, "alt_text": text(most=2000)},
    optional={"image_url": URL, "slack_file": SLACK_FILE},
    also=(exactly_one("image_url", "slack_file"),),
)

ELEMENTS: Rules = {**_MENUS, **_CHOICES, **_INPUTS, **_BUTTONS, "image": _IMAGE}

_SELECTS = tuple(_MENUS)
_PICKERS = ("checkboxes", "radio_buttons", "datepicker", "timepicker")
IN_SECTION = (*_SELECTS, *_PICKERS, "button", "overflow", "image", "workflow_button")
IN_ACTIONS = (
    *_SELECTS,
    *_PICKERS,
    "button",
    "overflow",
    "datetimepicker",
    "rich_text_input",
    "workflow_button",
)
IN_INPUT = (*_SELECTS, *_PICKERS, *_INPUTS, "datetimepicker")
