"""`status`, `history` and `cancel`: launches looked up by whom they concern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import NotAllowed, UnknownLaunch
from bot.slack import listings

if TYPE_CHECKING:
    from bot.service.launches import Launches
    from bot.slack.dispatcher import Call
    from bot.slack.payloads import SlashCommand
    from bot.slack.people import People
    from bot.slack.responder import Responder
    from bot.store.launches import Listed
    from bot.store.store import Store

_MOST = 200  # launches read for a listing


class StatusHandlers:
    """What people ask about launches that exist."""

    def __init__(
        self,
        *,
        launches: Launches,
        store: Store,
        people: People,
        responder: Responder,
        url: str,
    ) -> None:
        self._launches = launches
        self._store = store
        self._people = people
        self._answering = responder
        self._url = url  # of the workspace, for links to cards

    async def status(self, call: Call, command: SlashCommand, words: str) -> None:
        """What is open."""
        fitting, unreadable = await self._listed(call, command, words, only_open=True)
        absences = await self._store.transact(lambda tx: tx.delegations.in_force())
        said = listings.status(
            fitting, words=words, command=command.command, url=self._url, absences=absences
        )
        await self._answering.show(call, listings.with_unreadable(said, unreadable))

    async def history(self, call: Call, command: SlashCommand, words: str) -> None:
        """What was, newest first."""
        fitting, unreadable = await self._listed(call, command, words, only_open=False)
        said = listings.history(fitting, words=words, command=command.command, url=self._url)
        await self._answering.show(call, listings.with_unreadable(said, unreadable))

    async def _listed(
        self, call: Call, command: SlashCommand, words: str, *, only_open: bool
    ) -> tuple[list[Listed], int]:
        """The launches that fit, and how many cannot be read; the ack does not wait for it."""
        who = await self._people.member(command.person)
        await call.ack_first()
        found = await self._store.launches.find(
            person=who.person, channel=command.channel_id, only_open=only_open, limit=_MOST
        )
        seen = (each for each in found.launches if self._launches.may_see(each.launch, who=who))
        return [each for each in seen if _fits(each, words)], len(found.unreadable)

    async def cancel(self, call: Call, command: SlashCommand, words: str) -> None:
        """Take one back, or stop it."""
        if not words:
            await self._answering.say(call, f"Which one? `{command.command} status` lists ids to cancel.")
            return
        who = await self._people.member(command.person)
        found = await self._store.launches.by_short_id(words.strip("`#"))
        if len(found) != 1:
            raise UnknownLaunch
        try:
            launch = await self._launches.cancel(found[0], who=who)
        except NotAllowed as no:
            raise UnknownLaunch from no
        await self._answering.say(call, listings.cancelled(launch))


def _fits(listed: Listed, words: str) -> bool:
    launch = listed.launch
    text = f"{launch.workflow.name} {launch.workflow.folder} {launch.id} {launch.state.value}".casefold()
    return all(word in text for word in words.casefold().split())
