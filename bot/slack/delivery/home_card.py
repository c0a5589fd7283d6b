"""Telling one launch: its home card posted and kept current, its story in that card's thread."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.slack import cards
from bot.slack.answers import error_code
from bot.slack.delivery.posting import NO_PLACE, metadata, still_ours

if TYPE_CHECKING:
    from datetime import timedelta

    from bot.slack.delivery.audience import CardAudience
    from bot.slack.delivery.posting import Histories, Posting
    from bot.store.outbox import Telling
    from bot.store.store import Store

log = logging.getLogger(__name__)

CARD = "launch_card"
STORY = "launch_story"


class Teller:
    """Tells one claimed launch, in order; Overtaken if the claim ends meanwhile."""

    def __init__(
        self,
        *,
        store: Store,
        posting: Posting,
        histories: Histories,
        audience: CardAudience,
        telling: Telling,
        link: str | None,
    ) -> None:
        self._store = store
        self._posting = posting
        self._histories = histories
        self._audience = audience
        self.telling = telling  # without the doubt of a former try once it is known what is there
        self._launch = telling.launch
        self._link = link  # to the workflow in Orchestrator

    async def tell(self) -> None:
        """Post the card if there is none, tell the thread what is new, bring all cards up to date."""
        telling = self.telling
        told = telling.delivered_seq
        entered = False  # whether the channel's queue was entered for the story, too
        if telling.home is None:
            channel, ts, shown = await self._post_card()
            entered = shown != 0
        else:
            channel, ts, shown = telling.home.channel, telling.home.ts, telling.home.version
            if telling.tried_before:
                told = await self._note_told(channel, ts)
        news = tuple(event for event in telling.events if event.seq > told)
        if news:
            told = news[-1].seq
            mark = metadata(STORY, self._launch.id, up_to=told)
            story = cards.story(self._launch, news)
            await self._posting.post(channel, story, metadata=mark, thread_ts=ts, entered=entered)
            await self._ours(await self._store.outbox.remember_told(telling, up_to=told))
        if shown != self._launch.version:
            await self._posting.change(channel, ts, self._card(), is_news=bool(telling.events))
        targets = await self._audience.of(self._launch)
        if targets:
            await self._ours(await self._store.outbox.want_copies(telling, targets, after=told))
        await self._ours(await self._store.outbox.told(telling, up_to=told, card=self._launch.version))

    async def later(self, *, after: timedelta, in_doubt: bool = False) -> bool:
        """Release the claim for a while, with the doubt that is left."""
        return await self._store.outbox.tell_later(self.telling, after=after, in_doubt=in_doubt)

    async def _post_card(self) -> tuple[str, str, int]:
        """Post the card, or find it if a former try may have posted it; then note where it is."""
        found = await self._find_card() if self.telling.tried_before else None
        if found is None:
            self._know_what_is_there()
            self._posting.enter(self._target, posts=1 + bool(self.telling.events))
        channel, ts = found or await self._post_where_possible()
        shown = 0 if found else self._launch.version
        noted = await self._store.outbox.remember_home(self.telling, channel=channel, ts=ts, version=shown)
        if not noted and not found:
            await self._posting.remove(channel, ts)  # whoever has the claim now posts another
        await self._ours(noted)
        self._know_what_is_there()
        return channel, ts, shown

    async def _find_card(self) -> tuple[str, str] | None:
        """The card in its place, or where it goes when that cannot be: the requester's direct messages."""
        for target in dict.fromkeys((self._target, self._launch.requester.user_id)):
            found = await self._histories.find(target, kind=CARD, launch_id=self._launch.id)
            if found is not None:
                return found
        return None

    async def _post_where_possible(self) -> tuple[str, str]:
        """Post to the launch's channel; where the bot cannot, to the requester's direct messages."""
        mark = metadata(CARD, self._launch.id)
        requester, place = self._launch.requester.user_id, self._launch.place
        try:
            return await self._posting.post(self._target, self._card(), metadata=mark, entered=True)
        except SlackApiError as error:
            if error_code(error) not in NO_PLACE or self._target == requester:
                raise
            log.warning("launch %s is told to its requester: %s", self._launch.id, error_code(error))
            card = cards.moved(self._card(), channel_id=place.channel_id)
            return await self._posting.post(requester, card, metadata=mark)

    async def _note_told(self, channel: str, ts: str) -> int:
        """Note the last event that the thread tells already, whatever a former try could note of it."""
        told = max(self.telling.delivered_seq, await self._last_told(channel, ts))
        if told > self.telling.delivered_seq:
            await self._ours(await self._store.outbox.remember_told(self.telling, up_to=told))
        self._know_what_is_there()
        return told

    def _know_what_is_there(self) -> None:
        """End the doubt of a former try: what it may have posted is not there, or it is noted by now.

        Not before it is noted: whoever claims the launch next, when Slack asks for a pause meanwhile, would
        not look again and post it a second time.
        """
        self.telling = replace(self.telling, tried_before=False)

    async def _ours(self, noted: bool) -> None:  # noqa: FBT001 - what the store answered
        """Overtaken if the claim ended while Slack was asked; the card is then drawn anew."""
        if not noted:
            await self._store.outbox.redraw(self._launch.id)
        still_ours(noted)

    @property
    def _target(self) -> str:
        place = self._launch.place
        return self._launch.requester.user_id if place.is_direct else place.channel_id

    def _card(self) -> cards.Message:
        return cards.card(self._launch, link=self._link)

    async def _last_told(self, channel: str, ts: str) -> int:
        return await self._posting.last_told(channel, ts, kind=STORY, launch_id=self._launch.id)
