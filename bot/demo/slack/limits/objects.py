"""The limits of composition objects: texts, options, confirm dialogs, filters."""

from bot.demo.slack.limits.rules import (
    LimitReport,
    Rule,
    anything,
    boolean,
    both,
    by_type,
    exactly_one,
    list_of,
    one_of,
    record,
    text,
    unique,
)

ID = text(most=255)
URL = text(most=3000)
OPTION_VALUE, OPTION_TEXT = 150, 75


def plain_text(*, most: int) -> Rule:
    """A `plain_text` object."""
    words = {"type": one_of("plain_text"), "text": text(most=most)}
    return record(required=words, optional={"emoji": boolean})


def any_text(*, most: int) -> Rule:
    """A `plain_text` or `mrkdwn` object."""
    marked = record(required={"type": anything, "text": text(most=most)}, optional={"verbatim": boolean})
    return by_type({"plain_text": plain_text(most=most), "mrkdwn": marked})


def option(*, words: Rule, linked: bool = False) -> Rule:
    """One choice of a menu; `linked` ones may carry a `url`."""
    return record(
        required={"text": words, "value": text(most=OPTION_VALUE)},
        optional={"description": words} | ({"url": URL} if linked else {}),
    )


MENU_OPTION = option(words=plain_text(most=OPTION_TEXT))
BUTTON_OPTION = option(words=any_text(most=OPTION_TEXT))
OVERFLOW_OPTION = option(words=plain_text(most=OPTION_TEXT), linked=True)
OPTION_GROUP = record(
    required={"label": plain_text(most=75), "options": list_of(MENU_OPTION, most=100)},
)
MENU_OPTIONS = list_of(MENU_OPTION, most=100)
OPTION_GROUPS = list_of(OPTION_GROUP, most=100)

CONFIRM = record(
    required={
        "title": plain_text(most=100),
        "text": any_text(most=300),
        "confirm": plain_text(most=30),
        "deny": plain_text(most=30),
    },
    optional={"style": one_of("primary", "danger")},
)
DISPATCH = record(
    required={
        "trigger_actions_on": both(
            list_of(one_of("on_enter_pressed", "on_character_entered"), most=2),
            unique(lambda word: word, "trigger"),
        )
    }
)
CONVERSATION_FILTER = record(
    optional={
        "include": both(
            list_of(one_of("im", "mpim", "private", "public"), most=4), unique(lambda word: word, "kind")
        ),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    }
)
SLACK_FILE = record(optional={"id": ID, "url": URL}, also=(exactly_one("id", "url"),))
WORKFLOW = record(
    required={"trigger": record(required={"url": URL}, optional={"customizable_input_parameters": anything})}
)


def options_given(report: LimitReport, pointer: str, value: object) -> None:
    """A static menu has either options or groups of options."""
    exactly_one("options", "option_groups")(report, pointer, value)


def initial_among_options(report: LimitReport, pointer: str, value: object) -> None:
    """What a menu starts with is among its options."""
    if not isinstance(value, dict):
        return
    groups = value.get("option_groups") or []
    offered = [*(value.get("options") or []), *(o for group in groups for o in group.get("options", []))]
    values = [offer.get("value") for offer in offered if isinstance(offer, dict)]
    initial = [value["initial_option"]] if "initial_option" in value else value.get("initial_options", [])
    for chosen in initial:
        if not isinstance(chosen, dict) or chosen.get("value") not in values:
            report.add(pointer, "initial option must be one of the options")
