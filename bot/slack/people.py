"""Who people are: profiles and user groups read from Slack, kept for a while, and none means no."""

from __future__ import annotations

import asyncio
import logging
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.domain.errors import NotAMember
from bot.domain.people import Person, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.domain.policy import Policy

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=5)  # younger than this, what is known is used as it is
USABLE = timedelta(minutes=15)  # older than this, it is not used: better no than wrong
REFRESH_SECONDS = 60
SLACK_FAILS = (SlackApiError, aiohttp.ClientError, TimeoutError, OSError)


def error_code(error: Exception) -> str:
    """Slack's word for what went wrong; empty where Slack said nothing, as behind a proxy's page."""
    said = error.response.data if isinstance(error, SlackApiError) else None
    return str(said.get("error", "")) if isinstance(said, dict) else ""


@dataclass(frozen=True, kw_only=True)
class _Profile:
    is_member: bool
    name: str
    email: str
    email_confirmed: bool
    zone: str
    read_at: datetime


class People:
    """Answers who somebody is, from memory wherever it can."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        policy: Callable[[], Policy],
        teams: frozenset[str],
        now: Callable[[], datetime],
        recording: Callable[[Standing], AbstractAsyncContextManager[object]] = nullcontext,
    ) -> None:
        self._client = client
        self._policy = policy
        self._teams = teams
        self._now = now
        self._recording = recording  # of whoever is refused
        self._profiles: dict[Person, _Profile] = {}
        self._groups: dict[str, tuple[datetime, frozenset[str]]] = {}
        self._reading: dict[object, asyncio.Task[None]] = {}

    def now(self) -> datetime:
        """The moment rights are read at."""
        return self._now()

    async def standing(self, person: Person) -> Standing:
        """What rights are decided on; whoever cannot be looked up is no member and in no group."""
        await self._ensure(person, *self._policy().groups)
        oldest = self._now() - USABLE
        profile = self._profiles.get(person)
        known = profile is not None and profile.read_at > oldest
        readable = {group for group, (read_at, _) in self._groups.items() if read_at > oldest}
        return Standing(
            person=person,
            is_member=known and profile is not None and profile.is_member,
            groups=frozenset(
                group
                for group, (read_at, members) in self._groups.items()
                if read_at > oldest and person.user_id in members
            ),
            name=profile.name if profile else "",
            email=profile.email if profile else "",
            email_confirmed=known and profile is not None and profile.email_confirmed,
            unread=self._policy().groups - readable,
            is_known=known,
            zone=profile.zone if profile else "UTC",
        )

    async def member(self, person: Person) -> Standing:
        """The same; NotAMember unless they are a full member who could be looked up."""
        who = await self.standing(person)
        async with self._recording(who):
            if not who.is_member:
                raise NotAMember
        return who

    async def members_of(self, group: str) -> frozenset[str] | None:
        """The Slack ids of a group's members; None if Slack does not say."""
        await self._ensure(group)
        read_at, members = self._groups.get(group, (None, frozenset[str]()))
        return members if read_at is not None and read_at > self._now() - USABLE else None

    async def run(self) -> None:
        """Keep the policy's groups and the people who decide fresh, so that clicks find them in memory."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self) -> None:
        """Read the policy's groups and known people anew, where they have aged."""
        policy = self._policy()
        await self._ensure(*policy.groups)
        team = next(iter(sorted(self._teams)), "")
        named = set(policy.deciders)
        for _, members in self._groups.values():
            named |= members if len(members) <= 50 else frozenset()  # noqa: PLR2004 - a few at a time
        for person in {*self._profiles, *(Person(team_id=team, user_id=user) for user in named)}:
            await self._ensure(person)

    async def _ensure(self, *needed: Person | str) -> None:
        """Have it in memory: what is fresh at once, the rest after one read; side by side it is read once."""
        aged = [(what, age) for what in needed if (age := self._age(what)) is None or age >= FRESH]
        if aged:
            await asyncio.gather(*(self._renew(what, age) for what, age in aged))

    async def _renew(self, what: Person | str, age: timedelta | None) -> None:
        """Read it anew; only what cannot be used until then is waited for."""
        task = self._reading.get(what)
        if task is None:
            task = asyncio.create_task(self._read(what))
            self._reading[what] = task
            task.add_done_callback(lambda _: self._reading.pop(what, None))
        if age is None or age >= USABLE:
            await asyncio.shield(task)

    def _age(self, what: Person | str) -> timedelta | None:
        if isinstance(what, Person):
            profile = self._profiles.get(what)
            return None if profile is None else self._now() - profile.read_at
        return None if what not in self._groups else self._now() - self._groups[what][0]

    async def _read(self, what: Person | str) -> None:
        try:
            async with asyncio.timeout(2):
                if isinstance(what, Person):
                    await self._read_profile(what)
                else:
                    await self._read_group(what)
        except SLACK_FAILS as error:
            log.warning("Slack did not say who %s is: %s", what, type(error).__name__)

    async def _read_profile(self, person: Person) -> None:
        answer = await self._client.users_info(user=person.user_id)
        user: dict[str, Any] = answer["user"]
        self._profiles[person] = _Profile(
            is_member=_teams_of(person, user) <= self._teams and _is_full_member(user),
            name=user.get("real_name") or user.get("name") or "",
            email=user.get("profile", {}).get("email") or "",
            email_confirmed=user.get("is_email_confirmed") is True,
            zone=_zone(user),
            read_at=self._now(),
        )

    async def _read_group(self, group: str) -> None:
        answer = await self._client.usergroups_users_list(usergroup=group, include_disabled=False)
        self._groups[group] = (self._now(), frozenset(answer["users"]))


async def workspace_groups(client: AsyncWebClient) -> Mapping[str, str] | None:
    """The names of all user groups by id, also of disabled ones; None if Slack does not say."""
    try:
        answer = await client.usergroups_list(include_disabled=True)
    except SLACK_FAILS as error:
        log.warning("Slack did not list its user groups: %s", error_code(error) or type(error).__name__)
        return None
    return {group["id"]: group.get("name") or group["id"] for group in answer["usergroups"]}


def _teams_of(person: Person, user: dict[str, Any]) -> frozenset[str]:
    """The workspaces somebody belongs to, by the payload's word and by the profile's."""
    return frozenset({person.team_id, user.get("team_id") or person.team_id})


def _zone(user: dict[str, Any]) -> str:
    """The time zone of the profile, where it is one that is known here."""
    try:
        return ZoneInfo(str(user.get("tz") or "UTC")).key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def _is_full_member(user: dict[str, Any]) -> bool:
    """No guest, no bot, nobody from elsewhere, nobody who left."""
    refused = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "is_app_user")
    return not any(user.get(flag) for flag in refused)
