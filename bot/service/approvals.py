"""Other people's say in a launch: votes, reminders, delegation, and the review after a broken glass.

A click is judged by what Slack and the policy say at that moment, whatever they said at the request.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.approval import Delegation, Voter
from bot.domain.audit import AuditEntry
from bot.domain.errors import (
    CodeMissing,
    InvalidAnswers,
    MemberUnknown,
    NotAllowed,
    NotAMember,
    PolicyUnread,
    TooLate,
    UnknownWorkflow,
)
from bot.domain.policy.rule import ConfirmBy
from bot.domain.policy.wording import lasting
from bot.domain.steps import asking, deciding, waiting
from bot.service.denials import denials_audited
from bot.service.step_up import StepUp
from bot.service.vote_grounds import VoteGrounds, completes_a_stage, instead_of_vote

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.domain.launch import Launch
    from bot.domain.people import Membership, Person
    from bot.domain.policy import Group, Policy
    from bot.domain.policy.ruling import Ruling
    from bot.domain.seal import Definition
    from bot.domain.steps import Step
    from bot.domain.workflow import Workflow, WorkflowRef
    from bot.service.preflight import Preflight
    from bot.store.store import Store
    from bot.store.transaction import Transaction


class Approvals:
    """What approvers can do with a launch, and what the tracker does while they do nothing."""

    def __init__(
        self,
        *,
        store: Store,
        policy: Callable[[], Policy],
        membership: Callable[[Person], Awaitable[Membership]],
        membership_now: Callable[[Person], Awaitable[Membership]],
        preflight: Preflight,
    ) -> None:
        self._store = store
        self._policy = policy
        self._membership = membership
        self._membership_now = membership_now
        self._preflight = preflight
        self._step_up = StepUp(store=store)

    # votes

    async def approve(
        self,
        launch_id: str,
        *,
        who: Membership,
        comment: str = "",
        seen: str = "",
        by: ConfirmBy = ConfirmBy.CLICK,
        code: str = "",
        interaction_id: str = "",
    ) -> Launch:
        """Say yes to the request whose short digest is `seen`, and complete the interaction in the inbox.

        The last yes that is needed also claims the launch: the caller then hands it to `Launches.begin`.
        A one-time code is used up only by who could decide, and only where the policy asks for one.
        """
        if by is ConfirmBy.DIALOG:
            by = await self._confirmed(launch_id, who=who, seen=seen, code=code)
        return await self._vote(
            launch_id,
            who=who,
            wish="approve",
            interaction_id=interaction_id,
            step=lambda launch, voter, now: deciding.approved(
                launch, voter, by=by, comment=comment, seen=seen, now=now
            ),
            looks=True,
        )

    async def _confirmed(self, launch_id: str, *, who: Membership, seen: str, code: str) -> ConfirmBy:
        """How strictly an approval in the window is given: with a right code, where one is asked for."""
        async with denials_audited(self._store, who, "approve", launch_id=launch_id):
            launch = await self.may_decide(launch_id, who=who, seen=seen)
        stage = launch.approval.stage if launch.approval else None
        if stage is None or stage.rule.confirmation is not ConfirmBy.CODE:
            return ConfirmBy.DIALOG
        if not code:
            raise CodeMissing
        await self._step_up.use(who, code, launch_id=launch_id)
        return ConfirmBy.CODE

    async def reject(
        self, launch_id: str, *, who: Membership, reason: str, seen: str = "", interaction_id: str = ""
    ) -> Launch:
        """Say no, with a reason the requester will read: one is enough."""
        if not reason.strip():
            raise InvalidAnswers({"reason": "Say why: the requester reads it."})
        return await self._vote(
            launch_id,
            who=who,
            wish="reject",
            interaction_id=interaction_id,
            step=lambda launch, voter, now: deciding.rejected(
                launch, voter, reason=reason, seen=seen, now=now
            ),
        )

    async def _vote(
        self,
        launch_id: str,
        *,
        who: Membership,
        wish: str,
        step: Callable[[Launch, Voter, datetime], Step],
        interaction_id: str = "",
        looks: bool = False,
    ) -> Launch:
        """Count the vote; with `looks`, a yes that completes a stage rests on the workflow as it is now.

        Where Orchestrator does not tell, the yes counts for what was sealed: the start waits for the answer.
        """
        who = await self._membership_now(who.person)
        async with denials_audited(self._store, who, wish, launch_id=launch_id):
            found, gone = await self._look(launch_id) if looks else (None, "")
            lookup = self._membership_now
            grounds = await self._grounds(launch_id, who, lookup=lookup, found=found, gone=gone)

            def vote(tx: Transaction) -> tuple[Launch, TooLate | None]:
                tx.complete(interaction_id)
                launch = tx.launch(launch_id)
                fresh = self._preflight.fresh(launch, found) if found else None
                instead = instead_of_vote(launch, grounds, fresh, now=tx.now)
                if instead is not None:
                    step(launch, grounds.voter, tx.now)  # whoever may not vote changes nothing
                    return tx.save(instead[0]), instead[1]
                asked = asking.asked_as_now(launch, grounds.ruling, now=tx.now)
                taken = step(asked.launch, grounds.voter, tx.now)
                return tx.save(replace(taken, told=(*asked.told, *taken.told))), None

            voted, too_late = await self._store.transact(vote)
        if too_late is not None:
            raise too_late
        return voted

    async def _look(self, launch_id: str) -> tuple[Definition | None, str]:
        """The workflow as it is now, where a yes would complete a stage; or why it is gone."""
        launch = await self._store.transact(lambda tx: tx.launch(launch_id))
        if not completes_a_stage(launch):
            return None, ""
        try:
            return await self._preflight.look(launch.workflow.id), ""
        except UnknownWorkflow as gone:
            return None, gone.message

    async def about_to_reject(self, launch_id: str, *, who: Membership, seen: str = "") -> Launch:
        """The launch, for somebody who is asked for their reason next; else why they cannot reject it."""
        async with denials_audited(self._store, who, "reject", launch_id=launch_id):
            return await self.may_decide(launch_id, who=who, seen=seen)

    async def may_decide(self, launch_id: str, *, who: Membership, seen: str = "") -> Launch:
        """The launch as it would be decided now, if this person could; else why not."""
        grounds = await self._grounds(launch_id, who, lookup=self._membership)

        def look(tx: Transaction) -> Launch:
            launch = asking.asked_as_now(tx.launch(launch_id), grounds.ruling, now=tx.now).launch
            deciding.check_vote(launch, grounds.voter, seen=seen, now=tx.now)
            return launch

        return await self._store.transact(look)

    async def _grounds(
        self,
        launch_id: str,
        who: Membership,
        *,
        lookup: Callable[[Person], Awaitable[Membership]],
        found: Definition | None = None,
        gone: str = "",
    ) -> VoteGrounds:
        """Who they may decide for beside themselves, and what the policy says of the launch now."""
        launch, delegations = await self._store.transact(
            lambda tx: (tx.launch(launch_id), tx.delegations.in_force())
        )
        may = self._may_stand_in(who)
        away = [each.by for each in delegations if may and each.to == who.person]
        requester, *others = await asyncio.gather(*map(lookup, (launch.requester, *away)))
        policy = self._policy()

        def ruling(workflow: Workflow | WorkflowRef) -> Ruling:
            return policy.decide(
                workflow=workflow,
                who=requester,
                place=launch.place,
                arguments=launch.arguments,
                break_glass=launch.break_glass,
            )

        return VoteGrounds(
            voter=Voter(who=who, stands_in_for=tuple(others)),
            requester=requester,
            ruling=ruling(found.workflow if found else launch.workflow),
            ruling_then=ruling(launch.workflow),
            gone=gone,
        )

    async def withdraw_vote(self, launch_id: str, *, who: Membership, interaction_id: str = "") -> Launch:
        """Take back a yes of theirs, or one given in their name; TooLate once the start has left."""

        def withdraw(tx: Transaction) -> Launch:
            tx.complete(interaction_id)
            return tx.save(deciding.vote_withdrawn(tx.launch(launch_id), who=who, now=tx.now))

        async with denials_audited(self._store, who, "take a decision back", launch_id=launch_id):
            return await self._store.transact(withdraw)

    async def wait(self, claimed: Launch) -> None:
        """Nobody decided: remind, ask others as well, or end the request, as is due."""
        await self._store.transact(
            lambda tx: tx.save(waiting.waited(tx.claimed(claimed), now=tx.now)), background=True
        )

    # somebody is away

    async def delegate(self, *, who: Membership, to: Membership, until: datetime) -> Delegation:
        """Let somebody decide in this person's name until then, in place of a former delegation."""
        async with denials_audited(self._store, who, "delegate"):
            _check_stand_in(who, to)
            if not self._may_stand_in(to):
                raise NotAllowed("By the policy they may not decide for others. Nothing was changed.")
        now, longest = self._store.now(), self._policy().delegation.longest
        if not now < until <= now + longest:
            raise InvalidAnswers({"until": f"Name a moment that is to come, within {lasting(longest)}."})
        delegation = Delegation(by=who.person, to=to.person, since=now, until=until)

        def keep(tx: Transaction) -> Delegation:
            tx.delegations.keep(delegation)
            tx.audit.record(_entry("delegated", who, to=to.person.user_id, until=until.isoformat()))
            return delegation

        return await self._store.transact(keep)

    def _may_stand_in(self, who: Membership) -> bool:
        """Whether the policy lets this person decide in another's name; asked at each vote as well."""
        limits = self._policy().delegation
        return limits.to is None or limits.to.has(who)

    async def end_delegation(self, *, who: Membership) -> bool:
        """Decide for oneself again; False if nobody stood in."""

        def end(tx: Transaction) -> bool:
            ended = tx.delegations.drop(by=who.person)
            if ended:
                tx.audit.record(_entry("delegation ended", who))
            return ended

        return await self._store.transact(end)

    async def delegations(self) -> tuple[Delegation, ...]:
        """Who decides in whose name now."""
        return await self._store.transact(lambda tx: tx.delegations.in_force())

    # the glass was broken

    async def may_review(self, launch_id: str, *, who: Membership) -> Launch:
        """The launch as their review would leave it, if this person could review it now; else why not."""

        def look(tx: Transaction) -> Launch:
            return self._reviewed(tx, launch_id, who=who).launch

        async with denials_audited(self._store, who, "review", launch_id=launch_id):
            return await self._store.transact(look)

    async def review(
        self, launch_id: str, *, who: Membership, comment: str = "", interaction_id: str = ""
    ) -> Launch:
        """Say that one has looked at a launch that passed approval or a freeze for a written reason."""

        def review(tx: Transaction) -> Launch:
            tx.complete(interaction_id)
            return tx.save(self._reviewed(tx, launch_id, who=who, comment=comment))

        async with denials_audited(self._store, who, "review", launch_id=launch_id):
            return await self._store.transact(review)

    def _reviewed(self, tx: Transaction, launch_id: str, *, who: Membership, comment: str = "") -> Step:
        launch = tx.launch(launch_id)
        return deciding.reviewed(launch, who=who, reviewers=self.reviewers, comment=comment, now=tx.now)

    @property
    def reviewers(self) -> Group:
        """Who may look at a broken glass, as the policy says now."""
        policy = self._policy()
        if not policy.is_read:
            raise PolicyUnread(
                "The bot's policy file cannot be read, so it is not known who may review this. Your click "
                "changed nothing."
            )
        glass = policy.break_glass
        if glass is None:
            raise NotAllowed(
                "The policy no longer names anybody who reviews this. Your click changed nothing."
            )
        return glass.review


def _check_stand_in(who: Membership, to: Membership) -> None:
    if not (who.is_known and to.is_known):
        raise MemberUnknown(
            "Slack did not say just now whether you and they are members of this workspace. Nothing was "
            "changed. Please try again in a minute."
        )
    if not (who.is_member and to.is_member):
        raise NotAMember("Only full members of this workspace can decide for others. Nothing was changed.")
    if who.identities & to.identities:
        raise NotAllowed("You cannot stand in for yourself. Nothing was changed.")


def _entry(what: str, who: Membership, **detail: str) -> AuditEntry:
    return AuditEntry(
        what=what,
        team_id=who.person.team_id,
        user_id=who.person.user_id,
        email=who.email,
        detail=detail,
    )
