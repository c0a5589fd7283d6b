"""What is typed after the command: words, and name=value pairs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAIR = re.compile(r"(?P<name>[^\W\d][\w$]*|\$[\w$]*)=(?P<value>.*)", re.DOTALL)
# A value in straight quotes comes through to the letter. Phones type curly quotes, and mix them with straight
# ones: then the next quote of the same kind ends the value.
_TOKEN = re.compile(
    r"""(?P<name>(?:[^\W\d]|\$)[\w$]*=)?
    (?:"(?P<double>(?:\\.|[^"\\])*)"
      |["\u201c\u201d\u201e](?P<curly>[^"\u201c\u201d\u201e]*)["\u201c\u201d]
      |'(?P<single>[^']*)'
      |['\u2018\u2019\u201a](?P<low>[^'\u2018\u2019\u201a]*)['\u2018\u2019]
      |(?P<bare>\S+))""",
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, kw_only=True)
class Words:
    """What follows `run`: words that name a workflow, and values for its inputs."""

    words: str
    pairs: Mapping[str, tuple[str, ...]]  # each name with its values, in the order they came


def read_words(text: str) -> Words:
    """Split `restart vm name="web 01" force=yes` into words and values; quotes hold a value together."""
    words: list[str] = []
    pairs: dict[str, tuple[str, ...]] = {}
    for token in _TOKEN.finditer(text):
        value = _value(token)
        found = None if token["name"] or token["bare"] is None else _PAIR.fullmatch(value)
        if token["name"]:
            name = token["name"][:-1]
            pairs[name] = (*pairs.get(name, ()), value)
        elif found:
            pairs[found["name"]] = (*pairs.get(found["name"], ()), found["value"])
        else:
            words.append(value)
    return Words(words=" ".join(words), pairs=pairs)


def split_word(text: str) -> tuple[str, str]:
    """The first word and the rest; any white space parts them, also a no-break space or a line break."""
    parts = text.split(maxsplit=1)
    return (parts[0] if parts else "", parts[1].strip() if len(parts) > 1 else "")


def _value(token: re.Match[str]) -> str:
    if token["double"] is not None:
        return re.sub(r"\\(.)", r"\1", token["double"])
    return next(found for found in token.group("curly", "single", "low", "bare") if found is not None)
