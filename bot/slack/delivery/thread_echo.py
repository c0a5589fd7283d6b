"""Tells the thread of the message that a launch is about: that it was asked for, and how it ended."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.domain.launch import Happening
from bot.slack import cards
from bot.slack.answers import error_code
from bot.slack.delivery.home_card import CARD, STORY
from bot.slack.delivery.posting import NO_PLACE, metadata, still_ours
from bot.slack.mrkdwn import permalink

if TYPE_CHECKING:
    from bot.domain.about import Thread
    from bot.slack.delivery.posting import Posting
    from bot.store.copies import Copying
    from bot.store.store import Store

log = logging.getLogger(__name__)

_GONE = {"thread_not_found", "message_not_found"}
_ENDS = {
    Happening.SUCCEEDED,
    Happening.FAILED,
    Happening.CANCELLED,
    Happening.LOST,
    Happening.REJECTED,
    Happening.EXPIRED,
    Happening.WITHDRAWN,
}


class ThreadEcho:
    """Shows one claimed launch in another's thread; Overtaken if the claim ends meanwhile.

    What it posted is found again in the thread by its metadata, so that a former try is not repeated.
    """

    def __init__(self, *, store: Store, posting: Posting, copying: Copying, thread: Thread, url: str) -> None:
        self._store = store
        self._posting = posting
        self._copying = copying
        self._thread = thread
        self._launch = copying.launch
        self._home = permalink(copying.home.channel, copying.home.ts, url=url)

    async def show(self) -> None:
        """Post that it was asked for, keep that current, and say how it ended in a message of its own."""
        card, up_to = self._copying.card, self._copying.last_seq
        message = cards.echo(self._launch, home=self._home)
        if card is None:
            if not await self._post(message):
                return
        elif card.version != self._launch.version:
            await self._posting.change(card.channel, card.ts, message)
        if card is not None:
            await self._tell_end()
        await self._store.copies.shown(self._copying, up_to=up_to)

    async def _post(self, message: cards.Message) -> bool:
        """Post it, unless a former try did; False if nothing can be posted there."""
        channel, ts = self._thread.channel, self._thread.ts
        found = None
        if self._copying.tried_before:
            found = await self._posting.find_reply(channel, ts, kind=CARD, launch_id=self._launch.id)
        try:
            where = found or await self._posting.post(
                channel, message, metadata=metadata(CARD, self._launch.id), thread_ts=ts
            )
        except SlackApiError as error:
            if error_code(error) not in NO_PLACE | _GONE:
                raise
            log.warning("launch %s cannot be told in its thread: %s", self._launch.id, error_code(error))
            await self._store.copies.forget(self._copying)
            return False
        still_ours(await self._store.copies.remember(self._copying, channel=where[0], ts=where[1]))
        return True

    async def _tell_end(self) -> None:
        channel, ts = self._thread.channel, self._thread.ts
        ends = [event for event in self._copying.events if event.what in _ENDS]
        if self._copying.tried_before and ends:
            told = await self._posting.last_told(channel, ts, kind=STORY, launch_id=self._launch.id)
            ends = [event for event in ends if event.seq > told]
        if ends:
            mark = metadata(STORY, self._launch.id, up_to=ends[-1].seq)
            said = cards.echo(self._launch, home=self._home)
            await self._posting.post(channel, said, metadata=mark, thread_ts=ts)
