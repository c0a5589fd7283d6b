"""Who people are: profiles and user groups of Slack, gathered when rights are decided, and none means no."""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import MemberUnknown, NotAMember
from bot.domain.people import Membership, Person
from bot.slack.channel_members import ChannelMembers
from bot.slack.groups import Groups
from bot.slack.profiles import NOBODY, Profiles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from bot.domain.policy import Policy
    from bot.slack.answers import SlackClient
    from bot.slack.profiles import Profile

log = logging.getLogger(__name__)

REFRESH_SECONDS = 60
_MOST_KEPT_FRESH = 100  # people who decide; each costs a call every 5 minutes
_SOON = timedelta(seconds=5)


class People:
    """Answers who somebody is: a member, no member, or that Slack did not say."""

    def __init__(
        self,
        *,
        client: SlackClient,
        policy: Callable[[], Policy],
        teams: frozenset[str],  # workspaces and organisations whose members may use the bot
        now: Callable[[], datetime],
        recording: Callable[[Membership], AbstractAsyncContextManager[object]] = nullcontext,
    ) -> None:
        self._profiles = Profiles(client=client, now=now)
        self._groups = Groups(client=client, now=now)
        self.channels = ChannelMembers(client=client, now=now)
        self._policy = policy
        self._teams = teams
        self._now = now
        self._recording = recording  # of whoever is refused

    def now(self) -> datetime:
        """The moment rights are read at."""
        return self._now()

    async def membership(self, person: Person) -> Membership:
        """What rights are decided on; whoever cannot be looked up is no member and in no group."""
        named = self._policy().groups
        profile, groups = await asyncio.gather(self._profiles.of(person.user_id), self._groups.of(named))
        return self._membership(person, profile, named=named, groups=groups)

    async def membership_now(self, person: Person) -> Membership:
        """The same, of this moment: what a vote and a start are decided on."""
        named = self._policy().groups
        profile, groups = await asyncio.gather(self._profiles.now(person.user_id), self._groups.now(named))
        return self._membership(person, profile, named=named, groups=groups)

    async def in_channel(self, person: Person, channel_id: str) -> bool | None:
        """Whether they are in the channel; None if Slack does not say."""
        return await self.channels.has(channel_id, person.user_id)

    def _membership(
        self,
        person: Person,
        profile: Profile | None,
        *,
        named: frozenset[str],
        groups: Mapping[str, frozenset[str]],
    ) -> Membership:
        known = profile or NOBODY
        return Membership(
            person=person,
            is_member=known.is_member(team=person.team_id, serves=self._teams),
            groups=frozenset(group for group, members in groups.items() if person.user_id in members),
            name=known.name,
            email=known.email,
            email_confirmed=known.email_confirmed,
            unread=named - groups.keys(),
            is_known=profile is not None,
            zone=known.zone,
        )

    async def member(self, person: Person) -> Membership:
        """The same; NotAMember unless they are a full member, MemberUnknown if Slack did not say."""
        who = await self.membership(person)
        async with self._recording(who):
            if not who.is_known:
                raise self._unknown()
            if not who.is_member:
                raise NotAMember
        return who

    async def members_of(self, group: str) -> frozenset[str] | None:
        """The Slack ids of a group's members; None if Slack does not say."""
        return (await self._groups.of(self._policy().groups | {group})).get(group)

    def known_name(self, user_id: str) -> str:
        """What somebody is called, from memory, however old; empty if nobody asked about them lately."""
        return self._profiles.known_name(user_id)

    def group_names(self, groups: frozenset[str]) -> Mapping[str, str]:
        """What these user groups are called, where Slack has listed them lately."""
        return self._groups.names(groups)

    async def run(self) -> None:
        """Keep the policy's groups and the people who decide fresh, so that clicks find them in memory."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self) -> None:
        """Read the policy's groups and deciders anew, where they have aged and calls are to spare."""
        policy = self._policy()
        await self._groups.refresh(policy.groups)
        for user_id in sorted(policy.deciders)[:_MOST_KEPT_FRESH]:
            if not self._profiles.freshen(user_id):
                break

    def _unknown(self) -> MemberUnknown:
        wait = max(self._profiles.wait, _SOON)
        return MemberUnknown(
            "Slack did not say just now whether you are a member of this workspace, so nothing was started "
            f"or changed. Please try again in {math.ceil(wait.total_seconds())} seconds."
        )
