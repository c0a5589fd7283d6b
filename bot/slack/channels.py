"""Whether the bot can speak in a channel, asked before a form is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.domain.errors import NotInChannel
from bot.slack.people import error_code

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.domain.people import Place

_FRESH = timedelta(minutes=10)
_NOT_THERE = {"channel_not_found", "not_in_channel", "missing_scope", "is_archived"}


class Channels:
    """Remembers for a while where the bot is a member."""

    def __init__(self, *, client: AsyncWebClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._member_since: dict[str, datetime] = {}

    async def check(self, place: Place) -> None:
        """NotInChannel unless the bot can post there; direct messages with the bot always work."""
        seen = self._member_since.get(place.channel_id)
        if place.is_direct or (seen is not None and self._now() - seen < _FRESH):
            return
        if not await self._is_member(place):
            raise NotInChannel
        self._member_since[place.channel_id] = self._now()

    async def _is_member(self, place: Place) -> bool:
        try:
            channel = (await self._client.conversations_info(channel=place.channel_id))["channel"]
        except SlackApiError as error:
            if error_code(error) in _NOT_THERE:
                return False
            raise
        return bool(channel.get("is_member")) and not channel.get("is_archived")
