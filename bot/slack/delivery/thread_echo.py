"""Tells the thread of the message that a launch is about: that it was asked for, and how it ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.launch import Happening
from bot.slack import cards
from bot.slack.delivery.home_card import CARD, STORY
from bot.slack.delivery.posting import metadata, still_ours
from bot.slack.delivery.refusals import RefusalKind, Refusals, refusal_of
from bot.slack.mrkdwn import permalink

if TYPE_CHECKING:
    from slack_sdk.errors import SlackApiError

    from bot.domain.about import Thread
    from bot.slack.delivery.posting import Posting
    from bot.store.copies import Copying
    from bot.store.store import Store

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
        home = copying.home
        self._home = permalink(home.channel, home.ts, url=url) if home else ""
        self._refusals = Refusals(f"to tell launch {copying.launch.id} in {copying.target}")

    @property
    def tries(self) -> int:
        """This try, and those before it that ended without a word."""
        return self._copying.tries

    async def later(self, *, after: timedelta, in_doubt: bool = False) -> bool:
        """Release the claim for a while."""
        return await self._store.copies.show_later(self._copying, after=after, in_doubt=in_doubt)

    async def refused(self, error: SlackApiError) -> None:
        """Give the thread up where nothing can be told any more, else try again later."""
        self._refusals.note(error)
        if refusal_of(error) in {RefusalKind.PLACE, RefusalKind.GONE}:
            await self._store.copies.forget(self._copying)
            return
        pause = self._refusals.pause(lasting=timedelta(), has_ended=False) or timedelta(minutes=1)
        await self.later(after=pause, in_doubt=self._refusals.in_doubt)

    async def take_turn(self) -> None:
        """Post that it was asked for, keep that current, and say how it ended in a message of its own."""
        card, up_to = self._copying.card, self._copying.last_seq
        message = cards.echo(self._launch, home=self._home)
        if card is None:
            await self._post(message)
        elif card.version != self._launch.version:
            await self._posting.change(card.channel, card.ts, message)
        if card is not None:
            await self._tell_end()
        await self._store.copies.shown(self._copying, up_to=up_to)

    async def _post(self, message: cards.Message) -> None:
        """Post it, unless a former try did."""
        channel, ts = self._thread.channel, self._thread.ts
        found = None
        if self._copying.tried_before:
            found = await self._posting.find_reply(channel, ts, kind=CARD, launch_id=self._launch.id)
        where = found or await self._posting.post(
            channel, message, metadata=metadata(CARD, self._launch.id), thread_ts=ts
        )
        still_ours(await self._store.copies.remember(self._copying, channel=where[0], ts=where[1]))

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
