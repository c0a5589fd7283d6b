"""The blocks the bot builds with, each within Slack's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from bot.slack.mrkdwn import clean, cut

if TYPE_CHECKING:
    from collections.abc import Sequence

Block: TypeAlias = dict[str, Any]

TEXT = 3000  # characters of a section or a context element
OPEN_LINK = "open_link"  # action id
_IN_A_LINE = 60  # characters
_TITLE, _BUTTON, _HEADER, _LABEL = 24, 75, 150, 2000


def plain(text: str, *, longest: int) -> Block:
    """Plain text, never empty: Slack refuses that."""
    return {"type": "plain_text", "text": cut(clean(text), longest) or " ", "emoji": True}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text, longest=_HEADER)}


def section(text: str) -> Block:
    """A paragraph of mrkdwn that is already escaped."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, TEXT) or " "}}


def context(*texts: str) -> Block:
    """A small line of mrkdwn that is already escaped."""
    elements = [{"type": "mrkdwn", "text": cut(text, TEXT)} for text in texts if text]
    return {"type": "context", "elements": elements[:10]}


def fields(*texts: str) -> Block:
    """Short facts in two columns, of mrkdwn that is already escaped."""
    return {
        "type": "section",
        "fields": [{"type": "mrkdwn", "text": cut(text, 2000)} for text in texts if text][:10],
    }


def preformatted(*pairs: tuple[str, str]) -> Block:
    """Names in bold, each over its text in a fixed-width box: shown to the letter, nothing interpreted."""
    elements: list[Block] = []
    for name, text in pairs:
        label = {"type": "text", "text": clean(name) or " ", "style": {"bold": True}}
        elements.append({"type": "rich_text_section", "elements": [label]})
        elements.append(
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text or " "}]}
        )
    return {"type": "rich_text", "elements": elements}


def values(*pairs: tuple[str, str]) -> Block:
    """Names with their texts, to the letter: a short one in a line of a list, a long one in a box."""
    elements: list[Block] = []
    for name, text in pairs:
        if len(text) > _IN_A_LINE or "\n" in text:
            elements += preformatted((name, text))["elements"]
            continue
        if not elements or elements[-1]["type"] != "rich_text_list":
            elements.append({"type": "rich_text_list", "style": "bullet", "elements": []})
        elements[-1]["elements"].append(_named(name, text))
    return {"type": "rich_text", "elements": elements}


def _named(name: str, text: str) -> Block:
    label = {"type": "text", "text": clean(name) or " ", "style": {"bold": True}}
    value = {"type": "text", "text": text or " ", "style": {"code": True}}
    return {"type": "rich_text_section", "elements": [label, {"type": "text", "text": "  "}, value]}


def button(
    face: str,
    *,
    action: str,
    value: str,
    style: str | None = None,
    confirm: tuple[str, str, str] | None = None,
    names: str = "",
) -> Block:
    """A button; `confirm` is (title, text, face of the yes), `names` what it acts on, for screen readers."""
    made: Block = {
        "type": "button",
        "action_id": action,
        "text": plain(face, longest=_BUTTON),
        "value": cut(value, 2000),
    }
    if style:
        made["style"] = style
    if names:
        made["accessibility_label"] = cut(clean(f"{face}: {names}"), 75)
    if confirm:
        title, text, yes = confirm
        made["confirm"] = {
            "title": plain(title, longest=100),
            "text": plain(text, longest=300),
            "confirm": plain(yes, longest=30),
            "deny": plain("Back", longest=30),
        }
        if style == "danger":
            made["confirm"]["style"] = "danger"
    return made


def link_button(face: str, url: str) -> Block:
    """A button that opens a page; Slack reports the click all the same."""
    return {"type": "button", "action_id": OPEN_LINK, "url": url, "text": plain(face, longest=_BUTTON)}


def actions(elements: Sequence[Block], *, block_id: str) -> Block:
    """A row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)[:25]}


def field(
    block_id: str,
    *,
    label: str,
    element: Block,
    hint: str = "",
    optional: bool = False,
    dispatch: bool = False,
) -> Block:
    """An input with its label."""
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, longest=_LABEL),
        "element": element,
        "optional": optional,
    }
    if hint:
        made["hint"] = plain(hint, longest=_LABEL)
    if dispatch:
        made["dispatch_action"] = True
    return made


def option(text: str, value: str, *, description: str = "") -> Block:
    """One choice of a menu."""
    made: Block = {"text": plain(text, longest=75), "value": value}
    if description:
        made["description"] = plain(description, longest=75)
    return made


def path_end(path: str, longest: int) -> str:
    """A path's end says more than its beginning."""
    return path if len(path) <= longest else f"…{path[-(longest - 1) :]}"


def modal(
    title: str,
    blocks: Sequence[Block],
    *,
    callback_id: str,
    metadata: str = "",
    submit: str | None = None,
    close: str = "Close",
    notify_on_close: bool = False,
) -> Block:
    """A modal; `metadata` carries ids only."""
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, longest=_TITLE),
        "close": plain(close, longest=_TITLE),
        "blocks": list(blocks),
        "private_metadata": metadata,
    }
    if notify_on_close:
        view["notify_on_close"] = True
    if submit:
        view["submit"] = plain(submit, longest=_TITLE)
    return view
