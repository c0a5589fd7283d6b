"""What people read of a launch: its card, kept current, and the lines of its thread."""

from bot.slack.cards.card import card, copy, echo, moved
from bot.slack.cards.lost import directly, late, unseen
from bot.slack.cards.naming import Addressees
from bot.slack.cards.thread import line, story
from bot.slack.cards.words import Message, short_id, status_words

__all__ = [
    "Addressees",
    "Message",
    "card",
    "copy",
    "directly",
    "echo",
    "late",
    "line",
    "moved",
    "short_id",
    "status_words",
    "story",
    "unseen",
]
