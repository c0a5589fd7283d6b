"""The forms in which a secret comes back from a run: as it is, escaped, and in common encodings."""

from __future__ import annotations

import base64
import html
import json
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from bot.domain.value_text import text_of
from bot.domain.values import (
    Attachment,
    Composite,
    EncryptedText,
    Properties,
    SdkObject,
    SealedSecret,
    SecretRef,
    SecretText,
    UnreadableValue,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.domain.values import Value

SHORTEST = 4  # characters, runs of white space as one: anything shorter stands in every other text by chance
_LINE = 8  # characters of a line of a longer secret that is looked for by itself
_MOST_LINES = 200  # of one secret
_UNBROKEN = 12  # characters from which a secret is also looked for with white space within it
_LARGEST_FILE = 64 * 1024  # bytes of a hidden file whose lines are looked for


@dataclass(frozen=True, kw_only=True)
class Forms:
    """What stands for some secrets in a text."""

    folded: tuple[str, ...]  # whatever their case and white space; longest first
    exact: tuple[str, ...]  # Base64, in which case counts
    unbroken: tuple[str, ...]  # the same without any white space, for texts that were wrapped
    short: frozenset[str]  # too short for that: hidden only where they are all of a value


def forms_of(secrets: Iterable[str]) -> Forms:
    """Every form of these secrets; empty ones are none."""
    texts = {text.strip() for text in secrets if text.strip()}
    whole = {line for text in texts if len(fold(text)) >= SHORTEST for line in _parts(text)}
    folded = {fold(form) for text in whole for form in _escaped(text)}
    exact = {form for text in whole for form in _in_base64(text)}
    wrapped = {squeezed(text) for text in (*folded, *exact)}
    return Forms(
        folded=_longest_first(folded),
        exact=_longest_first(exact),
        unbroken=_longest_first({text for text in wrapped if len(text) >= _UNBROKEN}),
        short=frozenset(short for short in map(fold, texts) if len(short) < SHORTEST),
    )


def fold(text: str) -> str:
    """A text as secrets are looked for in it: case, width and runs of white space do not count."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def squeezed(text: str) -> str:
    """A text without its white space."""
    return "".join(text.split())


def texts_in(value: Value) -> Iterator[str]:
    """Every text in a value that the policy hides, as a run may say it again."""
    match value:
        case None | bool() | SecretRef() | SealedSecret():
            return
        case SecretText(text=text) | EncryptedText(text=text):
            yield text
        case SdkObject(id=identity, name=name):
            yield from (identity, name)
        case Attachment(name=name, content=content):
            yield name
            if len(content) <= _LARGEST_FILE:
                yield content.decode(errors="replace")
        case Properties(entries=pairs) | Composite(members=pairs):
            for _, inner in pairs:
                yield from texts_in(inner)
        case tuple():
            for item in value:
                yield from texts_in(item)
        case UnreadableValue(json=text):
            yield text
        case _:
            yield from _scalar(value)


def _scalar(value: Value) -> Iterator[str]:
    try:
        yield text_of(value)
    except (TypeError, OverflowError):
        yield str(value)


def _longest_first(texts: set[str]) -> tuple[str, ...]:
    return tuple(sorted((text for text in texts if len(text) >= SHORTEST), key=len, reverse=True))


def _parts(text: str) -> Iterator[str]:
    """The secret, and each of its longer lines: keys and certificates come back in pieces."""
    yield text
    lines = text.splitlines()[:_MOST_LINES] if "\n" in text or "\r" in text else []
    yield from (line.strip() for line in lines if len(line.strip()) >= _LINE)


def _escaped(text: str) -> Iterator[str]:
    """As it is, and as JSON, XML, HTML and URLs write it; JSON within JSON too; in hexadecimal."""
    yield text
    for ascii_only in (True, False):
        once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield from (once, once.replace("/", "\\/"), json.dumps(once, ensure_ascii=ascii_only)[1:-1])
    marked = html.escape(text, quote=True)
    yield from (marked, marked.replace("&#x27;", "&#39;"), marked.replace("&#x27;", "&apos;"))
    yield html.escape(text, quote=False)
    raw = text.encode(errors="surrogatepass")
    yield from (quote(raw, safe=""), quote(raw), quote_plus(raw), raw.hex())


def _in_base64(text: str) -> Iterator[str]:
    """What of it does not depend on what stands before and after it, at each of the three alignments.

    In UTF-8, and in UTF-16 as PowerShell's encoded commands have it.
    """
    for coded in (text.encode(errors="surrogatepass"), text.encode("utf-16-le", errors="surrogatepass")):
        for before in range(3):
            made = base64.b64encode(b"\0" * before + coded).decode()
            form = made[-(-8 * before // 6) : 8 * (before + len(coded)) // 6]
            yield from (form, form.replace("+", "-").replace("/", "_"))
