"""The last look before a start: rights, policy, freezes, approvals, the workflow itself, and whose turn.

Whatever was true at the request, the policy judges the workflow as Orchestrator has it now: its folder, name
and tags, and the seal over its content.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.digest import digest_of
from bot.domain.errors import NothingSent, OrchestratorError, Overtaken, UnknownWorkflow, WorkflowChanged
from bot.domain.launch import HoldKind
from bot.domain.policy.ruling import Why
from bot.domain.seal import WorkflowSeal, definition_digest, seal_of
from bot.domain.steps import admitting, starting
from bot.domain.steps.asking import as_it_is, reference, under
from bot.domain.steps.changes import FreshWorkflow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from bot.domain.approval import Delegation
    from bot.domain.draft import Draft
    from bot.domain.execution import Argument
    from bot.domain.launch import Launch
    from bot.domain.people import Membership, Person
    from bot.domain.policy import Policy
    from bot.domain.policy.ruling import Ruling
    from bot.domain.seal import Definition
    from bot.domain.steps import Step
    from bot.domain.workflow import Workflow, WorkflowRef
    from bot.service.places import Places
    from bot.store.store import Store
    from bot.store.transaction import Transaction


LOOK_SECONDS = 3.0  # for a look that somebody waits for; the start itself looks for as long as it takes


class Preflight:
    """Lets approved launches start, each in the transaction that also takes its place."""

    def __init__(
        self,
        *,
        store: Store,
        policy: Callable[[], Policy],
        membership: Callable[[Person], Awaitable[Membership]],
        definition: Callable[[str], Awaitable[Definition]],  # as Orchestrator has it at that moment
        places: Places,
        url: str,  # of Orchestrator
    ) -> None:
        self._store = store
        self._policy = policy
        self._standing = membership
        self._definition = definition
        self._places = places
        self._url = url

    def digest(
        self,
        workflow: Workflow,
        arguments: tuple[Argument, ...],
        *,
        requester: Person,
        seal: WorkflowSeal | None,
    ) -> str:
        """The seal of what would run."""
        return digest_of(
            workflow=reference(workflow),
            arguments=arguments,
            orchestrator=self._url,
            requester=requester,
            seal=seal,
        )

    async def look(self, workflow_id: str) -> Definition | None:
        """The workflow as it is now; None if Orchestrator does not tell within LOOK_SECONDS.

        UnknownWorkflow if it is gone. Whoever goes on without an answer leaves the last word to `admit`,
        which starts nothing before it has one.
        """
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await self._definition(workflow_id)
        except (OrchestratorError, TimeoutError):
            return None

    async def as_now(self, draft: Draft, *, who: Membership) -> tuple[Draft, Membership, WorkflowSeal]:
        """A form that is sent, of the workflow and of who sends it as they are now, and the workflow's seal.

        WorkflowChanged if the form was another's. Where Orchestrator does not tell, it is as the form was
        shown, and nothing but that is sealed.
        """
        found = await self.look(draft.workflow.id)
        who = await self._places.placed(who, draft.place)
        shown = definition_digest(draft.workflow)
        if found is None:
            return draft, who, WorkflowSeal(definition=shown)
        if found.seal.definition != shown:
            raise WorkflowChanged
        tags = draft.workflow.tags if found.workflow.tags is None else found.workflow.tags
        return replace(draft, workflow=replace(found.workflow, tags=tags)), who, found.seal

    def fresh(self, launch: Launch, found: Definition) -> FreshWorkflow:
        """What the launch would be of the workflow as it is now.

        What could not be read at the request is left out where nobody approved it; an approval covers only
        what was sealed, so there it makes another request.
        """
        former = seal_of(launch.seal)
        seal = found.seal
        if former is not None and (launch.approval is None or launch.break_glass):
            seal = seal.without_unread_of(former)
        digest = self.digest(
            found.workflow,
            launch.arguments,
            requester=launch.requester,
            seal=None if former is None else seal,
        )
        return FreshWorkflow(workflow=found.workflow, seal=seal, digest=digest)

    async def admit(self, claimed: Launch) -> Launch | None:
        """The launch, claimed and committed as STARTING; None if it does not start now, whatever the reason.

        Overtaken if it is no longer the caller's. What keeps it from starting is written and told.
        """
        if await self._stays_paused(claimed):
            return None
        memberships = await self._standings(claimed)
        who, now = memberships[claimed.requester], self._store.now()
        if await self._still_waits(claimed, who, now=now):
            return None
        try:
            found = await self._definition(claimed.workflow.id)
        except UnknownWorkflow as gone:
            await self._instead(claimed, starting.declined(claimed, detail=gone.message, now=now))
            return None
        except OrchestratorError as away:
            await self._instead(claimed, starting.held_up(claimed, cause=_unread(away), now=now))
            return None
        facts = admitting.PreflightFacts(
            ruling=self._ruling(claimed, found.workflow, who),
            fresh=self.fresh(claimed, found),
            memberships=memberships,
        )
        return await self._store.transact(lambda tx: self._start(tx, claimed, facts))

    async def _still_waits(self, claimed: Launch, who: Membership, *, now: datetime) -> bool:
        """Keep waiting what waits for a moment or its turn, without asking Orchestrator for anything.

        Hundreds may wait, each with a look every few seconds. Only waiting is decided on the workflow as it
        was; whatever would start is judged as it is now.
        """
        ruling = self._ruling(claimed, claimed.workflow, who)
        step = admitting.held(claimed, ruling, now=now)
        if step is not None:
            await self._instead(claimed, step)
            return True
        if claimed.hold is None or not claimed.hold.queues or not ruling.allowed:
            return False

        def stay(tx: Transaction) -> bool:
            if ruling.lock or ruling.at_most is not None:
                tx.locks.take_turn()
            queued = _queued(tx, replace(_held(tx, claimed), lock=ruling.lock), ruling)
            if queued is not None:
                tx.save(queued)
            return queued is not None

        return await self._store.transact(stay, background=True)

    def _ruling(self, launch: Launch, workflow: Workflow | WorkflowRef, who: Membership) -> Ruling:
        """What the policy says of the launch now, were the workflow that one."""
        return self._policy().decide(
            workflow=workflow,
            who=who,
            place=launch.place,
            arguments=launch.arguments,
            at=self._store.now(),
            break_glass=launch.break_glass,
        )

    async def _standings(self, launch: Launch) -> Mapping[Person, Membership]:
        """What is known now of the requester, of who voted, and of those they stand in for."""
        votes = launch.approval.votes if launch.approval else ()
        people = list({launch.requester} | {vote.by for vote in votes} | {vote.right for vote in votes})
        found = await asyncio.gather(*map(self._standing, people))
        memberships = dict(zip(people, found, strict=True))
        memberships[launch.requester] = await self._places.placed(memberships[launch.requester], launch.place)
        return memberships

    async def _stays_paused(self, claimed: Launch) -> bool:
        """Whether it is still paused, before anybody is asked about it: a pause may last for days."""
        if claimed.hold is None or claimed.hold.kind is not HoldKind.PAUSED:
            return False
        return await self._store.transact(lambda tx: _paused(tx, claimed), background=True)

    async def _instead(self, claimed: Launch, step: Step) -> None:
        """Write what happens instead of the start."""
        await self._store.transact(lambda tx: _write(tx, claimed, step), background=True)

    def _start(self, tx: Transaction, claimed: Launch, facts: admitting.PreflightFacts) -> Launch | None:
        """Take the launch's place and commit the intent, or write what happens instead."""
        ruling = facts.ruling
        if _paused(tx, claimed, by=ruling):
            return None
        if ruling.lock or ruling.at_most is not None:
            tx.locks.take_turn()
        excluded = _excluded(claimed, facts, now=tx.now)
        if excluded is not None:
            _write(tx, claimed, excluded)
            return None
        step = admitting.outdated(claimed, facts, _delegations(tx, claimed), now=tx.now)
        if step is not None:
            doubted = in_doubt(ruling, facts.memberships)
            _write(tx, claimed, _ask_again(claimed, now=tx.now) if doubted else step)
            return None
        launch = replace(_as_ruled(_held(tx, claimed), facts), lock=ruling.lock)
        step = _queued(tx, launch, ruling)
        if step is not None:
            _write(tx, claimed, step)
            return None
        intent = tx.save(starting.starting(launch, now=tx.now))
        if ruling.lock or ruling.at_most is not None:
            tx.locks.take(intent)
        return intent


def _as_ruled(launch: Launch, facts: admitting.PreflightFacts) -> Launch:
    """The launch under the rule that lets it start, of the workflow as it is now."""
    moved = replace(launch, workflow=as_it_is(launch, facts.fresh.workflow))
    return under(moved, facts.ruling.rule) if facts.ruling.rule else moved


def _queued(tx: Transaction, launch: Launch, ruling: Ruling) -> Step | None:
    """Whether it is the launch's turn, once turns are taken; None: it is."""
    return admitting.queued(
        launch,
        lock=tx.locks.of(launch) if ruling.lock else None,
        runs=tx.locks.of_runs() if ruling.at_most is not None else None,
        at_most=ruling.at_most,
        now=tx.now,
    )


def _delegations(tx: Transaction, launch: Launch) -> tuple[Delegation, ...]:
    """Those in force, where some vote rests on one."""
    votes = launch.approval.votes if launch.approval else ()
    return tx.delegations.in_force() if any(vote.stands_in_for for vote in votes) else ()


def _excluded(launch: Launch, facts: admitting.PreflightFacts, *, now: datetime) -> Step | None:
    """What the policy and the clock say; where a no is in doubt, they are asked again."""
    ruling = facts.ruling
    doubted = not ruling.allowed and in_doubt(ruling, facts.memberships)
    excluded = admitting.excluded(launch, ruling, facts.fresh.workflow, now=now)
    return _ask_again(launch, now=now) if excluded is not None and doubted else excluded


def _paused(tx: Transaction, claimed: Launch, *, by: Ruling | None = None) -> bool:
    """Whether somebody paused it; then that is written."""
    rules = {by.rule.name} if by is not None and by.rule is not None else set()
    pause = tx.pauses.stopping(claimed, rules=rules)
    if pause is not None:
        _write(tx, claimed, admitting.paused(claimed, pause, now=tx.now))
    return pause is not None


def _held(tx: Transaction, claimed: Launch) -> Launch:
    """The launch, locked; Overtaken unless it is still as it was when it was claimed."""
    held = tx.claimed(claimed)
    if held.version != claimed.version:
        raise Overtaken
    return held


def _write(tx: Transaction, claimed: Launch, step: Step) -> None:
    _held(tx, claimed)
    tx.save(step)


def _ask_again(launch: Launch, *, now: datetime) -> Step:
    cause = NothingSent(
        "It cannot be told just now whether the policy allows this, so it is not started yet."
    )
    return starting.held_up(launch, cause=cause, now=now)


def _unread(away: OrchestratorError) -> NothingSent:
    """Reading has no effect, whatever became of the answer."""
    return away if isinstance(away, NothingSent) else NothingSent(away.message)


def in_doubt(ruling: Ruling, memberships: Mapping[Person, Membership]) -> bool:
    """Whether a no may only mean that something could not be read just now."""
    return ruling.reasons[-1].why in {Why.NO_TAGS, Why.NO_MEMBERS, Why.NO_POLICY, Why.NO_CHANNEL} or not all(
        who.is_certain for who in memberships.values()
    )
