"""Why the policy decides as it does, in words, and a refusal with a button that leads to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.domain.policy import Names, explain
from bot.slack import blocks
from bot.slack.cards import Message
from bot.slack.mrkdwn import cut, escape

if TYPE_CHECKING:
    from bot.domain.policy import Ruling

_MOST = 2000  # characters a button's value may hold
_OPEN, _CLOSE = "\ue000", "\ue001"  # stand for angle brackets until everything else is escaped
_LINK = re.compile(f"{_OPEN}([@#]|!subteam\\^)([A-Z0-9]+){_CLOSE}")
_NAMES = Names(
    person=f"{_OPEN}@{{}}{_CLOSE}".format,
    group=f"{_OPEN}!subteam^{{}}{_CLOSE}".format,
    channel=f"{_OPEN}#{{}}{_CLOSE}".format,
)


def explained(ruling: Ruling) -> str:
    """The ruling in words, as mrkdwn, with people, groups and channels linked."""
    lines = escape(str(explain(ruling, _NAMES))).split("\n")
    bulleted = "\n".join(f"• {line[2:]}" if line.startswith("- ") else line for line in lines)
    return _LINK.sub(r"<\1\2>", bulleted)


def refused(text: str, ruling: Ruling) -> Message:
    """A refusal with a button that says why."""
    why = blocks.button("Why?", action="why", value=cut(explained(ruling), _MOST))
    return Message(text=text, blocks=[blocks.section(text), blocks.actions([why], block_id="why")])
