"""Turns what a person says they pick or type into the answer a field keeps."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TypeAlias

from bot.demo.slack.driver.finding import find_conversation, find_option
from bot.demo.slack.driver.gestures import Gestures
from bot.demo.slack.driver.places import Surface
from bot.demo.slack.errors import CannotDoError
from bot.demo.slack.state.answers import offered_options
from bot.demo.slack.state.directory import Directory
from bot.demo.slack.walk import FilledElement
from bot.demo.slack.wire import Json

Typed: TypeAlias = str | float | date | datetime | time | None
_TEXTS = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
_EXTERNAL = {"external_select", "multi_external_select"}


def typed_answer(field: FilledElement, value: Typed) -> object:
    """What typing a value into a field leaves in it; None empties it."""
    kind = field.element["type"]
    if value is None:
        return field.holding.nothing
    if kind in _TEXTS:
        text = str(value)
        return text if field.element.get("multiline") else text.replace("\n", " ")
    if kind == "rich_text_input":
        parts = [{"type": "text", "text": str(value)}]
        return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}
    if kind == "datepicker":
        return value.isoformat() if isinstance(value, date) else str(value)
    if kind == "timepicker":
        return value.strftime("%H:%M") if isinstance(value, time) else str(value)
    if kind == "datetimepicker":
        return int(value.timestamp()) if isinstance(value, datetime) else int(str(value))
    raise CannotDoError(f"nothing can be typed into a {kind}; pick something")


def attached_answer(field: FilledElement, held: object, described: Json) -> object:
    """What adding a file leaves in a field; raises CannotDoError for a type that it does not show."""
    shown = field.element.get("filetypes") or [described["filetype"]]
    if described["filetype"] not in shown:
        raise CannotDoError(f"only {', '.join(shown)} can be chosen, not {described['name']}")
    return [*(held if isinstance(held, list) else []), described]


def sends_while_typing(field: FilledElement, *, enter: bool) -> bool:
    """Whether typing sends `block_actions`: on each character, or on Enter."""
    if field.is_input and not field.block.get("dispatch_action"):
        return False
    if field.element["type"] not in {*_TEXTS, "rich_text_input"}:
        return True
    config = field.element.get("dispatch_action_config", {})
    wanted = config.get("trigger_actions_on", ["on_enter_pressed"])
    return "on_character_entered" in wanted or (enter and "on_enter_pressed" in wanted)


async def picked_answer(
    gestures: Gestures,
    surface: Surface,
    field: FilledElement,
    wanted: Sequence[str],
    *,
    typed: str | None = None,
) -> object:
    """What picking these leaves in a field; none of them empties it. Raises CannotDoError if not offered."""
    most = field.element.get("max_selected_items", len(wanted)) if field.holding.many else 1
    if len(wanted) > most:
        raise CannotDoError(f"no more than {most} can be picked")
    if field.element["type"] in _EXTERNAL:
        found = [await _looked_up(gestures, surface, field, each, typed=typed or each) for each in wanted]
    else:
        found = [_picked(gestures.workspace.directory, field, each) for each in wanted]
    if field.holding.many:
        return found
    return found[0] if found else None


def _picked(directory: Directory, field: FilledElement, wanted: str) -> object:
    kind = field.element["type"]
    if field.holding.key in {"selected_option", "selected_options"}:
        return find_option(offered_options(field.element), wanted)
    if kind in {"users_select", "multi_users_select"}:
        return directory.member(wanted).id
    if kind in {"conversations_select", "multi_conversations_select"}:
        return find_conversation(directory, field.element, wanted)
    if kind in {"channels_select", "multi_channels_select"}:
        return directory.channel(wanted).id
    raise CannotDoError(f"nothing can be picked in a {kind}; type something")


async def _looked_up(
    gestures: Gestures, surface: Surface, field: FilledElement, wanted: str, *, typed: str
) -> object:
    offered = await gestures.suggest(surface, field, typed=typed)
    if not offered.ok:
        raise CannotDoError(f"the menu could not load its options: {offered.error}")
    if not offered.sent:
        raise CannotDoError(f"{typed!r} is too short: the menu does not ask the bot yet")
    return find_option(offered.every_option, wanted)
