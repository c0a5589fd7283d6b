"""Channels: whether the bot can speak in one, asked before a form is shown; and who is in one."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.domain.errors import NotInChannel
from bot.slack.answers import SLACK_FAILS, SlackAnswer, error_code, is_limited, read, retry_after
from bot.slack.pacing import Limited, Pace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.people import Place
    from bot.slack.answers import SlackClient

log = logging.getLogger(__name__)

_FRESH = timedelta(minutes=10)
_OLDEST = timedelta(hours=1)  # an old yes serves until then where Slack limits the calls; a post finds out
_MOST = 2_000  # channels remembered
_MEMBERS_FRESH = timedelta(minutes=5)
_MEMBERS_PAGE, _MEMBER_PAGES = 200, 10  # people of a page, as Slack advises; pages of one channel
_PATIENCE = timedelta(seconds=2)  # for one page
_NOT_THERE = {"channel_not_found", "not_in_channel", "missing_scope", "is_archived"}


class _Channel(SlackAnswer):
    is_member: bool | None = None
    is_archived: bool | None = None


class _ChannelAnswer(SlackAnswer):
    channel: _Channel


class _RosterNext(SlackAnswer):
    next_cursor: str | None = None


class _Members(SlackAnswer):
    members: tuple[str, ...]
    response_metadata: _RosterNext | None = None


class ChannelRoster:
    """Cache of who is in a channel; evicts which was not asked about longest."""

    def __init__(self, *, client: SlackClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._pace = Pace(per_minute=40, burst=20, now=now)  # conversations.members, tier 4: 100 a minute
        self._kept: OrderedDict[str, tuple[datetime, frozenset[str]]] = OrderedDict()

    async def of(self, channel_id: str) -> frozenset[str] | None:
        """The Slack ids of everybody in it; None if Slack does not say, or there are too many to read."""
        read_at, members = self._kept.get(channel_id, (None, None))
        if read_at is not None and self._now() - read_at < _MEMBERS_FRESH:
            return members
        try:
            found = await self._read(channel_id)
        except SLACK_FAILS as error:
            why = error_code(error) or type(error).__name__
            log.info("Slack did not say who is in %s: %s", channel_id, why)
            return members if read_at is not None and self._now() - read_at < _OLDEST else None
        if found is not None:
            self._kept[channel_id] = (self._now(), found)
            self._kept.move_to_end(channel_id)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found

    async def _read(self, channel_id: str) -> frozenset[str] | None:
        found: set[str] = set()
        cursor = ""
        for _ in range(_MEMBER_PAGES):
            await self._pace.turn(within=_PATIENCE)
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                answer = await self._client.conversations_members(
                    channel=channel_id, limit=_MEMBERS_PAGE, cursor=cursor
                )
            page = read(_Members, answer)
            found.update(page.members)
            cursor = (page.response_metadata and page.response_metadata.next_cursor) or ""
            if not cursor:
                return frozenset(found)
        return None


class Channels:
    """Cache of the channels the bot is a member of; evicts which was not asked about longest."""

    def __init__(self, *, client: SlackClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._member_since: OrderedDict[str, datetime] = OrderedDict()

    async def check(self, place: Place) -> None:
        """NotInChannel unless the bot can post there; direct messages with the bot always work.

        SlackDidNotSay if that is unknown just now.
        """
        if place.is_direct or self._age(place) < _FRESH:
            return
        try:
            is_member = await self._is_member(place)
        except Limited:
            if self._age(place) < _OLDEST:
                return
            raise
        if not is_member:
            self._member_since.pop(place.channel_id, None)
            raise NotInChannel
        self._member_since[place.channel_id] = self._now()
        self._member_since.move_to_end(place.channel_id)
        if len(self._member_since) > _MOST:
            self._member_since.popitem(last=False)

    def _age(self, place: Place) -> timedelta:
        seen = self._member_since.get(place.channel_id)
        return timedelta.max if seen is None else self._now() - seen

    async def _is_member(self, place: Place) -> bool:
        try:
            answer = await self._client.conversations_info(channel=place.channel_id)
        except SlackApiError as error:
            if error_code(error) in _NOT_THERE:
                return False
            if is_limited(error):
                raise Limited(retry_after(error)) from error
            raise
        channel = read(_ChannelAnswer, answer).channel
        return channel.is_member is True and not channel.is_archived
