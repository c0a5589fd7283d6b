"""Decodes an answer's bytes to text and its text to JSON, by what they are, not by what they are called.

Gateways label JSON `text/plain` or `application/octet-stream` and change its charset on the way; workflows
put half of a surrogate pair into a text. Neither may cost the whole answer.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_BOMS = (  # the longer first: UTF-32's little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LATIN = frozenset({"iso8859-1", "iso8859-15", "cp1252", "ascii"})
_CHARSET = re.compile(  # of a charset in use; others Python knows, such as idna, take quadratic time
    r"utf-?(8|16|32)|iso8859-\d+|cp\d+|koi8-.|gb\d+|gbk|big5|euc_.{2}|shift_jis|ascii", re.IGNORECASE
)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_HALF = re.compile("[\ud800-\udfff]")
_DEEPEST = 200  # levels of a value that may hold half characters


def text_of(body: bytes, *, charset: str = "") -> str:
    """The body as text: by its byte order mark, the label's charset, as UTF-8, at last as Latin-1.

    A label of the Latin kind counts only for what is not UTF-8: servlet containers add it unasked.
    """
    named = _known(charset)
    marked = next((name for mark, name in _BOMS if body.startswith(mark)), "")
    guessed = json.detect_encoding(body)  # RFC 4627, 3: by the zeros among the first four bytes
    first = named if named not in _LATIN else ""
    for encoding in (marked, guessed if guessed != "utf-8" else "", first, "utf-8", named):
        try:
            if encoding:
                return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode("latin-1")


def _known(charset: str) -> str:
    try:
        name = codecs.lookup(charset).name if charset else ""
    except (LookupError, ValueError):
        return ""
    return name if _CHARSET.fullmatch(name) else ""


def parsed(text: str, *, hook: Callable[[dict[str, object]], object] | None = None) -> object:
    """The JSON in the text, with U+FFFD for halves of surrogate pairs; ValueError, RecursionError.

    Control characters within texts are let pass: they are said by workflows, and harm nothing here.
    """
    if not (_SURROGATE.search(text) or _HALF.search(text)):
        return json.loads(text, object_hook=hook, strict=False)
    whole = _mended(json.loads(text, strict=False), depth=0)
    return whole if hook is None else json.loads(json.dumps(whole), object_hook=hook)


def _mended(value: object, *, depth: int) -> object:
    if depth > _DEEPEST:
        raise RecursionError
    match value:
        case str():
            return _HALF.sub("\ufffd", value)
        case list():
            return [_mended(each, depth=depth + 1) for each in value]
        case dict():
            return {_HALF.sub("\ufffd", key): _mended(each, depth=depth + 1) for key, each in value.items()}
        case _:
            return value
