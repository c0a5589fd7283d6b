"""What a person can read: the words of blocks, and the labels of fields and buttons."""

import re
from collections.abc import Iterable

from bot.demo.slack.walk import BUTTON_TYPES, FilledElement, elements_in, every_block
from bot.demo.slack.wire import Json

_MARKUP = re.compile(r"[*_~`]")


def words_of(shown: Json) -> str:
    """Everything that can be read in a message or a view, a line a block; fallback text is left out."""
    blocks = shown.get("blocks") or []
    if not blocks and isinstance(shown.get("text"), str):
        return str(shown["text"])
    lines = [_text(shown.get("title")), *map(block_words, blocks)]
    feet = [_text(shown.get("submit")), _text(shown.get("close"))]
    return "\n".join(line for line in (*lines, *feet) if line)


def block_words(block: Json) -> str:
    """Everything that can be read in one block."""
    return " ".join(_collected(block)).strip()


def label_of(field: FilledElement) -> str:
    """What a person would call a field: its label, the text beside it, or its placeholder."""
    if field.block["type"] == "input":
        return plain(_text(field.block.get("label")))
    if field.block["type"] == "section":
        return plain(_text(field.block.get("text")))
    return plain(_text(field.element.get("placeholder")) or str(field.element["action_id"]))


def face_of(element: Json) -> str:
    """What stands on a button."""
    return plain(_text(element.get("text")) or str(element.get("accessibility_label", "")))


def plain(text: str) -> str:
    """A text without mrkdwn's emphasis."""
    return _MARKUP.sub("", text).strip()


def buttons_in(shown: Json) -> list[str]:
    """What stands on the buttons of a message or view, in order."""
    found = (element for block in every_block(shown.get("blocks", [])) for element in elements_in(block))
    return [face_of(element) for element in found if element.get("type") in BUTTON_TYPES]


def _text(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("text", ""))
    return value if isinstance(value, str) else ""


_READ = {"text", "alt_text", "title", "user_id", "caption"}
_UNSEEN = {"confirm", "block_id", "action_id", "value", "type", "style", "url", "image_url"}


def _collected(value: object) -> Iterable[str]:
    if isinstance(value, list):
        for item in value:
            yield from _collected(item)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name in _READ and isinstance(part, str):
                yield part
            elif name not in _UNSEEN:
                yield from _collected(part)
