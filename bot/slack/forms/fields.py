"""One field of a form: as blocks of a modal, and read back from what Slack says they hold."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.domain.forms.form import Control, Source
from bot.domain.forms.text import SEALED
from bot.slack import blocks
from bot.slack.forms.hints import how_to_type, in_words
from bot.slack.mrkdwn import cut, escape, inline, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.domain.draft import Draft
    from bot.domain.forms.form import Choice, Typed
    from bot.domain.forms.live import LiveField
    from bot.domain.values import SdkObject
    from bot.slack.blocks import Block
    from bot.slack.payloads import Values

OPTIONS = 100  # of one menu
_TYPED = 3000  # characters of one text input
_RADIOS = 5  # choices that are shown at once
_VALUE = 150  # characters of an option's value
_PICKER = range(1_000_000_020, 10_000_000_000, 60)  # seconds since 1970 of minutes Slack's picker can show
VALUE, CHOICE, OBJECT = "value", "choice", "object"  # action ids: the menus that ask have their own
_YES_NO = (blocks.option("Yes", "true"), blocks.option("No", "false"))
_TICK = blocks.option("Yes", "true")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A field as one draft shows it: its blocks, and how they are read."""

    live: LiveField
    draft: Draft
    number: str  # its place in the form, "3", or "3.1" for a member of a group

    @cached_property
    def block_id(self) -> str:
        """Slack keeps what was typed while this stays the same, so another list makes another id."""
        worked_out = self.live.default if isinstance(self.live.field.default, Source) else ""
        about = f"{self.draft.turn} {list(self.live.keys)} {worked_out} {self._kind()}"
        return f"{self.number}-{hashlib.sha256(about.encode()).hexdigest()[:12]}"

    @property
    def is_input(self) -> bool:
        """Whether something can be entered into it now."""
        live = self.live
        waits = live.loading and live.field.control in {Control.CHOICE, Control.CHOICES}
        return not live.read_only and live.field.control is not Control.NONE and not waits and self._fits()

    def _fits(self) -> bool:
        """Whether a text fits into Slack's input; a longer one is kept as it is."""
        texts = self._kind() == "plain_text_input" and self.live.field.control is not Control.SECRET_TEXT
        return not texts or len(_text(self.live.value)) <= _TYPED

    def blocks(self, *, dispatch: bool) -> list[Block]:
        """The field, with what is to be said of it under it."""
        made = [self._input(dispatch=dispatch)] if self.is_input else [blocks.context(self._only_read())]
        problem = dict(self.draft.problems).get(self.live.name)
        if problem:
            made.append(blocks.context(f":warning: *{escape(cut(problem, 500))}*"))
        if self.live.troubles:
            made.append(blocks.context(f":warning: {in_words(self.live)}"))
        return made

    def _only_read(self) -> str:
        live = self.live
        label = f"*{inline(live.field.label)}*"
        if live.field.control is Control.NONE:
            return f"{label} stays empty: a {escape(live.field.type.declared)} cannot be given here."
        if live.loading:
            return f":hourglass_flowing_sand: {label} is loading …"
        text = escape(cut(self._words(), 1500)) or "empty"
        mark = "" if live.read_only else f" _{len(_text(live.value)):,} characters, too long to change here_"
        return f"{label}{mark}\n{text}"

    def _words(self) -> str:
        """What stands in it, as people read it."""
        keys = (self.live.value,) if isinstance(self.live.value, str) else self.live.value
        labels = dict(zip(self.live.keys, (each.label for each in self.live.choices or ()), strict=True))
        return ", ".join(labels.get(key, key) for key in keys if key)

    def _input(self, *, dispatch: bool) -> Block:
        element = self._element() | {"action_id": self._action()}
        if element["type"] == "plain_text_input" and dispatch:
            element["dispatch_action_config"] = {"trigger_actions_on": ["on_enter_pressed"]}
        if self.live.field.placeholder and element["type"] in _WITH_PLACEHOLDER:
            element["placeholder"] = blocks.plain(self.live.field.placeholder, longest=150)
        return blocks.field(
            self.block_id,
            label=self.live.field.label,
            element=element,
            hint=re.sub("`", "", how_to_type(self.live, kept=self._kept())),
            optional=not self.live.required or bool(self._kept()),
            dispatch=dispatch,
        )

    def _kept(self) -> str:
        """What is kept of it although Slack's input cannot show it."""
        if self.live.field.control is Control.SECRET_TEXT:
            return "it" if self.live.value == SEALED else ""
        file = dict(self.draft.files).get(_text(self.live.value))
        return shown(file) if file and self.live.field.control is Control.FILE else ""

    def _action(self) -> str:
        match self._kind():
            case "external_select" | "multi_external_select" if self._is_object():
                return OBJECT
            case "external_select" | "multi_external_select":
                return CHOICE
            case _:
                return VALUE

    def _is_object(self) -> bool:
        return self.live.field.control in {Control.OBJECT, Control.OBJECTS}

    def _kind(self) -> str:
        """The type of Slack's element."""
        live = self.live
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
            case Control.MOMENT if _is_odd_moment(_text(live.value)):
                return "plain_text_input"
            case Control.NUMBER if live.value and not self._is_fit_number():
                return "plain_text_input"  # Slack's number input could not show what has to be mended
            case other:
                return _ELEMENTS[other]

    def _element(self) -> Block:
        made: Block = {"type": self._kind()}
        match made["type"]:
            case "plain_text_input":
                return made | self._text_input()
            case "number_input":
                return made | self._number_input()
            case "radio_buttons" if self.live.field.control is Control.YES_NO:
                initial = [each for each in _YES_NO if each["value"] == self.live.value]
                return made | {"options": list(_YES_NO)} | ({"initial_option": initial[0]} if initial else {})
            case "checkboxes":
                ticked = {"initial_options": [_TICK]} if self.live.value == "true" else {}
                return made | {"options": [_TICK]} | ticked
            case "datetimepicker":
                epoch = _epoch(_text(self.live.value)) if self.live.value else None
                return made | ({"initial_date_time": epoch} if epoch else {})
            case "file_input":
                return made | {"max_files": 1}
            case _:
                return made | self._menu(made["type"])

    def _text_input(self) -> Block:
        control = self.live.field.control
        several = control in {Control.LINES, Control.CHOICES} or "\n" in _text(self.live.value)
        made: Block = {"multiline": several, "max_length": _TYPED}
        if self.live.value and control is not Control.SECRET_TEXT:
            made["initial_value"] = _text(self.live.value)
        return made

    def _number_input(self) -> Block:
        low, high = self._bounds()
        made: Block = {"is_decimal_allowed": not self.live.field.constraints.whole}
        if self.live.value:
            made["initial_value"] = f"{_number(_text(self.live.value)):f}"
        bounds = {"min_value": low, "max_value": high}
        return made | {name: f"{at:f}" for name, at in bounds.items() if at is not None}

    def _bounds(self) -> tuple[Decimal | None, Decimal | None]:
        """The least and the greatest number, where there is any between them."""
        low = Decimal(repr(max(self.live.minimum))) if self.live.minimum else None
        high = Decimal(repr(min(self.live.maximum))) if self.live.maximum else None
        return (None, None) if low is not None and high is not None and low > high else (low, high)

    def _is_fit_number(self) -> bool:
        number = _number(_text(self.live.value))
        if number is None or (self.live.field.constraints.whole and number != number.to_integral_value()):
            return False
        low, high = self._bounds()
        return (low is None or low <= number) and (high is None or number <= high)

    def _menu(self, kind: str) -> Block:
        chosen = self._chosen()
        if kind.startswith("multi_"):
            made: Block = {"initial_options": chosen} if chosen else {}
        else:
            made = {"initial_option": chosen[0]} if chosen else {}
        if "external" in kind:
            return made | {"min_query_length": 0}
        return made | {"options": [_option(at, each) for at, each in enumerate(self.live.choices or ())]}

    def _chosen(self) -> list[Block]:
        keys = (self.live.value,) if isinstance(self.live.value, str) else self.live.value
        if self._is_object():
            found = [self.draft.found.object(object_type(self.live), key) for key in keys if key]
            return [object_option(each) for each in found if each is not None]
        choices, places = self.live.choices or (), {key: at for at, key in enumerate(self.live.keys)}
        return [_option(places[key], choices[places[key]]) for key in keys if key in places]

    # read back

    def read(self, values: Values) -> Typed | None:
        """What it holds; None if it was not shown."""
        block = values.get(self.block_id)
        if block is None:
            return None
        return self._held(block.get(self._action(), {}))

    def _held(self, held: Mapping[str, Any]) -> Typed:
        kind = self._kind()
        if kind == "checkboxes":
            return "true" if held.get("selected_options") else "false"
        if kind.startswith("multi_"):
            return tuple(self._key(each["value"]) for each in held.get("selected_options") or ())
        if held.get("selected_option"):
            return self._key(str(held["selected_option"]["value"]))
        if held.get("selected_date_time"):
            return datetime.fromtimestamp(held["selected_date_time"], UTC).isoformat()
        if held.get("files"):
            return str(held["files"][0]["id"])
        text = str(held.get("value") or "")
        if self.live.field.control is Control.FILE:
            return self.live.value
        if self.live.field.control is Control.CHOICES:
            return tuple(line.strip() for line in text.splitlines() if line.strip())
        return text

    def _key(self, value: str) -> str:
        if self._is_object() or self.live.field.control is Control.YES_NO:
            return value
        return self.live.keys[int(value)] if int(value) < len(self.live.keys) else ""


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
_WITH_PLACEHOLDER = {
    "plain_text_input",
    "number_input",
    "static_select",
    "external_select",
    "multi_static_select",
    "multi_external_select",
}


def _option(at: int, choice: Choice) -> Block:
    """Chosen by its place in the list: a choice may be longer than Slack lets a value be."""
    return blocks.option(choice.label or "(empty)", str(at))


def choice_options(live: LiveField, words: str) -> list[Block]:
    """The choices of a long list that hold the words."""
    wanted = words.casefold().split()
    fitting = (
        _option(at, each)
        for at, each in enumerate(live.choices or ())
        if all(word in each.label.casefold() for word in wanted)
    )
    return [option for option, _ in zip(fitting, range(OPTIONS), strict=False)]


def object_option(found: SdkObject) -> Block:
    """An object of the inventory: its name, and its path to tell namesakes apart."""
    return blocks.option(found.name or found.id, found.id, description=blocks.path_end(found.path, 75))


def object_type(live: LiveField) -> str:
    """The type of the objects a field is for."""
    kind = live.field.type
    return kind.element.declared if live.field.control is Control.OBJECTS else kind.declared


def object_options(found: Sequence[SdkObject]) -> list[Block]:
    """The objects a menu can offer; an id that is too long for Slack cannot be."""
    return [object_option(each) for each in found if len(each.id) <= _VALUE][:OPTIONS]


def _text(typed: Typed) -> str:
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
