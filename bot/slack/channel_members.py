"""Cache of who is in a channel: whether somebody is, where a right depends on it, and everybody, for telling.

`conversations.members` (100 a minute) pages through ids; it tells of public channels, and of private ones
the bot is in (docs.slack.dev/reference/methods/conversations.members).
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from slack_sdk.errors import SlackApiError

from bot.slack.answers import SLACK_FAILS, SlackAnswer, error_code, is_limited, read, retry_after
from bot.slack.pacing import Pace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Hashable
    from datetime import datetime

    from bot.slack.answers import SlackClient

T = TypeVar("T")
Key = TypeVar("Key", bound="Hashable")
Value = TypeVar("Value")
log = logging.getLogger(__name__)

_YES_KEPT = timedelta(minutes=1)  # that somebody is in a channel; that they are not is asked again each time
_ALL_KEPT = timedelta(minutes=5)  # who is in a channel, for telling
_OLDEST = timedelta(hours=1)  # that serves where Slack does not say
_MOST = 5_000  # people in channels remembered
_MOST_CHANNELS = 500  # channels whose members are remembered
_PAGE = 999  # ids a page, the most Slack gives
_PAGES_FOR_ONE = 20  # beyond 20,000 members nobody is looked for
_PAGES_FOR_ALL = 3  # of a larger channel it is not known who is in it
_PATIENCE = timedelta(seconds=2)  # for a page's turn
_IN_ALL = 5.0  # seconds


class _MembersNext(SlackAnswer):
    next_cursor: str | None = None


class _MembersPage(SlackAnswer):
    members: tuple[str, ...]
    response_metadata: _MembersNext | None = None


class ChannelMembers:
    """Answers who is in a channel; None where Slack does not say, which is no yes."""

    def __init__(self, *, client: SlackClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._seen: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._all: OrderedDict[str, tuple[datetime, frozenset[str]]] = OrderedDict()
        self._pace = Pace(per_minute=80, burst=40, now=now)

    async def has(self, channel_id: str, user_id: str) -> bool | None:
        """Whether they are in it."""
        seen = self._seen.get((channel_id, user_id))
        if seen is not None and self._now() - seen < _YES_KEPT:
            return True
        found = await self._asked(channel_id, self._find(channel_id, user_id))
        if found:
            _keep(self._seen, (channel_id, user_id), self._now(), most=_MOST)
        return found

    async def everybody(self, channel_id: str) -> frozenset[str] | None:
        """The Slack ids of all in it; None also where they are too many to read."""
        read_at, known = self._all.get(channel_id, (None, None))
        if read_at is not None and self._now() - read_at < _ALL_KEPT:
            return known
        found = await self._asked(channel_id, self._read(channel_id))
        if found is not None:
            _keep(self._all, channel_id, (self._now(), found), most=_MOST_CHANNELS)
            return found
        return known if read_at is not None and self._now() - read_at < _OLDEST else None

    async def _asked(self, channel_id: str, asking: Coroutine[Any, Any, T]) -> T | None:
        try:
            async with asyncio.timeout(_IN_ALL):
                return await asking
        except SLACK_FAILS as error:
            if isinstance(error, SlackApiError) and is_limited(error):
                self._pace.hold(retry_after(error))
            said = error_code(error) or type(error).__name__
            log.warning("Slack did not say who is in %s: %s", channel_id, said)
            return None

    async def _find(self, channel_id: str, user_id: str) -> bool | None:
        async for members, is_last in self._pages(channel_id, most=_PAGES_FOR_ONE):
            if user_id in members:
                return True
            if is_last:
                return False
        return None

    async def _read(self, channel_id: str) -> frozenset[str] | None:
        found: set[str] = set()
        async for members, is_last in self._pages(channel_id, most=_PAGES_FOR_ALL):
            found.update(members)
            if is_last:
                return frozenset(found)
        return None

    async def _pages(self, channel_id: str, *, most: int) -> AsyncIterator[tuple[tuple[str, ...], bool]]:
        """The members, page by page, and whether a page is the last."""
        cursor = ""
        for _ in range(most):
            await self._pace.turn(within=_PATIENCE)
            answer = await self._client.conversations_members(channel=channel_id, limit=_PAGE, cursor=cursor)
            page = read(_MembersPage, answer)
            cursor = (page.response_metadata and page.response_metadata.next_cursor) or ""
            yield page.members, not cursor


def _keep(cache: OrderedDict[Key, Value], key: Key, value: Value, *, most: int) -> None:
    cache[key] = value
    cache.move_to_end(key)
    if len(cache) > most:
        cache.popitem(last=False)
