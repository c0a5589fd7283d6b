"""Showing one copy of a launch's card: with approvers, in their channel or their direct messages."""

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
    from bot.slack.delivery.audience import CardAudience
    from bot.slack.delivery.posting import Posting
    from bot.store.copies import Copying
    from bot.store.store import Store

log = logging.getLogger(__name__)

_NUDGES = {Happening.REMINDED, Happening.ESCALATED, Happening.ASKED_ANEW, Happening.REVIEW_ASKED}


class Copier:
    """Shows one claimed copy; Overtaken if the claim ends meanwhile."""

    def __init__(
        self, *, store: Store, posting: Posting, audience: CardAudience, copying: Copying, url: str
    ) -> None:
        self._store = store
        self._posting = posting
        self._audience = audience
        self._copying = copying
        self._launch = copying.launch
        self._home = permalink(copying.home.channel, copying.home.ts, url=url)

    async def show(self) -> None:
        """Post the copy if there is none, bring it up to date, and remind whoever reads it."""
        asks = self._copying.target in await self._audience.of(self._launch)
        card, up_to = self._copying.card, self._copying.last_seq
        if card is None and not asks:
            await self._store.copies.forget(self._copying)
            return
        message = cards.copy(self._launch, home=self._home, asks=asks)
        if card is None:
            await self._post(message)
        else:
            if card.version != self._launch.version:
                await self._posting.change(card.channel, card.ts, message)
            if asks:
                await self._nudge(card.channel, card.ts)
        await self._store.copies.shown(self._copying, up_to=up_to)

    async def _post(self, message: cards.Message) -> None:
        """Post it, unless a former try did; where that is not possible, the other cards have to do."""
        try:
            channel, ts = await self._find_or_post(message)
        except SlackApiError as error:
            if error_code(error) not in NO_PLACE:
                raise
            where, why = self._copying.target, error_code(error)
            log.error("launch %s cannot be shown in %s: %s", self._launch.id, where, why)  # noqa: TRY400 - Slack's word is all
            return
        still_ours(await self._store.copies.remember(self._copying, channel=channel, ts=ts))

    async def _find_or_post(self, message: cards.Message) -> tuple[str, str]:
        target, launch = self._copying.target, self._launch
        if self._copying.tried_before:
            found = await self._posting.find(
                target, kind=CARD, launch_id=launch.id, since=launch.requested_at
            )
            if found is not None:
                await self._posting.change(*found, message)
                return found
        return await self._posting.post(target, message, metadata=metadata(CARD, launch.id))

    async def _nudge(self, channel: str, ts: str) -> None:
        """Say the latest reminder where a person who only has this copy sees it."""
        news = [event for event in self._copying.events if event.what in _NUDGES]
        if self._copying.tried_before and news:
            told = await self._posting.last_told(channel, ts, kind=STORY, launch_id=self._launch.id)
            news = [event for event in news if event.seq > told]
        if news:
            mark = metadata(STORY, self._launch.id, up_to=news[-1].seq)
            said = cards.story(self._launch, news[-1:])
            await self._posting.post(channel, said, metadata=mark, thread_ts=ts, broadcast=True)
