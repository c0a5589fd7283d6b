"""One field of a form: as blocks of a modal, and read back from what Slack says they hold."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.domain.forms.form import Control, FacetSource
from bot.domain.forms.text import SEALED
from bot.slack import blocks
from bot.slack.forms.elements import LONGEST, element_of, kind_of, text_in
from bot.slack.forms.hints import how_to_type, in_words
from bot.slack.forms.options import is_object
from bot.slack.mrkdwn import cut, escape, inline, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.draft import Draft
    from bot.domain.forms.form import Typed
    from bot.domain.forms.live import LiveField
    from bot.slack.blocks import Block
    from bot.slack.payloads import Values

VALUE, CHOICE, OBJECT = "value", "choice", "object"  # action ids: the menus that ask have their own
_WITH_PLACEHOLDER = {
    "plain_text_input",
    "number_input",
    "static_select",
    "external_select",
    "multi_static_select",
    "multi_external_select",
}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A field as one draft shows it: its blocks, and how they are read."""

    live: LiveField
    draft: Draft
    number: str  # its place in the form, "3", or "3.1" for a member of a group

    @cached_property
    def block_id(self) -> str:
        """Slack keeps what was typed while this stays the same, so another list makes another id."""
        worked_out = self.live.default if isinstance(self.live.field.default, FacetSource) else ""
        about = f"{self.draft.turn} {list(self.live.keys)} {worked_out} {kind_of(self.live)}"
        return f"{self.number}-{hashlib.sha256(about.encode()).hexdigest()[:12]}"

    @property
    def is_input(self) -> bool:
        """Whether something can be entered into it now."""
        live = self.live
        waits = live.loading and live.field.control in {Control.CHOICE, Control.CHOICES}
        return not live.read_only and live.field.control is not Control.NONE and not waits and self._fits()

    def _fits(self) -> bool:
        """Whether a text fits into Slack's input; a longer one is kept as it is."""
        texts = (
            kind_of(self.live) == "plain_text_input" and self.live.field.control is not Control.SECRET_TEXT
        )
        return not texts or len(text_in(self.live.value)) <= LONGEST

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
        mark = (
            "" if live.read_only else f" _{len(text_in(live.value)):,} characters, too long to change here_"
        )
        return f"{label}{mark}\n{text}"

    def _words(self) -> str:
        """What stands in it, as people read it."""
        keys = (self.live.value,) if isinstance(self.live.value, str) else self.live.value
        labels = dict(zip(self.live.keys, (each.label for each in self.live.choices or ()), strict=True))
        return ", ".join(labels.get(key, key) for key in keys if key)

    def _input(self, *, dispatch: bool) -> Block:
        element = element_of(self.live, self.draft) | {"action_id": self._action()}
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
        file = dict(self.draft.files).get(text_in(self.live.value))
        return shown(file) if file and self.live.field.control is Control.FILE else ""

    def _action(self) -> str:
        match kind_of(self.live):
            case "external_select" | "multi_external_select" if is_object(self.live):
                return OBJECT
            case "external_select" | "multi_external_select":
                return CHOICE
            case _:
                return VALUE

    # read back

    def read(self, values: Values) -> Typed | None:
        """What it holds; None if it was not shown."""
        block = values.get(self.block_id)
        if block is None:
            return None
        return self._held(block.get(self._action(), {}))

    def _held(self, held: Mapping[str, Any]) -> Typed:
        kind = kind_of(self.live)
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
        if is_object(self.live) or self.live.field.control is Control.YES_NO:
            return value
        return self.live.keys[int(value)] if int(value) < len(self.live.keys) else ""
