"""Who is told of a launch beside the channel it was asked for in: approvers, and reviewers of a glass."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.launch import State
from bot.domain.people import Person
from bot.slack.delivery.paced_queue import NotNow
from bot.store.cards import CardKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.domain.launch import Launch
    from bot.domain.policy import Group, Notify, Policy
    from bot.slack.people import People

log = logging.getLogger(__name__)

MOST_PEOPLE = 50  # that one launch writes to directly
_PATIENCE = timedelta(minutes=5)  # for people Slack says nothing of; then the others are told
_MOST_WAITING = 1_000
_ASK_AGAIN = timedelta(seconds=10)


class CardAudience:
    """Finds the places where a launch has cards of its own, from the policy and Slack's groups."""

    def __init__(self, *, people: People, policy: Callable[[], Policy]) -> None:
        self._people = people
        self._policy = policy
        self._waiting: OrderedDict[str, datetime] = OrderedDict()  # launch id -> since when

    async def of(self, launch: Launch) -> Mapping[str, CardKind]:
        """The channels and people who are asked or warned now; NotNow if Slack does not say who they are."""
        found: dict[str, CardKind] = {}
        for notify, group in self._asked(launch):
            found |= dict.fromkeys(notify.channels, CardKind.CHANNEL)
            if notify.direct:
                found |= dict.fromkeys(await self._members(launch, group), CardKind.DIRECT)
        found.pop(launch.place.channel_id, None)
        if launch.about:
            found[launch.about] = CardKind.THREAD
        return found

    def _asked(self, launch: Launch) -> list[tuple[Notify, Group]]:
        asked: list[tuple[Notify, Group]] = []
        stage = launch.approval.stage if launch.approval else None
        if stage is not None and launch.state is State.AWAITING_APPROVAL:
            asked.append((stage.rule.notify, stage.voters))
        glass = self._policy().break_glass
        if launch.break_glass and glass is not None:
            asked.append((glass.notify, glass.review))
        return asked

    def _may_wait(self, launch: Launch) -> bool:
        """Whether to wait until Slack says who somebody is; not for ever, as the others wait meanwhile."""
        now = self._people.now()
        since = self._waiting.setdefault(launch.id, now)
        if len(self._waiting) > _MOST_WAITING:
            self._waiting.popitem(last=False)
        return now - since < _PATIENCE

    async def _members(self, launch: Launch, group: Group) -> list[str]:
        """Everybody in the group who may decide: full members, neither requester nor barred as an editor."""
        groups = await asyncio.gather(*map(self._people.members_of, group.groups))
        if any(members is None for members in groups):
            raise NotNow(_ASK_AGAIN)
        named = group.users.union(*(members for members in groups if members)) - launch.excluded
        if len(named) > MOST_PEOPLE:
            log.warning("%d approvers are too many to write to; the first %d are", len(named), MOST_PEOPLE)
        team = launch.requester.team_id
        people = [Person(team_id=team, user_id=user) for user in sorted(named)[:MOST_PEOPLE]]
        memberships = await asyncio.gather(*map(self._people.membership, people))
        if not all(each.is_known for each in memberships) and self._may_wait(launch):
            raise NotNow(_ASK_AGAIN)
        return [
            each.person.user_id
            for each in memberships
            if each.is_member and not each.identities & launch.excluded
        ]
