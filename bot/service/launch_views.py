"""A launch as one person may look at it: for a decision, or to see what was asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.errors import NotAllowed, Refusal, UnknownLaunch
from bot.domain.launch import State
from bot.service.denials import denials_audited, shared

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.domain.people import Membership, Place
    from bot.service.approvals import Approvals
    from bot.service.launches import Launches
    from bot.store.cards import Card
    from bot.store.launches import Listed
    from bot.store.store import Store


_MOST = 200  # launches read for a listing
_LATEST = 20  # of a person, read for the picker


@dataclass(frozen=True, kw_only=True)
class LaunchView:
    """What somebody sees of a launch, and what they can do with it."""

    launch: Launch
    hidden: frozenset[str]  # inputs whose values are not for them
    before: Launch | None = None  # the requester's last launch of the workflow that went well
    cannot: str = ""  # why they cannot decide it; empty if they can
    can_withdraw: bool = False  # a yes of theirs, or one given in their name


@dataclass(frozen=True, kw_only=True)
class LaunchListing:
    """The launches that match some words, and how many beside them cannot be read."""

    matching: tuple[Listed, ...]
    unreadable: int


class LaunchViews:
    """Reads launches for people."""

    def __init__(self, *, store: Store, launches: Launches, approvals: Approvals) -> None:
        self._store = store
        self._launches = launches
        self._approvals = approvals

    async def read(self, launch_id: str, *, who: Membership) -> LaunchView:
        """The launch as it is; NotAllowed if it is not this person's to see."""
        launch = await self._launches.read(launch_id, who=who)
        return LaunchView(launch=launch, hidden=_hidden_from(launch, who))

    async def for_repeat(self, launch_id: str, *, who: Membership) -> LaunchView:
        """The launch to be asked for again by this person; NotAllowed if it is not theirs to see.

        What was asked for in somebody's direct messages is told there, so only they can repeat it.
        """
        found = await self.read(launch_id, who=who)
        if found.launch.place.is_direct and found.launch.requester != who.person:
            async with denials_audited(self._store, who, "repeat", launch_id=launch_id):
                raise NotAllowed("This was asked for in somebody's direct messages: only they can repeat it.")
        return found

    async def for_decision(self, launch_id: str, *, who: Membership) -> LaunchView:
        """The launch as it would be decided now; NotAllowed if it is not this person's to see."""
        cannot = ""
        try:
            launch = await self._approvals.may_decide(launch_id, who=who)
        except Refusal as no:
            launch, cannot = await self._launches.read(launch_id, who=who), _without_click(no.message)
        return LaunchView(
            launch=launch,
            hidden=_hidden_from(launch, who) if cannot else frozenset(),
            before=await self._store.launches.last_success(
                person=launch.requester, workflow_id=launch.workflow.id
            ),
            cannot=cannot,
            can_withdraw=_can_withdraw(launch, who),
        )

    async def listed(self, words: str, *, who: Membership, place: Place, only_open: bool) -> LaunchListing:
        """The newest launches of this person or told in this place that they may see, by all of the words."""
        found = await self._store.launches.find(
            person=who.person, channel=place.channel_id, only_open=only_open, limit=_MOST
        )
        seen = (each for each in found.launches if self._launches.may_see(each.launch, who=who))
        matching = tuple(each for each in seen if _matches(each.launch, words))
        return LaunchListing(matching=matching, unreadable=len(found.unreadable))

    async def to_share(self, launch_id: str, *, who: Membership) -> Launch:
        """The launch whose outputs are to be shared in its thread; the audit keeps who had them shared."""
        launch = await self._launches.read(launch_id, who=who)
        await self._store.transact(lambda tx: tx.audit.record(shared("outputs shared", launch, who)))
        return launch

    async def home(self, launch: Launch) -> Card | None:
        """Where its card is; None before it is posted."""
        return await self._store.launches.home(launch.id)

    async def recent_workflows(self, *, who: Membership) -> tuple[str, ...]:
        """The workflows this person asked for last, each once, the latest first."""
        found = await self._store.launches.find(person=who.person, channel="", only_open=False, limit=_LATEST)
        return tuple(dict.fromkeys(each.launch.workflow.id for each in found.launches))

    async def by_short_id(self, text: str) -> str:
        """The id of the one launch whose id begins with `text`; UnknownLaunch unless it is one."""
        found = await self._store.launches.by_short_id(text)
        if len(found) != 1:
            raise UnknownLaunch
        return found[0]


def _without_click(message: str) -> str:
    """A refusal for somebody who only looks: without the sentence on what their click did."""
    return re.sub(r"\s*\bYour click [^.]*\.", "", message)


def _matches(launch: Launch, words: str) -> bool:
    text = f"{launch.workflow.name} {launch.workflow.folder} {launch.id} {launch.state.value}".casefold()
    return all(word in text for word in words.casefold().split())


def _hidden_from(launch: Launch, who: Membership) -> frozenset[str]:
    """Hidden inputs are shown to the requester and to approvers."""
    approval = launch.approval
    approves = approval is not None and any(stage.voters.has(who) for stage in approval.stages)
    return frozenset() if approves or who.person == launch.requester else launch.hidden


def _can_withdraw(launch: Launch, who: Membership) -> bool:
    votes = launch.approval.votes if launch.approval else ()
    is_before_start = launch.state in {State.AWAITING_APPROVAL, State.APPROVED}
    return is_before_start and any(vote.identities & who.identities for vote in votes)
