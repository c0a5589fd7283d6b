"""Values with their names: what was asked for, and what came out; what is too long is cut with a mark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.outputs import HIDDEN
from bot.slack import blocks
from bot.slack.cards.naming import called
from bot.slack.mrkdwn import cut, cut_with_size, inline, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.domain.execution import Argument
    from bot.domain.launch import Launch
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


def values(launch: Launch) -> list[Block]:
    """What was asked for, to the letter; what is too long, or hidden from channels, is behind a button."""
    if not launch.arguments:
        return [blocks.context("No inputs.")]
    names = called(launch)
    covered = [
        replace(each, value=HIDDEN) if each.name in launch.hidden else each for each in launch.arguments
    ]
    made = _boxes(_given(covered), _ASKED, names=names, rest="more; see all values.")
    empty = [inline(names[each.name]) for each in covered if is_empty(each)]
    return [*made, blocks.context(cut(f"Left empty: {' · '.join(empty)}.", blocks.TEXT))] if empty else made


def is_cut(launch: Launch) -> bool:
    """Whether the card does not show all of what was asked for."""
    given = _given(launch.arguments)
    return _fitting(given, _ASKED) != [(each.name, shown(each.value)) for each in given]


def is_empty(argument: Argument) -> bool:
    """Whether nothing was given for it."""
    return argument.value is None or argument.value == ()


def _given(arguments: Sequence[Argument]) -> list[Argument]:
    return [each for each in arguments if not is_empty(each)]


def outputs(returned: Sequence[Argument]) -> list[Block]:
    """What the run gave back; the workflow's own bookkeeping is only named."""
    open_ones = [each for each in returned if not each.name.startswith("_")]
    names = {each.name: each.name for each in open_ones}
    made = _boxes(open_ones, _RETURNED, names=names, rest="more outputs, not shown here.")
    folded = [inline(each.name) for each in returned if each.name.startswith("_")]
    if folded:
        made.append(
            blocks.context(cut(f"Internal outputs, not shown here: {' · '.join(folded)}.", blocks.TEXT))
        )
    return made


def last_words(launch: Launch) -> list[Block]:
    """The last warnings and errors of a run that failed."""
    lines = launch.outcome.log if launch.outcome else ()
    if not lines:
        return []
    return [blocks.preformatted(("Last warnings and errors", cut("\n".join(lines), blocks.TEXT)))]


def _boxes(arguments: Sequence[Argument], room: _Room, *, names: Mapping[str, str], rest: str) -> list[Block]:
    pairs = _fitting(arguments, room)
    made = [blocks.values(*((names[name], text) for name, text in pairs))] if pairs else []
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
