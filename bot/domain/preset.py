"""A preset: the values of a form kept under a name, by one person, for themselves or for a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.values import Attachment, is_secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.execution import Argument
    from bot.domain.launch import WorkflowRef
    from bot.domain.people import Person

LONGEST_NAME = 60  # characters


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Values somebody wants to use again; it holds no secret and no file."""

    id: str
    owner: Person
    workflow: WorkflowRef
    name: str
    channel_id: str = ""  # of the channel it is shared with; empty: with nobody
    arguments: tuple[Argument, ...] = ()


def keepable(arguments: Iterable[Argument], *, hidden: frozenset[str]) -> tuple[Argument, ...]:
    """The arguments a preset may hold: no secrets, no files, nothing the policy hides."""
    return tuple(
        each
        for each in arguments
        if each.name not in hidden and not is_secret(each.value) and not _holds_file(each)
    )


def _holds_file(argument: Argument) -> bool:
    items = argument.value if isinstance(argument.value, tuple) else (argument.value,)
    return any(isinstance(item, Attachment) for item in items)
