"""Values in boxes: what was asked for, and what came out; what is too long is cut with a clear mark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.outputs import HIDDEN
from bot.slack import blocks
from bot.slack.mrkdwn import cut_with_size, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.execution import Argument
    from bot.slack.blocks import Block

_SHORTEST = 60  # characters a value may be cut to when room is scarce


@dataclass(frozen=True, kw_only=True)
class _Room:
    """How much of some values is shown."""

    boxes: int
    each: int  # characters of one value
    all: int  # characters of names and values together


_ASKED = _Room(boxes=40, each=1000, all=6000)
_RETURNED = _Room(boxes=30, each=1500, all=9000)


def values(arguments: Sequence[Argument], *, hidden: frozenset[str] = frozenset()) -> list[Block]:
    """What was asked for, to the letter; what is too long, or hidden from channels, is behind a button."""
    if not arguments:
        return [blocks.context("No inputs.")]
    covered = [replace(each, value=HIDDEN) if each.name in hidden else each for each in arguments]
    return _boxes(covered, _ASKED, rest="more; see all values.")


def is_cut(arguments: Sequence[Argument]) -> bool:
    """Whether the card does not show all of what was asked for."""
    whole = [(each.name, shown(each.value)) for each in arguments]
    return _fitting(arguments, _ASKED) != whole


def outputs(returned: Sequence[Argument]) -> list[Block]:
    """What the run gave back."""
    return _boxes(returned, _RETURNED, rest="more outputs, not shown here.")


def _boxes(arguments: Sequence[Argument], room: _Room, *, rest: str) -> list[Block]:
    pairs = _fitting(arguments, room)
    made = [blocks.preformatted(*pairs)] if pairs else []
    if len(pairs) < len(arguments):
        made.append(blocks.context(f"… and {len(arguments) - len(pairs)} {rest}"))
    return made


def _fitting(arguments: Sequence[Argument], room: _Room) -> list[tuple[str, str]]:
    """Names with their values, as many as there is room for, the longer ones cut with a mark."""
    pairs: list[tuple[str, str]] = []
    left = room.all
    for argument in arguments[: room.boxes]:
        text = cut_with_size(shown(argument.value), min(room.each, max(left, _SHORTEST)))
        left -= len(text) + len(argument.name)
        if left < 0:
            break
        pairs.append((argument.name, text))
    return pairs
