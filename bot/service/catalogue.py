"""The workflows people may pick: fetched in the background, kept in memory, filtered by policy."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.domain.errors import NotVisible, OrchestratorError, PolicyUnread, UnknownWorkflow, Unreachable
from bot.domain.policy import Policy
from bot.service.menus import menus_of, renewed
from bot.service.workflow_search import is_named_by, list_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bot.domain.execution import Argument
    from bot.domain.people import Membership, Place
    from bot.domain.policy import Ruling
    from bot.domain.policy.folders import FolderPattern
    from bot.domain.seal import Definition
    from bot.domain.workflow import Workflow, WorkflowSummary
    from bot.orchestrator.client import Orchestrator

log = logging.getLogger(__name__)

REFRESH_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Picked:
    """What somebody's words may mean: the workflows they name; without any, those that are similar."""

    named: tuple[WorkflowSummary, ...] = ()
    similar: tuple[WorkflowSummary, ...] = ()


def _path(workflow: WorkflowSummary) -> str:
    return f"{workflow.folder}/{workflow.name}"


def _gone() -> UnknownWorkflow:
    return UnknownWorkflow(
        "This workflow is no longer there, or the bot's account may not see it. Nothing was started."
    )


class Catalogue:
    """Finds workflows by words; answers from memory only.

    What the policy says of each workflow is worked out in a thread, before a new list or policy counts for
    the first search, so that no keystroke waits for it on the event loop.
    """

    def __init__(self, *, orchestrator: Orchestrator, policy: Callable[[], Policy]) -> None:
        self._orchestrator = orchestrator
        self._policy = policy
        self._menus = menus_of(list_of(()), Policy())
        self._renewing = asyncio.Lock()
        self._trouble: OrchestratorError | None = Unreachable("The list of workflows is still being read.")
        self._read_at: datetime | None = None
        self._reading: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Read Orchestrator's list anew; on failure the former list stays and the trouble is remembered."""
        try:
            found = await self._orchestrator.workflows()
        except OrchestratorError as error:
            since = (
                f"the one of {self._read_at:%F %T} UTC stays in force" if self._read_at else "there is none"
            )
            log.warning("the list of workflows could not be read, %s: %s", since, error.message)
            self._trouble = error
            return
        await self._renew(found)
        self._trouble, self._read_at = None, datetime.now(UTC)

    async def run(self) -> None:
        """Refresh for ever."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_SECONDS if self._trouble is None else 10)

    async def follow_policy(self) -> None:
        """Work the menus out for the policy that counts now, unless they already are.

        Whoever searches meanwhile waits for it: the former menus may offer what was just forbidden.
        """
        if self._menus.policy is not self._policy():
            await self._renew(None)

    async def _renew(self, found: tuple[WorkflowSummary, ...] | None) -> None:
        """Put other menus in place of the former; `found` is a new list, None for another policy only."""
        async with self._renewing:  # one at a time: the next may find that nothing is left to do
            listed = self._menus.listing.told if found is None else found
            self._menus = await asyncio.to_thread(renewed, self._menus, listed, self._policy())

    @property
    def is_read(self) -> bool:
        """Whether there is a list to answer from."""
        return bool(self._menus.listing.entries) or self._trouble is None

    async def find(
        self, words: str, *, who: Membership, place: Place | None, limit: int = 100
    ) -> tuple[WorkflowSummary, ...]:
        """The workflows this person may run that fit the words best; all of them for no words."""
        if not self.is_read and self._trouble is not None:
            raise self._trouble
        if not self._policy().is_read:
            raise PolicyUnread
        await self.follow_policy()
        return self._menus.find(words, who=who, place=place, limit=limit)

    async def those(
        self, ids: Iterable[str], *, who: Membership, place: Place | None
    ) -> tuple[WorkflowSummary, ...]:
        """Of these workflows the ones that are there and that this person may run, in the same order."""
        policy = self._policy()
        listed = (self._menus.listing.by_id.get(each) for each in ids)
        known = (each for each in listed if each is not None)
        return tuple(each for each in known if policy.find(workflow=each, who=who, place=place) is not None)

    async def pick(self, words: str, *, who: Membership, place: Place | None) -> Picked:
        """What `/vro run words` means: the one with that id, those so called, else what is similar."""
        known = self._menus.listing.by_id.get(words.strip())
        if known is not None and self._policy().is_read:
            allowed = self._policy().find(workflow=known, who=who, place=place) is not None
            return Picked(named=(known,) if allowed else ())
        found = await self.find(words, who=who, place=place)
        wanted = words.strip().casefold()
        exact = tuple(each for each in found if wanted in {each.name.casefold(), _path(each).casefold()})
        named = exact or tuple(each for each in found if is_named_by(each, words))
        return Picked(named=named) if named else Picked(similar=found)

    def seen(self, words: str, *, who: Membership) -> tuple[WorkflowSummary, ...]:
        """Every workflow of exactly that name, or that id, that this person may run or decide about."""
        policy = self._policy()
        if not policy.is_read:
            raise PolicyUnread
        return tuple(each for each in self.named(words) if policy.may_see(workflow=each, who=who))

    def named(self, words: str) -> tuple[WorkflowSummary, ...]:
        """Every workflow of exactly that name, or that id, whoever may run it."""
        wanted = words.strip()
        known = self._menus.listing.by_id.get(wanted)
        if known is not None:
            return (known,)
        return tuple(self._menus.listing.by_name.get(wanted.casefold(), ()))

    def in_folder(self, pattern: FolderPattern) -> tuple[WorkflowSummary, ...]:
        """Every workflow in the folders of a pattern, whoever may run it."""
        return tuple(each for each in self._menus.listing.told if pattern.fits(each.folder))

    @property
    def is_decided(self) -> bool:
        """Whether there are a list and a policy, so that what is not found is not there or not allowed."""
        return self.is_read and self._policy().is_read

    def allowed(
        self, workflows: Sequence[WorkflowSummary], *, who: Membership, place: Place
    ) -> tuple[WorkflowSummary, ...]:
        """Those of the workflows that this person may run here."""
        policy = self._policy()
        return tuple(
            each for each in workflows if policy.find(workflow=each, who=who, place=place) is not None
        )

    def explain(
        self,
        workflow: WorkflowSummary,
        *,
        who: Membership,
        place: Place,
        arguments: tuple[Argument, ...] | None,
        at: datetime,
    ) -> Ruling:
        """What the policy says to a launch of this workflow; without arguments, to the workflow alone."""
        return self._policy().decide(workflow=workflow, who=who, place=place, arguments=arguments, at=at)

    async def definition(self, workflow_id: str) -> Workflow:
        """The workflow as Orchestrator describes it now; UnknownWorkflow if it is gone."""
        try:
            told = await self._orchestrator.workflow(workflow_id)
        except NotVisible as gone:
            raise _gone() from gone
        return self._listed(told)

    def _listed(self, told: Workflow) -> Workflow:
        """With what only the list tells: tags, and on some servers the folder."""
        listed = self._menus.listing.by_id.get(told.id)
        return replace(told, tags=listed.tags, folder=told.folder or listed.folder) if listed else told

    async def now(self, workflow_id: str) -> Definition:
        """The workflow as it is at this moment, sealed; UnknownWorkflow if it is gone.

        Nothing in it is from memory that a policy may go by: where rules name tags, these are read as well,
        else they are left unknown.
        """
        by_tags = self._policy().goes_by_tags
        try:
            found, tags = await asyncio.gather(
                self._orchestrator.definition(workflow_id), self._tags_now(workflow_id, wanted=by_tags)
            )
        except NotVisible as gone:
            raise _gone() from gone
        workflow = replace(self._listed(found.workflow), tags=tags)
        return replace(found, workflow=workflow)

    async def _tags_now(self, workflow_id: str, *, wanted: bool) -> tuple[str, ...] | None:
        """The workflow's tags; None if nobody wants them, or nobody tells. OrchestratorError."""
        if not wanted:
            return None
        tags = await self._orchestrator.tags(workflow_id)
        if tags is not None:
            return tags
        if self._reading is None or self._reading.done():  # one reading, however many wait for it
            self._reading = asyncio.create_task(self.refresh())
        await asyncio.shield(self._reading)
        if self._trouble is not None:
            raise self._trouble
        listed = self._menus.listing.by_id.get(workflow_id)
        return listed.tags if listed else None
