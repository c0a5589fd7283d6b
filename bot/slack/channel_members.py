"""Cache of who is in a channel, asked where a right depends on it, and in doubt nobody knows.

`conversations.members` (100 a minute) pages through ids; it tells of public channels, and of private ones
the bot is in (docs.slack.dev/reference/methods/conversations.members).
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.slack.answers import SLACK_FAILS, SlackAnswer, error_code, is_limited, read, retry_after
from bot.slack.pacing import Pace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.slack.answers import SlackClient

log = logging.getLogger(__name__)

_KEPT = timedelta(minutes=1)  # that somebody is in a channel; that they are not is asked again each time
_MOST = 5_000  # people in channels remembered
_PAGE = 999  # ids a page, the most Slack gives
_MOST_PAGES = 20  # beyond 20,000 members nobody is looked for
_PATIENCE = timedelta(seconds=2)  # for the first page's turn, and for each page
_IN_ALL = 5.0  # seconds


class _MembersNext(SlackAnswer):
    next_cursor: str | None = None


class _MembersPage(SlackAnswer):
    members: tuple[str, ...]
    response_metadata: _MembersNext | None = None


class ChannelMembers:
    """Answers whether somebody is in a channel."""

    def __init__(self, *, client: SlackClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._seen: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._pace = Pace(per_minute=60, burst=30, now=now)

    async def has(self, channel_id: str, user_id: str) -> bool | None:
        """Whether they are in it; None if Slack does not say, which is no yes."""
        seen = self._seen.get((channel_id, user_id))
        if seen is not None and self._now() - seen < _KEPT:
            return True
        try:
            async with asyncio.timeout(_IN_ALL):
                found = await self._find(channel_id, user_id)
        except SLACK_FAILS as error:
            if isinstance(error, SlackApiError) and is_limited(error):
                self._pace.hold(retry_after(error))
            said = error_code(error) or type(error).__name__
            log.warning("Slack did not say who is in %s: %s", channel_id, said)
            return None
        if found:
            self._keep(channel_id, user_id)
        return found

    async def _find(self, channel_id: str, user_id: str) -> bool | None:
        """Page through the members until they are found."""
        cursor = ""
        for _ in range(_MOST_PAGES):
            await self._pace.turn(within=_PATIENCE)
            answer = await self._client.conversations_members(channel=channel_id, limit=_PAGE, cursor=cursor)
            page = read(_MembersPage, answer)
            if user_id in page.members:
                return True
            cursor = (page.response_metadata and page.response_metadata.next_cursor) or ""
            if not cursor:
                return False
        return None

    def _keep(self, channel_id: str, user_id: str) -> None:
        self._seen[channel_id, user_id] = self._now()
        self._seen.move_to_end((channel_id, user_id))
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)
