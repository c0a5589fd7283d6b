"""What people read where a launch's place takes nothing any more: told directly, and caught up on later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack import blocks
from bot.slack.cards.thread import story
from bot.slack.cards.words import Message, short_id
from bot.slack.mrkdwn import channel, inline, moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.launch import Event, Launch

_AGAIN = "When it does again, its thread catches up."
_WHY = {  # by Slack's error code: what is so, and what happens when it changes
    "not_in_channel": ("I am not in {} any more", "Invite me again, and its thread catches up."),
    "channel_not_found": ("I am not in {} any more", "Invite me again, and its thread catches up."),
    "is_archived": ("{} is archived", "When it is unarchived, its thread catches up."),
    "is_inactive": ("{} is archived", "When it is unarchived, its thread catches up."),
    "thread_locked": ("its thread in {} is locked", "When it is unlocked, it catches up."),
    "restricted_action_thread_locked": ("its thread in {} is locked", "When it is unlocked, it catches up."),
    "thread_not_found": ("its card in {} was deleted", ""),
    "message_not_found": ("its card in {} was deleted", ""),
}


def directly(launch: Launch, news: Sequence[Event], *, home: str, code: str) -> Message:
    """The news for whoever asked, in their direct messages, as Slack refuses it in its thread with this code.

    `home` is the address of the card.
    """
    place = channel(launch.place.channel_id)
    why, mend = _WHY.get(code, ("Slack does not take this from me in {}", _AGAIN))
    said = story(launch, news)
    name = f"*{inline(launch.workflow.name)}* (<{home}|launch `{short_id(launch)}`> in {place})"
    head = f"{name}: {why.format(place)}, so I tell you here. {mend}".rstrip()
    return Message(text=f"{head}\n{said.text}"[: blocks.TEXT], blocks=[blocks.section(head), *said.blocks])


def unseen(launch: Launch, *, target: str) -> Message:
    """Word in a launch's thread that a channel whose people are asked cannot be posted in."""
    here = "" if launch.place.is_direct else " Whoever may decide can also do so here, on the card."
    text = (
        f":warning: I cannot post in {channel(target)}, so nobody is asked there. "
        f"Invite me there, and I ask.{here}"
    )
    return Message(text=text, blocks=[blocks.section(text)])


def late(message: Message, *, since: datetime) -> Message:
    """What could not be told in the thread since then, marked as late."""
    told = blocks.context(f"Told late: I could not post here since {moment(since)}.")
    return Message(text=message.text, blocks=[told, *message.blocks])
