"""Cache of Slack profiles, read when somebody is needed, never on a clock.

`users.info` (100 a minute) reads one person. Once its limit is used up, `users.list` reads 200 at a time
under a limit of its own, until those who are waited for are found. The cache is bounded and evicts who was
not needed longest.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.slack.answers import SlackClient

log = logging.getLogger(__name__)

NOW = timedelta(seconds=10)  # younger than this, an answer is one of this moment: rights are decided on it
FRESH = timedelta(minutes=5)  # younger than this, what is known is used as it is
USABLE = timedelta(minutes=15)  # older than this, somebody waits for a new answer
OLDEST = timedelta(hours=1)  # an old answer's end where Slack answers, but limits the calls
PATIENCE = timedelta(seconds=2)  # for one answer, the wait for its turn included; an ack has 3
READING_NOW = timedelta(seconds=5)  # for a reading and another one, where rights are decided
_MOST = 10_000  # profiles kept
_PAGE = 200  # people a page of users.list; Slack advises no more
_MOST_PAGES = 50
_SWEEP_PATIENCE = timedelta(minutes=1)  # whoever gave up waiting is found in memory when they try again
_NOBODY = {"user_not_found", "user_not_visible", "users_not_found"}


class _Enterprise(SlackAnswer):
    id: str | None = None
    enterprise_id: str | None = None
    teams: tuple[str, ...] | None = None


class _Details(SlackAnswer):
    email: str | None = None
    team: str | None = None


class _User(SlackAnswer):
    id: str = Field(min_length=1)
    team_id: str | None = None
    enterprise_user: _Enterprise | None = None
    name: str | None = None
    real_name: str | None = None
    tz: str | None = None
    profile: _Details | None = None
    is_email_confirmed: bool | None = None
    deleted: bool | None = None
    is_bot: bool | None = None
    is_restricted: bool | None = None
    is_ultra_restricted: bool | None = None
    is_stranger: bool | None = None
    is_app_user: bool | None = None


class _ProfileAnswer(SlackAnswer):
    user: _User


class _NextPage(SlackAnswer):
    next_cursor: str | None = None


class _ProfilesPage(SlackAnswer):
    members: tuple[object, ...]
    response_metadata: _NextPage | None = None


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What Slack says of somebody."""

    teams: frozenset[str] = frozenset()  # the workspaces they are of
    enterprise_id: str = ""
    is_full: bool = False  # no guest, no bot, nobody from elsewhere, nobody who left
    name: str = ""
    email: str = ""
    email_confirmed: bool = False
    zone: str = "UTC"

    def is_member(self, *, team: str, serves: frozenset[str]) -> bool:
        """Whether they may use a bot of these workspaces and organisations, acting from that team.

        A payload's team may be the organisation itself (`E…`), which says nothing of workspaces.
        """
        if not self.is_full:
            return False
        if self.enterprise_id and self.enterprise_id in serves:
            return True
        acts_here = team in serves or (team != "" and team == self.enterprise_id)
        return acts_here and not self.teams.isdisjoint(serves)


NOBODY = Profile()


@dataclass(frozen=True, kw_only=True)
class _Kept:
    profile: Profile
    read_at: datetime


class Profiles:
    """Answers who somebody is, from memory wherever it can."""

    def __init__(self, *, client: SlackClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._sought: dict[str, asyncio.Future[None]] = {}  # whom the sweep is to find
        self._sweep: asyncio.Task[None] | None = None
        self._one = Pace(per_minute=50, burst=40, reserve=20, now=now)  # users.info, tier 4: 100 a minute
        self._list = Pace(per_minute=10, burst=8, now=now)  # users.list, tier 2: 20 a minute

    async def of(self, user_id: str) -> Profile | None:
        """Their profile, recent enough to decide on; None if Slack does not say.

        Up to FRESH it is used as it is, up to USABLE while a new one is read, then a new one is waited for.
        Where that fails for the rate limit alone, the old one serves up to OLDEST.
        """
        kept = self._kept.get(user_id)
        if kept is None:
            return await self._wait_for(user_id, since=timedelta())
        self._kept.move_to_end(user_id)
        age = self._now() - kept.read_at
        if age >= USABLE:
            return await self._wait_for(user_id, since=age)
        if age >= FRESH:
            self.freshen(user_id)
        return kept.profile

    async def now(self, user_id: str) -> Profile | None:
        """Their profile as Slack has it at this moment, for a vote or a start; None if Slack does not say.

        Read anew unless that was done within NOW, and once more if that fails. Where Slack limits the calls,
        an answer up to USABLE serves; where it does not answer, one up to FRESH. Takes READING_NOW at most.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(READING_NOW.total_seconds()):
                for _ in range(2):
                    if self._younger(user_id, NOW) is None:
                        found = await self._read_now(user_id)
                        if found is not None:
                            return found
        return self._younger(user_id, NOW) or self._younger(user_id, FRESH)

    async def _read_now(self, user_id: str) -> Profile | None:
        try:
            await asyncio.shield(self._reading.get(user_id) or self._begin(user_id))
        except Limited:
            return self._younger(user_id, USABLE) or await self._seek(user_id)
        except SLACK_FAILS as error:
            log.warning("Slack did not say who %s is: %s", user_id, error_code(error) or type(error).__name__)
            return None
        return self._younger(user_id, NOW)

    def _younger(self, user_id: str, age: timedelta) -> Profile | None:
        kept = self._kept.get(user_id)
        return kept.profile if kept is not None and self._now() - kept.read_at < age else None

    def glance(self, user_id: str) -> Profile | None:
        """What is known without asking, however old, up to OLDEST: for menus, where no right is decided."""
        kept = self._kept.get(user_id)
        return None if kept is None or self._now() - kept.read_at >= OLDEST else kept.profile

    def freshen(self, user_id: str) -> bool:
        """Read somebody anew behind other work, if there is a call to spare; False if not."""
        kept = self._kept.get(user_id)
        is_fresh = kept is not None and self._now() - kept.read_at < FRESH
        if is_fresh or user_id in self._reading:
            return True
        if not self._one.spare():
            return False
        self._begin(user_id, has_turn=True)
        return True

    @property
    def wait(self) -> timedelta:
        """How long until somebody can be looked up again."""
        return self._one.wait

    async def _wait_for(self, user_id: str, *, since: timedelta) -> Profile | None:
        task = self._reading.get(user_id) or self._begin(user_id)
        try:
            await asyncio.shield(task)
        except Limited:
            return await self._seek(user_id) or (self.glance(user_id) if since < OLDEST else None)
        except SLACK_FAILS as error:
            log.warning("Slack did not say who %s is: %s", user_id, error_code(error) or type(error).__name__)
            return None
        return self._fresh(user_id)

    def _fresh(self, user_id: str) -> Profile | None:
        return self._younger(user_id, USABLE)

    def _begin(self, user_id: str, *, has_turn: bool = False) -> asyncio.Task[None]:
        """Read somebody once, however many ask."""
        task = asyncio.create_task(self._read(user_id, has_turn=has_turn))
        self._reading[user_id] = task

        def ended(done: asyncio.Task[None]) -> None:
            del self._reading[user_id]
            if not done.cancelled():
                done.exception()  # seen: nobody may be waiting for it

        task.add_done_callback(ended)
        return task

    async def _read(self, user_id: str, *, has_turn: bool) -> None:
        if not has_turn:
            await self._one.turn(within=PATIENCE)
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                answer = await self._client.users_info(user=user_id)
        except SlackApiError as error:
            if is_limited(error):
                self._one.hold(retry_after(error))
                raise Limited(retry_after(error)) from error
            if error_code(error) not in _NOBODY:
                raise
            self._keep(user_id, NOBODY)
            return
        self._keep(user_id, _profile(read(_ProfileAnswer, answer).user))

    def known_name(self, user_id: str) -> str:
        """What somebody is called, as last read; empty if they are not in memory."""
        kept = self._kept.get(user_id)
        return kept.profile.name if kept else ""

    def _keep(self, user_id: str, profile: Profile) -> None:
        self._kept[user_id] = _Kept(profile=profile, read_at=self._now())
        self._kept.move_to_end(user_id)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        found = self._sought.pop(user_id, None)
        if found is not None and not found.done():
            found.set_result(None)

    # many at once, when they cannot be read one by one

    async def _seek(self, user_id: str) -> Profile | None:
        """Wait for the sweep through all people to come by somebody; None if it does not in time."""
        found = self._sought.setdefault(user_id, asyncio.get_running_loop().create_future())
        if self._sweep is None or self._sweep.done():
            self._sweep = asyncio.create_task(self._sweep_all())
        await asyncio.wait({found}, timeout=PATIENCE.total_seconds())
        return self._fresh(user_id)

    async def _sweep_all(self) -> None:
        """Page through users.list until everybody who is sought was found, or there is no more to read."""
        cursor = ""
        try:
            for _ in range(_MOST_PAGES):
                await self._list.turn(within=_SWEEP_PATIENCE)
                async with asyncio.timeout(10):
                    answer = await self._client.users_list(limit=_PAGE, cursor=cursor)
                page = read(_ProfilesPage, answer)
                self._take_page(page)
                cursor = (page.response_metadata and page.response_metadata.next_cursor) or ""
                if not cursor or not self._sought:
                    break
        except SLACK_FAILS as error:
            if isinstance(error, SlackApiError) and is_limited(error):
                self._list.hold(retry_after(error))
            log.warning("Slack did not list its people: %s", error_code(error) or type(error).__name__)
        for left in self._sought.values():
            left.cancel()
        self._sought.clear()

    def _take_page(self, page: _ProfilesPage) -> None:
        """Keep those who are needed; somebody who cannot be read stands in nobody else's way."""
        for member in page.members:
            named = member.get("id") if isinstance(member, dict) else None
            if named not in self._sought and named not in self._kept:
                continue
            try:
                self._keep(str(named), _profile(read(_User, member)))
            except SLACK_FAILS:
                log.warning("Slack listed %s unreadably", named)


def _profile(user: _User) -> Profile:
    """What was answered, in our terms; SlackDidNotSay where it does not tell whose member this is."""
    at = user.enterprise_user or _Enterprise()
    details = user.profile or _Details()
    teams = frozenset({user.team_id or details.team or "", *(at.teams or ())}) - {""}
    if not teams and not at.enterprise_id:
        raise SlackDidNotSay
    refused = (user.deleted, user.is_bot, user.is_restricted, user.is_ultra_restricted)
    return Profile(
        teams=teams,
        enterprise_id=at.enterprise_id or "",
        is_full=not any((*refused, user.is_stranger, user.is_app_user)),
        name=user.real_name or user.name or "",
        email=details.email or "",
        email_confirmed=user.is_email_confirmed is True,
        zone=_zone(user.tz),
    )


def _zone(named: str | None) -> str:
    """The time zone of a profile, where it is one that is known here."""
    try:
        return ZoneInfo(named or "UTC").key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
