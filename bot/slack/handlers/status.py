"""`status`, `history` and `cancel`: launches looked up by whom they concern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import NotAllowed, UnknownLaunch
from bot.domain.people import Place
from bot.slack import listings

if TYPE_CHECKING:
    from bot.domain.people import Membership
    from bot.service.approvals import Approvals
    from bot.service.launch_views import LaunchViews
    from bot.service.launches import Launches
    from bot.slack.dispatcher import Call
    from bot.slack.payloads import SlashCommand
    from bot.slack.responder import Responder


class StatusHandlers:
    """What people ask about launches that exist."""

    def __init__(
        self,
        *,
        launches: Launches,
        launch_views: LaunchViews,
        approvals: Approvals,
        responder: Responder,
        url: str,
    ) -> None:
        self._launches = launches
        self._views = launch_views
        self._approvals = approvals
        self._responder = responder
        self._url = url  # of the workspace, for links to cards

    async def status(self, call: Call, command: SlashCommand, who: Membership, words: str) -> None:
        """What is open."""
        await call.ack_first()
        place = Place(channel_id=command.channel_id)
        found = await self._views.listed(words, who=who, place=place, only_open=True)
        absences = await self._approvals.delegations()
        said = listings.status(
            found.matching, words=words, command=command.command, url=self._url, absences=absences
        )
        await self._responder.show(call, listings.with_unreadable(said, found.unreadable))

    async def history(self, call: Call, command: SlashCommand, who: Membership, words: str) -> None:
        """What was, newest first."""
        await call.ack_first()
        place = Place(channel_id=command.channel_id)
        found = await self._views.listed(words, who=who, place=place, only_open=False)
        said = listings.history(found.matching, words=words, command=command.command, url=self._url)
        await self._responder.show(call, listings.with_unreadable(said, found.unreadable))

    async def cancel(self, call: Call, command: SlashCommand, who: Membership, words: str) -> None:
        """Take one back, or stop it."""
        if not words:
            await self._responder.say(call, f"Which one? `{command.command} status` lists ids to cancel.")
            return
        launch_id = await self._views.by_short_id(words.strip("`#"))
        try:
            launch = await self._launches.cancel(launch_id, who=who)
        except NotAllowed as no:
            raise UnknownLaunch from no
        await self._responder.say(call, listings.cancelled(launch))
