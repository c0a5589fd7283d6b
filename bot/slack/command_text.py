"""What is typed after the command: words, and name=value pairs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAIR = re.compile(r"(?P<name>[^\W\d][\w$]*|\$[\w$]*)=(?P<value>.*)", re.DOTALL)
_TOKEN = re.compile(
    r"""(?P<name>(?:[^\W\d]|\$)[\w$]*=)?(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'|(?P<bare>\S+))""",
    re.DOTALL,
)
_CURLY = str.maketrans("\u201c\u201d\u201e\u2018\u2019", '"""\'\'')


@dataclass(frozen=True, kw_only=True)
class Words:
    """What follows `run`: words that name a workflow, and values for its inputs."""

    words: str
    pairs: Mapping[str, tuple[str, ...]]  # each name with its values, in the order they came


def read_words(text: str) -> Words:
    """Split `restart vm name="web 01" force=yes` into words and values; quotes hold a value together."""
    words: list[str] = []
    pairs: dict[str, tuple[str, ...]] = {}
    for token in _TOKEN.finditer(_straight_quotes(text)):
        value = token["bare"] if token["double"] is None and token["single"] is None else None
        if value is None:
            value = token["single"] if token["double"] is None else re.sub(r"\\(.)", r"\1", token["double"])
        found = None if token["name"] or token["bare"] is None else _PAIR.fullmatch(value)
        if token["name"]:
            name = token["name"][:-1]
            pairs[name] = (*pairs.get(name, ()), value)
        elif found:
            pairs[found["name"]] = (*pairs.get(found["name"], ()), found["value"])
        else:
            words.append(value)
    return Words(words=" ".join(words), pairs=pairs)


def _straight_quotes(text: str) -> str:
    """Phones type curly quotes; outside of straight ones they mean the same."""
    return text if '"' in text else text.translate(_CURLY)
