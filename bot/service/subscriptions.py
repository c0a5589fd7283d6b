"""Subscriptions: channels and people hear of a workflow's runs, also of those that others started elsewhere.

Orchestrator pushes nothing, so the workflows that somebody subscribed to are looked at again and again, as
many a minute as `LOOKS_A_MINUTE` lets. What a look finds is kept before it is told, each thing once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.domain.audit import AuditEntry
from bot.domain.errors import DatabaseLost, OrchestratorError, TooManyWorkflows, UnknownWorkflow
from bot.domain.people import Place
from bot.domain.policy.folders import FolderPattern
from bot.domain.subscription import Subscription, news_of
from bot.store.quarantine import QuarantinedRow, RowKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.domain.people import Membership, Person
    from bot.domain.subscription import Interest, RunNews
    from bot.domain.workflow import WorkflowSummary
    from bot.orchestrator.client import Orchestrator
    from bot.service.catalogue import Catalogue
    from bot.store.store import Store
    from bot.store.subscriptions import Look

log = logging.getLogger(__name__)

LOOKS_A_MINUTE = 20  # lists of runs asked for, by each process; a list may hold thousands
LOOK_BACK = timedelta(days=3)  # a run that takes longer than this is not heard of at its end
MOST_WORKFLOWS = 20  # of a folder: a look has to end within its lease
_LOOK_SECONDS = 60 / LOOKS_A_MINUTE
_SOONEST = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody's words name: one workflow, a folder, or several workflows to choose from."""

    workflows: tuple[WorkflowSummary, ...] = ()  # those of the folder, if it is one
    folder: str = ""
    similar: tuple[WorkflowSummary, ...] = ()


class Subscriptions:
    """What people can do with subscriptions, and the looks that serve them.

    Whoever may run a workflow in a channel may have that channel hear of its runs. A subscription lives on
    the right of whoever made it: it lapses, and says so, when they may no longer run the workflow there.
    """

    def __init__(
        self,
        *,
        store: Store,
        orchestrator: Orchestrator,
        catalogue: Catalogue,
        membership: Callable[[Person], Awaitable[Membership]],
    ) -> None:
        self._store = store
        self._orchestrator = orchestrator
        self._catalogue = catalogue
        self._membership = membership
        self._next_look = store.now()

    async def wanted(self, words: str, *, who: Membership, place: Place) -> Wanted:
        """What the words name, of what this person may run here; a folder is named by its path."""
        folder = words.strip().strip("/").removesuffix("/**")
        below = await self._below(folder, who=who, place=place)
        if len(below) > MOST_WORKFLOWS:
            raise TooManyWorkflows(
                f"There are {len(below)} workflows below that folder; a subscription listens to at most "
                f"{MOST_WORKFLOWS}. Name a deeper folder, or a workflow. Nothing was changed."
            )
        if below:
            return Wanted(workflows=below, folder=folder)
        picked = await self._catalogue.pick(words, who=who, place=place)
        return Wanted(workflows=picked.named, similar=picked.similar)

    async def _below(self, folder: str, *, who: Membership, place: Place) -> tuple[WorkflowSummary, ...]:
        if not folder:
            return ()
        pattern = FolderPattern(written=f"{folder}/**")
        allowed = await self._catalogue.find("", who=who, place=place, limit=10_000)
        return tuple(each for each in allowed if pattern.fits(each.folder))

    async def subscribe(
        self, wanted: Wanted, *, interest: Interest, who: Membership, place: Place
    ) -> Subscription:
        """Let this place hear of these runs from now on; AlreadySubscribed or TooManySubscriptions."""
        if not wanted.folder and len(wanted.workflows) != 1:
            raise UnknownWorkflow
        one = None if wanted.folder else wanted.workflows[0]
        made = Subscription(
            id=uuid4().hex,
            owner=who.person,
            target=place.channel_id,
            workflow_id=one.id if one else "",
            name=one.name if one else wanted.folder,
            interest=interest,
            since=self._store.now(),
        )
        await self._store.subscriptions.add(made)
        await self._record("subscribed", made, who)
        return made

    async def listed(self, target: str) -> tuple[Subscription, ...]:
        """Those of a channel or person, oldest first."""
        return await self._store.subscriptions.of(target)

    async def end(self, short: str, *, who: Membership, target: str) -> Subscription:
        """End one of this place; who is in the channel may, as they may in the channel itself."""
        ended = await self._store.subscriptions.drop(short, target=target)
        await self._record("unsubscribed", ended, who)
        return ended

    async def _record(self, what: str, subscription: Subscription, who: Membership) -> None:
        entry = AuditEntry(
            what=what,
            team_id=who.person.team_id,
            user_id=who.person.user_id,
            email=who.email,
            detail={
                "subscription": subscription.id,
                "to": subscription.name,
                "interest": subscription.interest.value,
                "target": subscription.target,
            },
        )
        await self._store.transact(lambda tx: tx.audit.record(entry))

    # the looks

    async def tick(self) -> bool:
        """Look at the workflows of the subscription that waited longest, when a look is free."""
        if self._store.now() < self._next_look:
            return False
        for look in await self._store.subscriptions.claim_looks(limit=1):
            row = QuarantinedRow(kind=RowKind.SUBSCRIPTION, key=look.subscription.id, fence=look.fence)
            try:
                await self._look(look)
            except DatabaseLost:
                log.warning("subscription %s looks when the database is back", look.subscription.id)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this subscription's alone
                await self._store.quarantine.back_off(row, error)
        return False

    async def _look(self, look: Look) -> None:
        workflows = await self._workflows(look.subscription)
        if workflows is None:
            await self._store.subscriptions.lapse(look)
            return
        news = await self._news(look.subscription, workflows)
        spent = timedelta(seconds=_LOOK_SECONDS * max(len(workflows), 1))
        self._next_look = self._store.now() + spent
        await self._store.subscriptions.looked(look, news, after=max(spent, _SOONEST))

    async def _workflows(self, subscription: Subscription) -> Sequence[WorkflowSummary] | None:
        """What it listens to now, of what its owner may run there; None if that is nothing any more."""
        who = await self._membership(subscription.owner)
        if not who.is_certain or not self._catalogue.is_decided:
            return ()  # nobody said that they lost the right
        place = Place(channel_id=subscription.target)
        if not who.is_member:
            return None
        if subscription.is_of_folder:
            pattern = FolderPattern(written=f"{subscription.name}/**")
            there = self._catalogue.in_folder(pattern)
        else:
            there = self._catalogue.named(subscription.workflow_id)
        allowed = self._catalogue.allowed(there, who=who, place=place)[:MOST_WORKFLOWS]
        return allowed if allowed or not there else None  # what is not listed may be so tomorrow

    async def _news(self, subscription: Subscription, workflows: Sequence[WorkflowSummary]) -> list[RunNews]:
        """What the runs of these workflows have to tell; a workflow that cannot be asked is asked later."""
        found: list[RunNews] = []
        since = self._store.now() - LOOK_BACK
        for workflow in workflows:
            try:
                listed = await self._orchestrator.executions_since(workflow.id, since)
            except OrchestratorError as trouble:
                log.info("the runs of %s could not be listed: %s", workflow.name, trouble.message)
                continue
            found += news_of(subscription, workflow.id, workflow.name, listed.runs)
        return found
