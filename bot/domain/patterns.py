r"""Regular expressions as authors of forms and policies write them, matched within a bounded time.

Orchestrator's authors write Java's kind: possessive quantifiers, `\p{Alpha}`, classes within classes.
"""

from __future__ import annotations

import re
from functools import lru_cache

import regex

PATIENCE = 0.02  # seconds of computing that one match may take
_LONGEST = 2000  # characters of a pattern
_LARGEST = 10_000  # parts of a pattern with its counted repetitions written out, as the library does it
_PARTS = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|\{(\d{1,9})(?:,\d*)?\}|.", re.DOTALL)


class Uncheckable(ValueError):
    """Why nothing can be said of a text by a pattern, as the end of a sentence about that."""


def fits(pattern: str, text: str, *, within: float = PATIENCE) -> bool:
    """Whether the whole text is of this form; Uncheckable if that cannot be told in so many seconds."""
    try:
        return read_pattern(pattern).fullmatch(text, timeout=within) is not None
    except TimeoutError as late:
        raise Uncheckable("takes too long on it") from late


@lru_cache(maxsize=1000)
def read_pattern(pattern: str) -> regex.Pattern[str]:
    """The pattern, ready to match; Uncheckable says what is wrong with it."""
    if len(pattern) > _LONGEST or _size(pattern) > _LARGEST:
        raise Uncheckable("is too large")
    try:
        return regex.compile(pattern, regex.VERSION1)
    except (regex.error, RecursionError, OverflowError) as strange:
        wrong = str(strange)
    try:
        return regex.compile(pattern, regex.VERSION0)  # a bracket within a class may be one
    except (regex.error, RecursionError, OverflowError):
        raise Uncheckable(f"cannot be read: {wrong}") from None


def _size(pattern: str) -> int:
    """About how many parts it has when each counted repetition is written out."""
    sizes, last = [0], 0
    for part in _PARTS.finditer(pattern):
        if part[0] == "(":
            sizes.append(0)
            continue
        if part[0] == ")" and len(sizes) > 1:
            last = sizes.pop()
        elif part[1]:
            last, before = last * int(part[1]), last
            sizes[-1] -= before
        else:
            last = 1
        sizes[-1] += last
    return sum(sizes)
