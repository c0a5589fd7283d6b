"""Telling one launch: its home card posted and kept current, its story in that card's thread.

Card and thread go separate ways: what Slack refuses of one does not stop the other. News that the thread
does not take is told directly to whoever asked, once, and in the thread as well when it takes it again.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.runtime.metrics import TOLD
from bot.slack import cards
from bot.slack.answers import error_code
from bot.slack.delivery.paced_queue import NotNow
from bot.slack.delivery.posting import metadata, still_ours
from bot.slack.delivery.refusals import RefusalKind, Refusals, is_for_long, refusal_of
from bot.slack.mrkdwn import permalink
from bot.store.cards import Card, CardKind

if TYPE_CHECKING:
    from datetime import timedelta

    from bot.slack.delivery.audience import CardAudience
    from bot.slack.delivery.posting import Histories, Posting
    from bot.store.outbox import Telling
    from bot.store.store import Store

log = logging.getLogger(__name__)

CARD = "launch_card"
STORY = "launch_story"
DIRECT = "launch_direct"


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
        url: str,
    ) -> None:
        self._store = store
        self._posting = posting
        self._histories = histories
        self._audience = audience
        self.telling = telling  # without the doubt of a former try once it is known what is there
        self._launch = telling.launch
        self._link = link  # to the workflow in Orchestrator
        self._url = url  # of the workspace
        self._told = telling.delivered_seq  # the last event that the thread tells
        self._shown = telling.home.version if telling.home else 0
        self._entered = False  # whether the channel's queue was entered for the story, too
        self._refusals = Refusals(f"word of launch {telling.launch.id}")
        self._to = cards.Addressees()

    @property
    def tries(self) -> int:
        """This try, and those before it that ended without a word."""
        return self.telling.tries

    async def take_turn(self) -> None:
        """Post the card if there is none, tell the thread what is new, bring all cards up to date."""
        self._to = await self._audience.addressees(self._launch)
        home = await self._refusals.catch(self._home())
        if home is not None:
            try:
                if await self._refusals.catch(self._tell_thread(home)) is None:
                    await self._refusals.catch(self._tell_directly(home, self._refusals.last))
            except NotNow:
                await self._refusals.catch(self._draw(home))  # changes do not wait for the pace of posts
                raise
            await self._refusals.catch(self._draw(home))
        targets = await self._audience.of(self._launch)
        if targets:
            last = self.telling.events[-1].seq if self.telling.events else self._told
            await self._ours(await self._store.outbox.want_copies(self.telling, targets, after=last))
        if self._refusals:
            await self._rest()
        else:
            told, version = self._told, self._launch.version
            await self._ours(await self._store.outbox.told(self.telling, up_to=told, card=version))

    async def later(self, *, after: timedelta, in_doubt: bool = False) -> bool:
        """Release the claim for a while, with the doubt that is left."""
        return await self._store.outbox.tell_later(
            self.telling, after=after, card=self._shown, in_doubt=in_doubt
        )

    async def refused(self, error: SlackApiError) -> None:
        """Release the claim after a refusal that ended the turn."""
        self._refusals.note(error)
        await self._rest()

    async def _rest(self) -> None:
        """Release the claim, for the longer the longer Slack refuses."""
        after = self._refusals.pause(lasting=self._lasting, has_ended=self._launch.state.is_end)
        doubt = self._refusals.in_doubt
        await self._ours(
            await self._store.outbox.refused(self.telling, after=after, card=self._shown, in_doubt=doubt)
        )

    @property
    def _lasting(self) -> timedelta:
        """For how long Slack has refused something of it."""
        now = self._store.now()
        return now - (self.telling.lost.since or now)

    async def _home(self) -> Card:
        """The home card, posted if there is none; what is there is known after it."""
        home = self.telling.home
        if home is None:
            channel, ts, self._shown = await self._post_card()
            self._entered = self._shown != 0
            launch_id, target = self._launch.id, self._launch.place.channel_id
            home = Card(
                launch_id=launch_id,
                target=target,
                kind=CardKind.HOME,
                channel=channel,
                ts=ts,
                version=self._shown,
            )
        elif self.telling.tried_before or (self._is_lost and self.telling.events):
            await self._look(home)
        return home

    async def _tell_thread(self, home: Card) -> bool:
        """Tell the thread what it does not tell yet."""
        news = tuple(event for event in self.telling.events if event.seq > self._told)
        if news:
            up_to = news[-1].seq
            mark = metadata(STORY, self._launch.id, up_to=up_to)
            story = cards.story(self._launch, news, self._to)
            if self.telling.lost.since is not None:
                story = cards.late(story, since=self.telling.lost.since)
            await self._posting.post(
                home.channel, story, metadata=mark, thread_ts=home.ts, entered=self._entered
            )
            for event in news:
                TOLD.observe(max(0.0, (self._store.now() - event.at).total_seconds()))
            await self._ours(await self._store.outbox.remember_told(self.telling, up_to=up_to))
            self._told = up_to
        return True

    async def _draw(self, home: Card) -> None:
        """Bring the card up to date; one that cannot be changed any more stays as it is."""
        if self._shown != self._launch.version:
            is_news = bool(self.telling.events)
            await self._posting.change(home.channel, home.ts, self._card(), is_news=is_news)
            self._shown = self._launch.version

    async def _tell_directly(self, home: Card, error: SlackApiError) -> None:
        """Tell whoever asked what the thread does not take, unless that may pass, or is there already.

        That the place is lost is noted before: only then is a doubt about this message looked into.
        """
        known = max(self._told, self.telling.lost.direct_seq)
        news = tuple(event for event in self.telling.events if event.seq > known)
        if not news or not is_for_long(error, lasting=self._lasting) or home.channel.startswith("D"):
            return
        await self._ours(await self._store.outbox.lose(self.telling))
        address = permalink(home.channel, home.ts, url=self._url)
        message = cards.directly(self._launch, news, home=address, code=error_code(error))
        mark = metadata(DIRECT, self._launch.id, up_to=news[-1].seq)
        await self._posting.post(self._launch.requester.user_id, message, metadata=mark)
        await self._ours(await self._store.outbox.remember_direct(self.telling, up_to=news[-1].seq))

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
            await self._remove(channel, ts)
        await self._ours(noted)
        self._know_what_is_there()
        return channel, ts, shown

    async def _remove(self, channel: str, ts: str) -> None:
        """Delete a card that could not be noted: whoever has the claim now posts another."""
        removed = ""
        try:
            await self._posting.remove(channel, ts)
            removed = ts
        finally:  # also where Slack asks for a pause: then whoever looks next finds it
            await self._store.outbox.redraw(self._launch.id, removed=removed)

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
            if refusal_of(error) is not RefusalKind.PLACE or self._target == requester:
                raise
            log.warning("launch %s is told to its requester: %s", self._launch.id, error_code(error))
            card = cards.moved(self._card(), channel_id=place.channel_id)
            return await self._posting.post(requester, card, metadata=mark)

    async def _look(self, home: Card) -> None:
        """Learn what a former try told that it could not note.

        Also of a lost place that may take something again: the doubt was about a thread nobody could read.
        """
        launch_id, telling = self._launch.id, self.telling
        told = await self._posting.last_told(home.channel, home.ts, kind=STORY, launch_id=launch_id)
        if told > self._told:
            await self._ours(await self._store.outbox.remember_told(telling, up_to=told))
            self._told = told
        if telling.tried_before and telling.lost.since is not None:
            direct = await self._posting.last_posted(
                self._launch.requester.user_id, kind=DIRECT, launch_id=launch_id, since=telling.lost.since
            )
            if direct > telling.lost.direct_seq:
                await self._ours(await self._store.outbox.remember_direct(telling, up_to=direct))
                self.telling = replace(telling, lost=replace(telling.lost, direct_seq=direct))
        self._know_what_is_there()

    @property
    def _is_lost(self) -> bool:
        return self.telling.lost.since is not None

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
        return cards.card(self._launch, link=self._link, to=self._to)
