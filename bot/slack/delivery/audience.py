"""Who is told of a launch beside the channel it was asked for in: approvers, and reviewers of a glass."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.launch import State
from bot.slack.cards import Addressees
from bot.slack.delivery.paced_queue import NotNow
from bot.store.cards import CardKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from bot.domain.launch import Launch
    from bot.domain.people import Membership, Place
    from bot.domain.policy import Group, Notify, Policy, StageRule
    from bot.slack.approvers import Able, Approvers
    from bot.slack.channel_members import ChannelMembers

log = logging.getLogger(__name__)

MOST_PEOPLE = 50  # that one launch writes to directly
_PATIENCE = timedelta(minutes=5)  # for people Slack says nothing of; then the others are told
_MOST_WAITING = 1_000
_ASK_AGAIN = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How a stage of an approval would be heard of, before it is asked for."""

    channels: tuple[str, ...]
    direct: int  # people who get a direct message
    untold: int  # who are named beyond the limit of direct messages
    needed: int
    able: int | None  # who could approve it; None: they cannot be counted
    here: bool  # enough of them are in the channel it is asked for in, or that cannot be told
    is_known: bool  # Slack said who they are

    @property
    def is_heard(self) -> bool:
        """Whether anybody who may approve it would hear of it."""
        return bool(self.channels or self.direct or self.here or not self.is_known)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A group that has to decide or to review, and where the policy says to ask it."""

    notify: Notify
    group: Group
    needed: int


class CardAudience:
    """Finds the places where a launch has cards of its own, from the policy and Slack's groups."""

    def __init__(
        self,
        *,
        approvers: Approvers,
        members: ChannelMembers,
        policy: Callable[[], Policy],
        now: Callable[[], datetime],
    ) -> None:
        self._approvers = approvers
        self._members = members
        self._policy = policy
        self._now = now
        self._waiting: OrderedDict[str, datetime] = OrderedDict()  # launch id -> since when

    async def of(self, launch: Launch) -> Mapping[str, CardKind]:
        """The channels and people who are asked or warned now; NotNow if Slack does not say who they are."""
        found: dict[str, CardKind] = {}
        for asked in self._asked(launch):
            found |= dict.fromkeys(asked.notify.channels, CardKind.CHANNEL)
            found |= dict.fromkeys(await self._directly(launch, asked), CardKind.DIRECT)
        found.pop(launch.place.channel_id, None)
        if launch.about:
            found[launch.about] = CardKind.THREAD
        return found

    async def addressees(self, launch: Launch, *, target: str = "") -> Addressees:
        """Whom a card calls by name without a mention, because another card of theirs calls them.

        A person hears of a request by one mention or one direct message. `target` is whose copy it is for;
        empty: for the card where it was asked for. Where Slack does not say who they are, they are mentioned.
        """
        glass = self._policy().break_glass
        reviewers = glass.review if glass is not None and launch.break_glass else None
        all_named = Addressees(reviewers=reviewers, requester=self._approvers.name(launch.requester.user_id))
        try:
            elsewhere = await self.of(launch)
        except NotNow:
            return all_named
        channels = sorted(each for each, kind in elsewhere.items() if kind is CardKind.CHANNEL)
        is_first = channels[:1] == [target] and CardKind.DIRECT not in elsewhere.values()
        if not elsewhere or is_first:
            return all_named
        names: dict[str, str] = {}
        for asked in self._asked(launch):
            names |= await self._approvers.names(asked.group, team_id=launch.requester.team_id)
        return replace(all_named, names=names)

    async def reach(self, stage: StageRule, *, who: Membership, place: Place) -> Reach:
        """How this person's request would be heard of in that stage, if it were sent now."""
        asked = _Asked(notify=stage.notify, group=stage.by, needed=stage.count)
        able = await self._able(asked, team_id=who.person.team_id, excluded=who.identities)
        is_open = able is None or not able.is_all
        here = not place.is_direct and (is_open or await self._is_theirs(place, able, asked.needed))
        is_direct = stage.notify.direct or not (stage.notify.channels or here)
        direct = able.users if able and is_direct else ()
        return Reach(
            channels=tuple(sorted(stage.notify.channels)),
            direct=len(direct),
            untold=able.untold if able and direct else 0,
            needed=stage.count,
            able=len(able.users) if able and able.is_all and able.is_certain and not able.untold else None,
            here=here,
            is_known=able is not None and able.is_certain,
        )

    def _asked(self, launch: Launch) -> Iterator[_Asked]:
        stage = launch.approval.stage if launch.approval else None
        if stage is not None and launch.state is State.AWAITING_APPROVAL:
            yield _Asked(notify=stage.rule.notify, group=stage.voters, needed=stage.missing)
        glass = self._policy().break_glass
        if launch.break_glass and glass is not None:
            yield _Asked(notify=glass.notify, group=glass.review, needed=1)

    async def _directly(self, launch: Launch, asked: _Asked) -> tuple[str, ...]:
        """Whom to write to: everybody where the policy says so, or where nothing else would reach them."""
        if asked.notify.channels and not asked.notify.direct:
            return ()
        able = await self._able(asked, team_id=launch.requester.team_id, excluded=launch.excluded)
        if able is None or (not able.is_certain and self._may_wait(launch)):
            raise NotNow(_ASK_AGAIN)
        if not asked.notify.direct and await self._is_theirs(launch.place, able, asked.needed):
            return ()
        if able.untold:
            log.warning("%d approvers of launch %s are too many to write to", able.untold, launch.id)
        return able.users

    async def _able(self, asked: _Asked, *, team_id: str, excluded: frozenset[str]) -> Able | None:
        return await self._approvers.of(asked.group, team_id=team_id, excluded=excluded, limit=MOST_PEOPLE)

    async def _is_theirs(self, place: Place, able: Able | None, needed: int) -> bool:
        """Whether enough of them are in the channel to decide there; in doubt they are not."""
        if place.is_direct or able is None:
            return False
        members = await self._members.everybody(place.channel_id)
        return members is not None and len(members.intersection(able.users)) >= needed

    def _may_wait(self, launch: Launch) -> bool:
        """Whether to wait until Slack says who somebody is; not for ever, as the others wait meanwhile."""
        now = self._now()
        since = self._waiting.setdefault(launch.id, now)
        if len(self._waiting) > _MOST_WAITING:
            self._waiting.popitem(last=False)
        return now - since < _PATIENCE
