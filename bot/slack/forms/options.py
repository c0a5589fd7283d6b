"""The entries of a field's menus: what a list holds, and what the inventory found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.forms.form import Control
from bot.slack import blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.forms.form import Choice
    from bot.domain.forms.live import LiveField
    from bot.domain.values import SdkObject
    from bot.slack.blocks import Block

OPTIONS = 100  # of one menu
VALUE = 150  # characters of an option's value


def option_of(at: int, choice: Choice) -> Block:
    """Chosen by its place in the list: a choice may be longer than Slack lets a value be."""
    return blocks.option(choice.label or "(empty)", str(at))


def choice_options(live: LiveField, words: str) -> list[Block]:
    """The choices of a long list that hold the words."""
    wanted = words.casefold().split()
    fitting = (
        option_of(at, each)
        for at, each in enumerate(live.choices or ())
        if all(word in each.label.casefold() for word in wanted)
    )
    return [option for option, _ in zip(fitting, range(OPTIONS), strict=False)]


def is_object(live: LiveField) -> bool:
    """Whether it is for objects of the inventory."""
    return live.field.control in {Control.OBJECT, Control.OBJECTS}


def object_option(found: SdkObject) -> Block:
    """An object of the inventory: its name, and its path to tell namesakes apart."""
    return blocks.option(found.name or found.id, found.id, description=blocks.path_end(found.path, 75))


def object_type(live: LiveField) -> str:
    """The type of the objects a field is for."""
    kind = live.field.type
    return kind.element.declared if live.field.control is Control.OBJECTS else kind.declared


def object_options(found: Sequence[SdkObject]) -> list[Block]:
    """The objects a menu can offer; an id that is too long for Slack cannot be."""
    return [object_option(each) for each in found if len(each.id) <= VALUE][:OPTIONS]
