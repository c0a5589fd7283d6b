"""Invisible characters: those a reader cannot see, so that two texts look the same and are not.

They are Unicode's control and format characters, halves of surrogate pairs, and what else is ignored by
default when text is drawn (Default_Ignorable_Code_Point in Unicode's DerivedCoreProperties).
"""

from __future__ import annotations

import unicodedata

_LAYOUT = "\t\n\r"  # they are seen as the space they make
_FILLERS = (  # ignored by default, though neither control nor format characters
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian variation selectors
    (0x2065, 0x2065),
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFFA0, 0xFFA0),  # half-width Hangul filler
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),  # tags and more variation selectors
)


def is_invisible(character: str) -> bool:
    """Whether a reader sees nothing of it."""
    if character in _LAYOUT:
        return False
    code = ord(character)
    if unicodedata.category(character) in {"Cc", "Cf", "Cs"}:
        return True
    return any(first <= code <= last for first, last in _FILLERS)


def invisible_in(text: str) -> tuple[str, ...]:
    """The names of the invisible characters of a text, each once, such as `U+200B ZERO WIDTH SPACE`."""
    if text.isascii() and text.isprintable():  # nearly every value is
        return ()
    found = dict.fromkeys(character for character in text if is_invisible(character))
    return tuple(f"U+{ord(each):04X} {unicodedata.name(each, 'control character')}" for each in found)


def comparable(text: str) -> str | None:
    """A text as rules and locks compare it: case, width and runs of blanks do not count.

    None if it holds invisible characters: then it cannot be told what a reader takes it for.
    """
    if invisible_in(text):
        return None
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
