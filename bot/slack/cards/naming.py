"""What inputs are called, as their form calls them, exactly where somebody decides by it; and people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.slack.mrkdwn import clean, cut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.execution import Argument
    from bot.domain.launch import Launch
    from bot.domain.policy import Group

_LONGEST = 150  # characters of a name or a label


@dataclass(frozen=True, kw_only=True)
class Addressees:
    """How a message calls those who have to act."""

    names: Mapping[str, str] = field(default_factory=dict)  # by id, of whom another message mentions
    reviewers: Group | None = None  # of a launch that broke the glass
    requester: str = ""  # the name of who asked, where it is known


def called(launch: Launch) -> Mapping[str, str]:
    """Each input's label, by its name; with the name where several have the same label."""
    plain = _labels(launch)
    often = Counter(plain.values())
    return {
        name: label if often[label] == 1 or label == name else f"{label} ({_short(name)})"
        for name, label in plain.items()
    }


def exactly(argument: Argument, launch: Launch) -> str:
    """An input's label, with the name and type that Orchestrator knows it by."""
    name, kind = _short(argument.name), argument.type.declared
    label = _labels(launch)[argument.name]
    return f"{name} ({kind})" if label == name else f"{label} ({name}, {kind})"


def _labels(launch: Launch) -> dict[str, str]:
    labels = dict(launch.labels)
    return {each.name: _short(labels.get(each.name, "")) or _short(each.name) for each in launch.arguments}


def _short(text: str) -> str:
    return cut(" ".join(clean(text).split()), _LONGEST)
