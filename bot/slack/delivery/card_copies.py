"""Showing one copy of a launch's card: with approvers, in their channel or their direct messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.launch import Happening
from bot.slack import cards
from bot.slack.delivery.home_card import CARD, STORY
from bot.slack.delivery.posting import metadata, still_ours
from bot.slack.delivery.refusals import RefusalKind, Refusals, refusal_of
from bot.slack.mrkdwn import permalink

if TYPE_CHECKING:
    from datetime import timedelta

    from slack_sdk.errors import SlackApiError

    from bot.slack.delivery.audience import CardAudience
    from bot.slack.delivery.posting import Posting
    from bot.store.cards import Card
    from bot.store.copies import Copying
    from bot.store.store import Store

_NUDGES = {
    Happening.STAGE_OPENED,  # a card that is only changed does not ping whoever is asked once more
    Happening.REMINDED,
    Happening.ESCALATED,
    Happening.ASKED_ANEW,
    Happening.REVIEW_ASKED,
}


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
        self._to = cards.Addressees()
        home = copying.home
        self._home = permalink(home.channel, home.ts, url=url) if home else ""
        self._shown = copying.card.version if copying.card else 0
        self._told = copying.delivered_seq  # the last event told beside it
        self._refusals = Refusals(f"to show launch {copying.launch.id} in {copying.target}")

    @property
    def tries(self) -> int:
        """This try, and those before it that ended without a word."""
        return self._copying.tries

    async def take_turn(self) -> None:
        """Post the copy if there is none, bring it up to date, and remind whoever reads it."""
        asks = self._copying.target in await self._audience.of(self._launch)
        card = self._copying.card
        if card is None and not asks:
            await self._store.copies.forget(self._copying)
            return
        self._to = await self._audience.addressees(self._launch, target=self._copying.target)
        message = cards.copy(self._launch, home=self._home, asks=asks, to=self._to)
        if card is None:
            await self._refusals.catch(self._post(message))
            if self._refusals:
                await self._refusals.catch(self._say_unseen(self._refusals.last))
        else:
            await self._refusals.catch(self._draw(card, message))
            await self._refusals.catch(self._nudge(card, asks=asks))
        if self._refusals:
            await self._rest()
        else:
            await self._ours(await self._store.copies.shown(self._copying, up_to=self._told))

    async def later(self, *, after: timedelta, in_doubt: bool = False) -> bool:
        """Release the claim for a while."""
        return await self._store.copies.show_later(self._copying, after=after, in_doubt=in_doubt)

    async def refused(self, error: SlackApiError) -> None:
        """Release the claim after a refusal that ended the turn."""
        self._refusals.note(error)
        await self._rest()

    async def _rest(self) -> None:
        """Release the claim, for the longer the longer Slack refuses. The other cards have to do."""
        now = self._store.now()
        lasting = now - (self._copying.lost_since or now)
        after = self._refusals.pause(lasting=lasting, has_ended=self._launch.state.is_end)
        doubt = self._refusals.in_doubt
        await self._ours(
            await self._store.copies.refused(
                self._copying, after=after, version=self._shown, up_to=self._told, in_doubt=doubt
            )
        )

    async def _post(self, message: cards.Message) -> None:
        """Post it, unless a former try did; then note where it is."""
        found = await self._find()
        if found is not None:
            await self._posting.change(*found, message)
        channel, ts = found or await self._posting.post(
            self._copying.target, message, metadata=metadata(CARD, self._launch.id)
        )
        noted = await self._store.copies.remember(self._copying, channel=channel, ts=ts)
        if not noted and found is None:
            await self._remove(channel, ts)
        await self._ours(noted)
        self._shown, self._told = self._launch.version, self._copying.last_seq

    async def _say_unseen(self, error: SlackApiError) -> None:
        """Say in the launch's thread, at the first refusal, that nobody is asked in a channel."""
        home, target, launch_id = self._copying.home, self._copying.target, self._launch.id
        is_first = self._copying.lost_since is None
        if home is None or not is_first or target.startswith(("U", "W")):
            return
        if refusal_of(error) is not RefusalKind.PLACE:
            return
        kind = f"launch_unseen_{target.lower()}"
        if self._copying.tried_before and await self._posting.last_told(
            home.channel, home.ts, kind=kind, launch_id=launch_id
        ):
            return
        said = cards.unseen(self._launch, target=target)
        mark = metadata(kind, launch_id, up_to=1)
        await self._posting.post(home.channel, said, metadata=mark, thread_ts=home.ts)

    async def _remove(self, channel: str, ts: str) -> None:
        """Delete a copy that could not be noted: whoever has the claim now posts another."""
        removed = ""
        try:
            await self._posting.remove(channel, ts)
            removed = ts
        finally:  # also where Slack asks for a pause: then whoever looks next finds it
            await self._store.copies.redraw(self._copying, removed=removed)

    async def _find(self) -> tuple[str, str] | None:
        if not self._copying.tried_before:
            return None
        launch = self._launch
        return await self._posting.find(
            self._copying.target, kind=CARD, launch_id=launch.id, since=launch.requested_at
        )

    async def _draw(self, card: Card, message: cards.Message) -> None:
        if card.version != self._launch.version:
            await self._posting.change(card.channel, card.ts, message)
            self._shown = self._launch.version

    async def _nudge(self, card: Card, *, asks: bool) -> None:
        """Say the latest reminder where a person who only has this copy sees it."""
        news = [event for event in self._copying.events if asks and event.what in _NUDGES]
        if self._copying.tried_before and news:
            launch_id = self._launch.id
            told = await self._posting.last_told(card.channel, card.ts, kind=STORY, launch_id=launch_id)
            news = [event for event in news if event.seq > told]
        if news:
            mark = metadata(STORY, self._launch.id, up_to=news[-1].seq)
            said = cards.story(self._launch, news[-1:], self._to)
            await self._posting.post(card.channel, said, metadata=mark, thread_ts=card.ts, broadcast=True)
        self._told = self._copying.last_seq

    async def _ours(self, noted: bool) -> None:  # noqa: FBT001 - what the store answered
        """Overtaken if the claim ended while Slack was asked; the copy is then drawn anew."""
        if not noted:
            await self._store.copies.redraw(self._copying)
        still_ours(noted)
