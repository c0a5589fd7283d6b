"""Channels: whether the bot can speak in one, asked before a form is shown."""

from __future__ import annotations

import logging
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.domain.errors import NotInChannel
from bot.slack.answers import SlackAnswer, error_code, is_limited, read, retry_after
from bot.slack.pacing import Limited

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.people import Place
    from bot.slack.answers import SlackClient

log = logging.getLogger(__name__)

_FRESH = timedelta(minutes=10)
_OLDEST = timedelta(hours=1)  # an old yes serves until then where Slack limits the calls; a post finds out
_MOST = 2_000  # channels remembered
_PATIENCE = timedelta(seconds=2)  # for one page
_NOT_THERE = {"channel_not_found", "not_in_channel", "missing_scope", "is_archived"}


class _Channel(SlackAnswer):
    is_member: bool | None = None
    is_archived: bool | None = None


class _ChannelAnswer(SlackAnswer):
    channel: _Channel


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
