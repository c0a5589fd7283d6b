"""What a launch's inputs are called: as their form calls them, exactly where somebody decides by it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.slack.mrkdwn import clean, cut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.execution import Argument
    from bot.domain.launch import Launch

_LONGEST = 150  # characters of a name or a label


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
