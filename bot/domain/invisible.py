"""Invisible characters: those a reader cannot see, so that two texts look the same and are not.

They are Unicode's control and format characters, halves of surrogate pairs, and what else is ignored by
default when text is drawn (Default_Ignorable_Code_Point in Unicode's DerivedCoreProperties).
"""

from __future__ import annotations

import re
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

_JOINED = "\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_FORMATS = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\ud800-\udfff"
)
_SELECTORS = (0xFE00, 0xFE0F)
_IGNORED = "".join(f"{chr(first)}-{chr(last)}" for first, last in _FILLERS if (first, last) != _SELECTORS)
_SYMBOLS = "\u00a9\u00ae\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_UNSEEN = re.compile(  # the same characters as `is_invisible`; a loop over a long text would hold others up
    f"([{_CONTROLS}{_FORMATS}{_IGNORED}]|(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])"
    f"|(?<![{_SYMBOLS}])(?!(?<=[0-9#*])\ufe0f\u20e3)[\ufe00-\ufe0f]|[\ufe00-\ufe0d])\\1*"
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


def with_marks(text: str) -> str:
    """A text with a visible mark, such as `⟨U+200B⟩`, in place of each invisible character.

    Joiners and variation selectors stay where a script or an emoji is written with them.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(_mark, text)


def _mark(run: re.Match[str]) -> str:
    """One mark for a run of the same character."""
    code = f"U+{ord(run[0][0]):04X}"
    return f"⟨{code}⟩" if len(run[0]) == 1 else f"⟨{len(run[0])}x {code}⟩"


def comparable(text: str) -> str | None:
    """A text as rules and locks compare it: case, width and runs of blanks do not count.

    None if it holds invisible characters: then it cannot be told what a reader takes it for.
    """
    if invisible_in(text):
        return None
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
