"""Cache of the members of Slack's user groups, for those the policy names.

`usergroups.list` with `include_users` reads all of them with one call; `usergroups.users.list` (20 a minute
for all groups together) reads what that leaves out or cuts.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import Field
from slack_sdk.errors import SlackApiError

from bot.slack.answers import (
    SLACK_FAILS,
    SlackAnswer,
    SlackDidNotSay,
    error_code,
    is_limited,
    read,
    retry_after,
)
from bot.slack.pacing import Limited, Pace
from bot.slack.profiles import FRESH, NOW, OLDEST, USABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.slack.answers import SlackClient

log = logging.getLogger(__name__)

_NO_GROUP = {"no_such_subteam", "subteam_not_found"}
_PATIENCE = timedelta(seconds=2)
_READING = 20.0  # seconds for a call: 100 groups of 10,000 are 13 MB
_LISTED_AGAIN = timedelta(minutes=4)  # below FRESH, so that clicks find the groups in memory


class _Group(SlackAnswer):
    id: str = Field(min_length=1)
    name: str | None = None
    users: tuple[str, ...] | None = None
    user_count: int | None = None  # "12" in answers, 12 in events


class _Groups(SlackAnswer):
    usergroups: tuple[object, ...]


class _Users(SlackAnswer):
    users: tuple[str, ...]


class Groups:
    """Answers who is in a group, from memory wherever it can."""

    def __init__(self, *, client: SlackClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._kept: dict[str, tuple[datetime, frozenset[str]]] = {}
        self._names: dict[str, str] = {}  # of those the policy names, as last listed
        self._absent: dict[str, datetime] = {}  # of these Slack said that there is no such group
        self._reading: asyncio.Task[None] | None = None
        self._limited = False  # the last reading ended at the rate limit
        self._all = Pace(per_minute=6, burst=4, now=now)  # usergroups.list, tier 2: 20 a minute
        self._one = Pace(per_minute=10, burst=8, now=now)  # usergroups.users.list, tier 2 as well

    async def of(self, named: frozenset[str]) -> Mapping[str, frozenset[str]]:
        """The members of these groups; without those of which Slack does not say.

        How old an answer may be is as with profiles: see `Profiles.of`.
        """
        ages = [self._age(group) for group in named if not self._is_absent(group)]
        if any(age >= FRESH for age in ages):
            task = self._begin(named)
            if any(age >= USABLE for age in ages):
                await asyncio.wait({task}, timeout=_PATIENCE.total_seconds())
        oldest = OLDEST if self._limited else USABLE
        return {group: self._kept[group][1] for group in named if self._age(group) < oldest}

    async def now(self, named: frozenset[str]) -> Mapping[str, frozenset[str]]:
        """The members of these groups at this moment; without those of which Slack does not say.

        How old an answer may be is as with profiles: see `Profiles.now`.
        """
        for _ in range(2):
            old = frozenset(
                group for group in named if self._age(group) >= NOW and not self._is_absent(group)
            )
            if not old:
                break
            task = self._begin(named, older_than=NOW)
            await asyncio.wait({task}, timeout=_PATIENCE.total_seconds())
        oldest = USABLE if self._limited else FRESH
        return {group: self._kept[group][1] for group in named if self._age(group) < oldest}

    async def refresh(self, named: frozenset[str]) -> None:
        """Read these groups anew where they have aged, and forget the others."""
        self._kept = {group: kept for group, kept in self._kept.items() if group in named}
        self._absent = {group: at for group, at in self._absent.items() if group in named}
        self._names = {group: name for group, name in self._names.items() if group in named}
        if any(self._age(group) >= _LISTED_AGAIN for group in named):
            await asyncio.shield(self._begin(named))

    def names(self, wanted: frozenset[str]) -> Mapping[str, str]:
        """What these groups are called, as far as Slack has listed them."""
        return {group: self._names[group] for group in sorted(wanted) if group in self._names}

    def _age(self, group: str) -> timedelta:
        kept = self._kept.get(group)
        return timedelta.max if kept is None else self._now() - kept[0]

    def _is_absent(self, group: str) -> bool:
        """Whether Slack knew no such group lately, so that nobody's click waits for that again."""
        return group in self._absent and self._now() - self._absent[group] < _LISTED_AGAIN

    def _begin(self, named: frozenset[str], *, older_than: timedelta = _LISTED_AGAIN) -> asyncio.Task[None]:
        """Read once, however many ask."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(named, older_than=older_than))
        return self._reading

    async def _read(self, named: frozenset[str], *, older_than: timedelta) -> None:
        self._limited = False
        try:
            async with asyncio.timeout(_READING):
                await self._read_all(named)
        except SLACK_FAILS as error:
            self._note("its user groups", error, self._all)
        left = [group for group in named if self._age(group) >= older_than and not self._is_absent(group)]
        for group in sorted(left, key=self._age, reverse=True):  # the oldest first: all get their turn
            if not self._one.spare():
                self._limited = True
                return
            try:
                async with asyncio.timeout(_READING):
                    answer = await self._client.usergroups_users_list(usergroup=group, include_disabled=False)
                self._keep(group, read(_Users, answer).users)
            except SLACK_FAILS as error:
                self._note(group, error, self._one)
                if error_code(error) in _NO_GROUP:
                    self._absent[group] = self._now()

    async def _read_all(self, named: frozenset[str]) -> None:
        if not self._all.spare():
            raise Limited(self._all.wait)
        answer = await self._client.usergroups_list(include_users=True, include_count=True)
        for listed in read(_Groups, answer).usergroups:
            if isinstance(listed, dict) and listed.get("id") in named:
                try:
                    group = read(_Group, listed)
                except SlackDidNotSay:
                    continue  # asked for by itself
                self._names[group.id] = group.name or group.id
                if group.users is not None and len(group.users) >= (group.user_count or 0):
                    self._keep(group.id, group.users)

    def _keep(self, group: str, users: tuple[str, ...]) -> None:
        self._kept[group] = (self._now(), frozenset(users))

    def _note(self, what: str, error: Exception, pace: Pace) -> None:
        if isinstance(error, SlackApiError) and is_limited(error):
            pace.hold(retry_after(error))
        self._limited = self._limited or is_limited(error) or isinstance(error, Limited)
        log.warning("Slack did not list %s: %s", what, error_code(error) or type(error).__name__)


async def workspace_groups(client: SlackClient) -> Mapping[str, str] | None:
    """The names of all user groups by id, also of disabled ones; None if Slack does not say."""
    try:
        listed = read(_Groups, await client.usergroups_list(include_disabled=True)).usergroups
        groups = [read(_Group, each) for each in listed]
    except SLACK_FAILS as error:
        log.warning("Slack did not list its user groups: %s", error_code(error) or type(error).__name__)
        return None
    return {group.id: group.name or group.id for group in groups}
