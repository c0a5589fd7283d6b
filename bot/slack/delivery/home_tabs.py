"""Keeps the Home tabs fresh of those who opened theirs lately.

Slack keeps a published tab until the next one, and says nothing when it is closed. So who opened it lately is
remembered, here and not in the database: whoever opens it is shown everything anyway, and a process that
starts anew learns of them when they come back.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.domain.errors import BotError, DatabaseLost
from bot.slack import home
from bot.slack.answers import SLACK_FAILS, error_code, is_limited, retry_after
from bot.slack.pacing import Pace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.people import Person
    from bot.service.overview import Overviews
    from bot.slack.answers import SlackClient
    from bot.slack.blocks import Block
    from bot.slack.people import People

log = logging.getLogger(__name__)

REFRESH_SECONDS = 2
_LATELY = timedelta(minutes=10)  # since it was opened, or clicked in
_MOST = 300  # people whose tabs are kept fresh
_PER_MINUTE, _BURST, _RESERVE = 60, 20, 5  # Slack lets an app publish 100 a minute


@dataclass(kw_only=True)
class _Open:
    person: Person
    channel: str  # their talk with the bot
    seen_at: datetime
    shown: str = ""  # what was published last, as a hash


class HomeTabs:
    """Publishes Home tabs: when they are opened, and when something changes while they may be open."""

    def __init__(
        self,
        *,
        client: SlackClient,
        people: People,
        overviews: Overviews,
        url: str,  # of the workspace
        command: str,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._people = people
        self._overviews = overviews
        self._url = url
        self._command = command
        self._now = now
        self._open: OrderedDict[str, _Open] = OrderedDict()  # by user id, who came longest ago first
        self._pace = Pace(per_minute=_PER_MINUTE, burst=_BURST, now=now, reserve=_RESERVE)
        self._changes = -1
        self._is_off = False

    async def opened(self, person: Person, *, channel: str) -> None:
        """Somebody opened their tab: show it, and keep it fresh for a while."""
        held = _Open(person=person, channel=channel, seen_at=self._now())
        self._open[person.user_id] = held
        self._open.move_to_end(person.user_id)
        if len(self._open) > _MOST:
            self._open.popitem(last=False)
        try:
            await self._publish(held)
        except BotError as error:
            log.warning("a Home tab was not shown: %s", error.message)

    async def refresh(self) -> None:
        """Publish anew what changed, of those who opened their tab lately, as far as Slack's pace allows."""
        self._forget_old()
        if not self._open:
            return
        try:
            changes = await self._overviews.changes()
            if changes == self._changes:
                return
            shown = [self._pace.spare() and await self._publish(each) for each in tuple(self._open.values())]
        except DatabaseLost:
            return  # the next look tries again
        if all(shown):
            self._changes = changes

    def _forget_old(self) -> None:
        oldest = self._now() - _LATELY
        for user_id in [each for each, held in self._open.items() if held.seen_at < oldest]:
            del self._open[user_id]

    async def _publish(self, held: _Open) -> bool:
        """Show somebody their tab, unless it shows just that already; False if it has to be tried again."""
        view = await self._view(held)
        shown = hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()
        if self._is_off or shown == held.shown:
            return True
        try:
            await self._client.views_publish(user_id=held.person.user_id, view=view)
        except SlackApiError as error:
            self._refused(error)
            return False
        except SLACK_FAILS as error:
            log.warning("Slack did not take a Home tab: %s", type(error).__name__)
            return False
        held.shown = shown
        return True

    async def _view(self, held: _Open) -> Block:
        who = await self._people.membership(held.person)
        if not who.is_member:
            return home.stranger_view()
        found = await self._overviews.of(who)
        return home.home_view(
            found, who=held.person, url=self._url, channel=held.channel, command=self._command
        )

    def _refused(self, error: SlackApiError) -> None:
        code = error_code(error)
        if is_limited(error):
            self._pace.hold(retry_after(error))
        elif code == "not_enabled":
            self._is_off = True
            log.warning("the app's Home tab is switched off in its settings: nothing is shown there")
        else:
            log.warning("Slack refused a Home tab: %s", code)
