"""The life of a launch, in order of time: request, decide, start, find again, follow, close.

Each method reads the launch, takes one step of `bot.domain.steps` and writes it with what happened in one
transaction; the announcer tells it afterwards. Intent is committed before Orchestrator is asked for
anything, and nothing here talks to Slack.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.domain.draft import LaunchOptions
from bot.domain.errors import (
    AnswerLost,
    Declined,
    NotAllowed,
    NothingSent,
    ObjectGone,
    OrchestratorError,
    Overtaken,
    SecretMissing,
)
from bot.domain.execution import ExecutionState
from bot.domain.policy.explaining import refusal
from bot.domain.requesting import check_secrets, part_typed_secrets, signed
from bot.domain.steps import Step, asking, finding, following, starting, stopping
from bot.domain.steps.changes import FreshWorkflow
from bot.runtime.logging import log_keys
from bot.service.claim_proof import prove_claim
from bot.service.denials import denials_audited
from bot.service.inventory import check_objects
from bot.service.reconciler import Reconciler
from bot.service.run_answers import RunAnswers
from bot.service.secrets import with_hashes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from bot.domain.draft import Draft
    from bot.domain.execution import Argument
    from bot.domain.launch import Launch
    from bot.domain.people import Membership
    from bot.domain.policy import Policy, Rule
    from bot.domain.policy.ruling import Ruling
    from bot.orchestrator.client import Orchestrator
    from bot.service.preflight import Preflight
    from bot.service.secrets import Secrets
    from bot.store.runs import RunClaim
    from bot.store.store import Store
    from bot.store.transaction import Transaction

log = logging.getLogger(__name__)

NO_OPTIONS = LaunchOptions()


class Launches:
    """What people and the tracker can do with launches."""

    def __init__(
        self,
        *,
        store: Store,
        orchestrator: Orchestrator,
        preflight: Preflight,
        policy: Callable[[], Policy],
        secrets: Secrets,
        settle: timedelta,  # between two looks for a start that was never answered
        account: str | None,  # the bot's user name in Orchestrator, where the login tells it
        login_key: str,  # stands for Orchestrator and the login
    ) -> None:
        self._store = store
        self._orchestrator = orchestrator
        self._admission = preflight
        self._policy = policy
        self._secrets = secrets
        self._answers = RunAnswers(store=store, orchestrator=orchestrator)
        self._reconciler = Reconciler(
            store=store, orchestrator=orchestrator, settle=settle, account=account, login_key=login_key
        )

    # a person asks for it

    async def request(
        self,
        *,
        draft: Draft,
        who: Membership,
        arguments: tuple[Argument, ...],
        wishes: LaunchOptions = NO_OPTIONS,
        interaction_id: str = "",
    ) -> Launch:
        """Record a launch under the draft's id, and complete the interaction in the inbox with it.

        The policy judges the workflow as it is by now. Where Orchestrator does not tell, the launch is
        recorded as the form was shown, and the start waits until it does.
        """
        draft, who, seal = await self._admission.as_now(draft, who=who)
        ruling, rule = await self._rule_for(draft, who=who, arguments=arguments, wishes=wishes)
        typed, kept = part_typed_secrets(signed(arguments, draft.workflow, rule, who))

        def record(tx: Transaction) -> Launch:
            tx.complete(interaction_id)
            for slot, text in typed.items():
                tx.secrets.seal(owner=draft.id, slot=slot, text=text)
            stamped = with_hashes(tx, draft.id, kept)
            digest = self._admission.digest(draft.workflow, stamped, requester=who.person, seal=seal)
            step = asking.requested(
                draft,
                who=who,
                ruling=ruling,
                rule=rule,
                arguments=stamped,
                wishes=wishes,
                fresh=FreshWorkflow(workflow=draft.workflow, seal=seal, digest=digest),
                now=tx.now,
            )
            return tx.add(step)

        return await self._store.transact(record)

    async def _rule_for(
        self, draft: Draft, *, who: Membership, arguments: tuple[Argument, ...], wishes: LaunchOptions
    ) -> tuple[Ruling, Rule]:
        """The rule a request falls under; NotAllowed if there is none, or it takes no such secret."""
        ruling, rule = await self.rule(
            draft=draft,
            who=who,
            arguments=arguments,
            at=wishes.start_at or self._store.now(),
            break_glass=wishes.break_glass,
        )
        async with denials_audited(self._store, who, "run", workflow=draft.workflow.name):
            check_secrets(arguments, rule)
        return ruling, rule

    async def rule(
        self,
        *,
        draft: Draft,
        who: Membership,
        arguments: tuple[Argument, ...],
        at: datetime | None = None,
        break_glass: str = "",
    ) -> tuple[Ruling, Rule]:
        """What the policy says of a request, and by which rule; NotAllowed and its like are recorded.

        Without a moment, freezes are left aside.
        """
        ruling = self._policy().decide(
            workflow=draft.workflow,
            who=who,
            place=draft.place,
            arguments=arguments,
            at=at,
            break_glass=break_glass,
        )
        async with denials_audited(self._store, who, "run", workflow=draft.workflow.name):
            if ruling.rule is None or not ruling.allowed:
                raise refusal(ruling)
        return ruling, ruling.rule

    # somebody looks, or changes their mind

    async def cancel(self, launch_id: str, *, who: Membership, interaction_id: str = "") -> Launch:
        """Take back what has not started, or ask Orchestrator to stop what has; the thread tells when."""

        def ask(tx: Transaction) -> Launch:
            tx.complete(interaction_id)
            launch = tx.launch(launch_id)
            if not self.may_see(launch, who=who):
                raise NotAllowed("Only the requester and those who may run this workflow can stop it.")
            return tx.save(stopping.stopped(launch, by=who.person, email=who.email, now=tx.now))

        async with denials_audited(self._store, who, "stop", launch_id=launch_id):
            return await self._store.transact(ask)

    def may_see(self, launch: Launch, *, who: Membership) -> bool:
        """Whether this person asked for the launch, may approve it, or may run its workflow there."""
        if not who.is_member:
            return False
        approval = launch.approval
        approves = approval is not None and any(stage.voters.has(who) for stage in approval.stages)
        return (
            who.person == launch.requester
            or approves
            or self._policy().find(workflow=launch.workflow, who=who, place=launch.place) is not None
        )

    async def read(self, launch_id: str, *, who: Membership) -> Launch:
        """The launch as it is now; NotAllowed if it is not this person's to see."""

        def look(tx: Transaction) -> Launch:
            launch = tx.launch(launch_id)
            if not self.may_see(launch, who=who):
                raise NotAllowed("Only the requester, approvers and those who may run it can see this.")
            return launch

        async with denials_audited(self._store, who, "look", launch_id=launch_id):
            return await self._store.transact(look)

    # the bot starts it

    async def begin(self, claimed: Launch) -> None:
        """Start a launch that is approved and claimed, if everything still allows it at this moment."""
        with log_keys(launch=claimed.id):
            intent = await self._admission.admit(claimed)
            if intent is not None:
                await self._start(intent)

    async def _start(self, launch: Launch) -> None:
        """Send the start of a launch that is claimed and committed as STARTING; record what became of it."""
        try:
            arguments = await self._secrets.reveal(self._store, launch)
            await check_objects(self._orchestrator, arguments, labels=dict(launch.labels))
            await prove_claim(self._store, launch)
            begun = await self._orchestrator.start(launch.workflow.id, arguments)
        except NothingSent as nothing:
            cause = nothing
            await self._write(launch, lambda held, now: starting.held_up(held, cause=cause, now=now))
        except (Declined, SecretMissing, ObjectGone) as no:
            detail = no.message
            await self._write(launch, lambda held, now: starting.declined(held, detail=detail, now=now))
        except AnswerLost as lost:
            await self.doubt(launch, cause=lost.message)
        else:
            await self._answered(launch, begun.execution_id)
            await self._reconciler.remember_account()

    async def _answered(self, launch: Launch, execution_id: str) -> None:
        """Record the run that Orchestrator named, also when the answer came after the claim was over."""
        try:
            await self._write(
                launch, lambda held, now: starting.started(held, execution_id=execution_id, now=now)
            )
        except Overtaken:
            log.warning("the start of launch %s was answered late: run %s", launch.id, execution_id)
            await self._store.transact(
                lambda tx: tx.save(
                    finding.answered_late(
                        tx.launch(launch.id),
                        execution_id=execution_id,
                        starting_at=launch.starting_at,
                        now=tx.now,
                    )
                ),
                background=True,
            )

    # the start was never answered: look before anyone acts

    async def doubt(self, claimed: Launch, *, cause: str) -> None:
        """Say that nobody knows whether it started, and look soon."""
        await self._write(claimed, lambda held, now: finding.uncertain(held, cause=cause, now=now))

    async def look(self, claimed: Launch) -> None:
        """Look for the run among Orchestrator's executions, and adopt it if it is provably this one's."""
        await self._reconciler.reconcile(claimed)

    async def settle(
        self,
        launch_id: str,
        *,
        who: Membership,
        verdict: finding.Verdict,
        execution_id: str | None = None,
        interaction_id: str = "",
    ) -> Launch:
        """A person looked in Orchestrator and says what is true."""

        def record(tx: Transaction) -> Launch:
            tx.complete(interaction_id)
            launch = tx.launch(launch_id)
            if not self.may_see(launch, who=who):
                raise NotAllowed("Only the requester and those who may run this workflow can settle it.")
            step = finding.settled(launch, who=who, verdict=verdict, execution_id=execution_id, now=tx.now)
            return tx.save(step)

        async with denials_audited(self._store, who, "settle", launch_id=launch_id):
            return await self._store.transact(record)

    # Orchestrator runs it; the tracker follows it to its end

    async def follow(self, claimed: RunClaim, seen: ExecutionState) -> bool:
        """Record what a poll saw; True if that moved the launch, False if it stays as it is."""
        if seen.is_end:
            await self._close(claimed, seen)
            return True
        if claimed.cancel_asked:
            await self._stop(claimed)
        if following.is_as_before(seen, state=claimed.state, is_paused=claimed.is_paused):
            if claimed.is_unseen(self._store.now()):
                await self._write(claimed, lambda held, now: following.seen(held, run=seen, now=now))
            return False
        if seen is ExecutionState.WAITING:
            question, key = await self._answers.question(claimed)
            await self._write(
                claimed, lambda held, now: following.waits(held, question=question, key=key, now=now)
            )
        else:
            await self._write(claimed, lambda held, now: following.seen(held, run=seen, now=now))
        return True

    async def _stop(self, claimed: RunClaim) -> None:
        try:
            await self._orchestrator.cancel(claimed.workflow_id, claimed.execution_id)
        except Declined as no:  # it may have ended meanwhile; the next look tells
            log.info("Orchestrator declined to cancel %s: %s", claimed.execution_id, type(no).__name__)

    async def _close(self, claimed: RunClaim, end: ExecutionState) -> None:
        try:
            run = await self._answers.run(claimed)
        except OrchestratorError as problem:
            cause = problem
            why = type(cause).__name__  # its words may hold what the run was given
            log.warning("run %s is over, but cannot be read: %s", claimed.execution_id, why)
            await self._write(
                claimed, lambda held, now: following.unread(held, end=end, cause=cause, now=now)
            )
        else:
            log_ = await self._answers.log(claimed) if ExecutionState.FAILED in {end, run.state} else ()
            await self._write(
                claimed, lambda held, now: following.ended(held, end=end, run=run, log=log_, now=now)
            )

    async def unseen(self, claimed: RunClaim, *, since: datetime) -> None:
        """Every look at the run has failed since then, which is long ago."""
        await self._write(claimed, lambda held, now: following.unseen(held, since=since, now=now))

    async def missing(self, claimed: RunClaim) -> None:
        """Orchestrator answers 404 for the run."""
        await self._write(claimed, lambda held, now: following.missing(held, look=claimed.look, now=now))

    async def postpone(self, claimed: Launch, *, pause: timedelta) -> None:
        """Let a claimed launch rest."""
        await self._write(claimed, lambda held, now: Step(launch=held, due=now + pause))

    async def _write(self, claimed: Launch | RunClaim, step: Callable[[Launch, datetime], Step]) -> Launch:
        """Take a step on the launch as it is now; Overtaken if the claim no longer holds."""
        return await self._store.transact(
            lambda tx: tx.save(step(tx.claimed(claimed), tx.now)), background=True
        )
