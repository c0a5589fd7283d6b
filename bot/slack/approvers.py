"""Who can decide a request now, among the people its rule names: full members, and nobody it keeps out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.people import Person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.launch import Launch
    from bot.domain.policy import Group
    from bot.slack.people import People

_AT_ONCE = 8  # profiles read together
_NAMED = 10  # people a card calls by name


@dataclass(frozen=True, kw_only=True)
class Able:
    """The people found."""

    users: tuple[str, ...]  # in the order of their ids
    untold: int = 0  # more who are named, beyond the limit
    is_all: bool = True  # False: e-mail domains are named too, whose people Slack does not list
    is_certain: bool = True  # False: Slack did not say who some are, so they are left out


class Approvers:
    """Lists the people behind a group of the policy."""

    def __init__(self, *, people: People) -> None:
        self._people = people

    async def of(self, group: Group, *, team_id: str, excluded: frozenset[str], limit: int) -> Able | None:
        """Those who may decide, among the first `limit` who are named; None if Slack lists no members."""
        named = await self._named(group, excluded)
        if named is None:
            return None
        people = [Person(team_id=team_id, user_id=user) for user in named[:limit]]
        memberships = await asyncio.gather(*map(self._people.membership, people))
        return Able(
            users=tuple(
                each.person.user_id
                for each in memberships
                if each.is_member and not each.identities & excluded
            ),
            untold=len(named) - len(people),
            is_all=not (group.everyone or group.domains),
            is_certain=all(each.is_known for each in memberships),
        )

    async def left(self, launch: Launch) -> int | None:
        """How many can still give the current stage a vote, counted up to those it needs; None: unknown.

        Looks up no more people than it takes, because it is asked of each open request again and again.
        """
        approval = launch.approval
        stage = approval.stage if approval else None
        if approval is None or stage is None or stage.voters.everyone or stage.voters.domains:
            return None
        excluded = launch.excluded.union(*(vote.identities for vote in approval.votes))
        named = await self._named(stage.voters, excluded)
        if named is None:
            return None
        found, team_id = 0, launch.requester.team_id
        for at in range(0, len(named), _AT_ONCE):
            people = [Person(team_id=team_id, user_id=user) for user in named[at:][:_AT_ONCE]]
            memberships = await asyncio.gather(*map(self._people.membership, people))
            if not all(each.is_known for each in memberships):
                return None
            found += sum(each.is_member and not each.identities & excluded for each in memberships)
            if found >= stage.missing:
                break
        return found

    def name(self, user_id: str) -> str:
        """What somebody is called, where that is in memory."""
        return self._people.known_name(user_id)

    async def names(self, group: Group, *, team_id: str) -> Mapping[str, str]:
        """What users and user groups are called, by id; without those of which Slack does not say."""
        people = [Person(team_id=team_id, user_id=user) for user in sorted(group.users)[:_NAMED]]
        memberships = await asyncio.gather(*map(self._people.membership, people))
        users = {each.person.user_id: each.name for each in memberships if each.name}
        return {**users, **self._people.group_names(group.groups)}

    async def _named(self, group: Group, excluded: frozenset[str]) -> list[str] | None:
        groups = await asyncio.gather(*map(self._people.members_of, group.groups))
        listed = [members for members in groups if members is not None]
        if len(listed) < len(groups):
            return None
        return sorted(group.users.union(*listed) - excluded)
