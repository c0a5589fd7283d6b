"""Errors in the words people read: what happened, whether anything was started, what to do, and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.domain.errors import BotError, InvalidAnswers, LoginRefused, NotHere, OrchestratorError
from bot.domain.policy import Names, explain
from bot.slack import blocks
from bot.slack.cards import Message
from bot.slack.forms.review import FORMS
from bot.slack.mrkdwn import channel, cut, escape

if TYPE_CHECKING:
    from bot.domain.policy import Ruling
    from bot.slack.dispatcher import Call

WHY = "why"  # action id
_MOST = 2000  # characters a button's value may hold
_OPEN, _CLOSE = "\ue000", "\ue001"  # stand for angle brackets until everything else is escaped
_LINK = re.compile(f"{_OPEN}([@#]|!subteam\\^)([A-Z0-9]+){_CLOSE}")
_NAMES = Names(
    person=f"{_OPEN}@{{}}{_CLOSE}".format,
    group=f"{_OPEN}!subteam^{{}}{_CLOSE}".format,
    channel=f"{_OPEN}#{{}}{_CLOSE}".format,
)


def in_words(error: BotError) -> str:
    """A known error as mrkdwn: what happened, whether anything was started, what to do."""
    match error:
        case NotHere(channels=channels):
            return f"{escape(error.message)} It may be run in {', '.join(map(channel, channels))}."
        case InvalidAnswers(problems=problems):
            lines = [f"• {escape(name)}: {escape(problem)}" for name, problem in problems.items()]
            return "\n".join((escape(error.message), *lines))
        case OrchestratorError():
            return _unread(error)
        case _:
            return escape(error.message)


def _unread(error: OrchestratorError) -> str:
    """Orchestrator was only asked to tell something, so nothing can have started, whatever it answered."""
    happened = escape(error.message.partition(". ")[0].rstrip("."))
    if isinstance(error, LoginRefused):
        return f"{happened}. Nothing was started. The platform team has to look at the bot's account."
    return f"{happened}. Nothing was started. Please try again in a few minutes."


def way_back(call: Call) -> str:
    """How to go on with a form whose window has become this answer; what it held was kept before that."""
    if call.kind != "view_submission" or call.body["view"]["callback_id"] not in FORMS:
        return ""
    return " Then run the workflow again and choose “Where you left off”: what you filled in is kept."


def explained(ruling: Ruling) -> str:
    """The ruling in words, as mrkdwn, with people, groups and channels linked."""
    lines = escape(str(explain(ruling, _NAMES))).split("\n")
    bulleted = "\n".join(f"• {line[2:]}" if line.startswith("- ") else line for line in lines)
    return _LINK.sub(r"<\1\2>", bulleted)


def refused(text: str, ruling: Ruling) -> Message:
    """A refusal with a button that says why."""
    why = blocks.button("Why?", action=WHY, value=cut(explained(ruling), _MOST))
    return Message(text=text, blocks=[blocks.section(text), blocks.actions([why], block_id="why")])
