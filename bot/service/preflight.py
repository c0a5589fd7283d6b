"""The last look before a start: rights, policy, freezes, approvals, the workflow itself, and whose turn."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.digest import digest_of
from bot.domain.errors import NothingSent, OrchestratorError, Overtaken, UnknownWorkflow
from bot.domain.policy.ruling import Why
from bot.domain.steps import admitting, starting
from bot.domain.steps.asking import reference

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from bot.domain.approval import Delegation
    from bot.domain.execution import Argument
    from bot.domain.launch import Launch
    from bot.domain.people import Membership, Person
    from bot.domain.policy import Policy
    from bot.domain.policy.ruling import Ruling
    from bot.domain.steps import Step
    from bot.domain.workflow import Workflow
    from bot.store.store import Store
    from bot.store.transaction import Transaction


class Preflight:
    """Lets approved launches start, each in the transaction that also takes its place."""

    def __init__(
        self,
        *,
        store: Store,
        policy: Callable[[], Policy],
        membership: Callable[[Person], Awaitable[Membership]],
        definition: Callable[[str], Awaitable[Workflow]],  # as Orchestrator has it at that moment
        url: str,  # of Orchestrator
    ) -> None:
        self._store = store
        self._policy = policy
        self._standing = membership
        self._definition = definition
        self._url = url

    def digest(self, workflow: Workflow, arguments: tuple[Argument, ...], *, requester: Person) -> str:
        """The seal of what would run."""
        return digest_of(
            workflow=reference(workflow),
            arguments=arguments,
            orchestrator=self._url,
            requester=requester,
        )

    async def admit(self, claimed: Launch) -> Launch | None:
        """The launch, claimed and committed as STARTING; None if it does not start now, whatever the reason.

        Overtaken if it is no longer the caller's. What keeps it from starting is written and told.
        """
        memberships = await self._standings(claimed)
        now = self._store.now()
        excluded = _excluded(
            claimed, self._ruling(claimed, memberships[claimed.requester]), memberships, now=now
        )
        if excluded is not None:
            await self._instead(claimed, excluded)
            return None
        try:
            workflow = await self._definition(claimed.workflow.id)
        except UnknownWorkflow as gone:
            await self._instead(claimed, starting.declined(claimed, detail=gone.message, now=now))
            return None
        except OrchestratorError as away:
            await self._instead(claimed, starting.held_up(claimed, cause=_unread(away), now=now))
            return None
        facts = admitting.PreflightFacts(
            ruling=self._ruling(claimed, memberships[claimed.requester]),  # again: reading took a while
            workflow=workflow,
            digest=self.digest(workflow, claimed.arguments, requester=claimed.requester),
            memberships=memberships,
        )
        return await self._store.transact(lambda tx: self._start(tx, claimed, facts))

    def _ruling(self, launch: Launch, who: Membership) -> Ruling:
        """What the policy says of the launch now."""
        return self._policy().decide(
            workflow=launch.workflow,
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
        return dict(zip(people, found, strict=True))

    async def _instead(self, claimed: Launch, step: Step) -> None:
        """Write what happens instead of the start."""
        await self._store.transact(lambda tx: _write(tx, claimed, step), background=True)

    def _start(self, tx: Transaction, claimed: Launch, facts: admitting.PreflightFacts) -> Launch | None:
        """Take the launch's place and commit the intent, or write what happens instead."""
        lock, at_most = facts.ruling.lock, facts.ruling.at_most
        if lock or at_most is not None:
            tx.locks.take_turn()
        excluded = _excluded(claimed, facts.ruling, facts.memberships, now=tx.now)
        if excluded is not None:
            _write(tx, claimed, excluded)
            return None
        step = admitting.outdated(claimed, facts, _delegations(tx, claimed), now=tx.now)
        if step is not None:
            in_doubt = _in_doubt(facts.ruling, facts.memberships)
            _write(tx, claimed, _ask_again(claimed, now=tx.now) if in_doubt else step)
            return None
        launch = replace(_held(tx, claimed), lock=lock)
        step = admitting.queued(
            launch,
            lock=tx.locks.of(launch) if lock else None,
            runs=tx.locks.of_runs() if at_most is not None else None,
            at_most=at_most,
            now=tx.now,
        )
        if step is not None:
            _write(tx, claimed, step)
            return None
        intent = tx.save(starting.starting(launch, now=tx.now))
        if lock or at_most is not None:
            tx.locks.take(intent)
        return intent


def _delegations(tx: Transaction, launch: Launch) -> tuple[Delegation, ...]:
    """Those in force, where some vote rests on one."""
    votes = launch.approval.votes if launch.approval else ()
    return tx.delegations.in_force() if any(vote.stands_in_for for vote in votes) else ()


def _excluded(
    launch: Launch, ruling: Ruling, memberships: Mapping[Person, Membership], *, now: datetime
) -> Step | None:
    """What the policy and the clock say; where a no is in doubt, they are asked again."""
    in_doubt = not ruling.allowed and _in_doubt(ruling, memberships)
    excluded = admitting.excluded(launch, ruling, now=now)
    return _ask_again(launch, now=now) if excluded is not None and in_doubt else excluded


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


def _in_doubt(ruling: Ruling, memberships: Mapping[Person, Membership]) -> bool:
    """Whether a no may only mean that something could not be read just now."""
    return ruling.reasons[-1].why in {Why.NO_TAGS, Why.NO_MEMBERS, Why.NO_POLICY} or not all(
        who.is_certain for who in memberships.values()
    )
