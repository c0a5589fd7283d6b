"""Whether somebody is in the channel that a right depends on; nothing else is asked of Slack for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.errors import ChannelUnknown, NotTheirChannel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.people import Membership, Person, Place
    from bot.domain.policy import Policy, Rule
    from bot.domain.workflow import Workflow


class Places:
    """Ties people to places: a channel's id alone proves nothing, because a shortcut lets one choose any."""

    def __init__(
        self,
        *,
        policy: Callable[[], Policy],
        in_channel: Callable[[Person, str], Awaitable[bool | None]],  # None: Slack does not say
    ) -> None:
        self._policy = policy
        self._in_channel = in_channel

    async def placed(self, who: Membership, place: Place) -> Membership:
        """The membership with what is known of this place, where a rule goes by it; doubt is no yes."""
        channel = place.channel_id
        if channel not in self._policy().channels:
            return who
        match await self._in_channel(who.person, channel):
            case True:
                return who
            case False:
                return replace(who, outside=who.outside | {channel})
            case None:
                return replace(who, unread_channels=who.unread_channels | {channel})

    async def allow(
        self, *, workflow: Workflow, who: Membership, place: Place, is_place_chosen: bool
    ) -> Rule:
        """The rule under which they may run it here; NotAllowed or NotAMember says why not.

        A place that was chosen has to be one they are in; where a command was typed, Slack saw to that.
        """
        if is_place_chosen:
            await self._check(who, place)
        who = await self.placed(who, place)
        return self._policy().allow(workflow=workflow, who=who, place=place)

    async def _check(self, who: Membership, place: Place) -> None:
        """NotTheirChannel unless they are in the channel they chose; ChannelUnknown if nobody can tell."""
        if place.is_direct:
            return
        found = await self._in_channel(who.person, place.channel_id)
        if found is None:
            raise ChannelUnknown
        if not found:
            raise NotTheirChannel

    async def is_in(self, who: Membership, channel_id: str) -> bool | None:
        """Whether they are in it; None if Slack does not say."""
        return await self._in_channel(who.person, channel_id)
