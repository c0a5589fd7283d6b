"""Reconciles a launch whose start was never answered with the runs Orchestrator lists.

What could not be read proves nothing, and a run is adopted only if it is provably the launch's own: started
by the bot's account, with its inputs, at its time, and claimable by no other launch without an answer.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.errors import AnswerLost, Declined, OrchestratorError
from bot.domain.launch import State
from bot.domain.matching import candidates, could_claim, is_ours, is_proven, search_from
from bot.domain.steps import finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from bot.domain.execution import Execution, ExecutionList, ExecutionSummary
    from bot.domain.launch import Launch
    from bot.domain.steps import Step
    from bot.orchestrator.client import Orchestrator
    from bot.store.store import Store

log = logging.getLogger(__name__)

CANDIDATES_READ = (
    20  # runs whose inputs are compared in one turn, those that began nearest to the start first
)


class Reconciler:
    """Looks for the run of a launch in doubt; one look, one step."""

    def __init__(
        self,
        *,
        store: Store,
        orchestrator: Orchestrator,
        settle: timedelta,  # between two looks
        account: str | None,  # the login's user name, where it has one
    ) -> None:
        self._store = store
        self._orchestrator = orchestrator
        self._settle = settle
        self._account = account

    async def reconcile(self, claimed: Launch) -> None:
        """Take the step that a look at Orchestrator's list gives; Overtaken if the claim is over."""
        try:
            since = search_from(claimed, behind=self._orchestrator.behind)
            seen = await self._orchestrator.executions_since(claimed.workflow.id, since)
        except OrchestratorError as problem:
            cause = problem.message
            log.info("looking for the run of launch %s: %s", claimed.id, type(problem).__name__)
            await self._write(claimed, lambda held, now: finding.unlisted(held, cause=cause, now=now))
            return
        await self._compare(claimed, seen)

    async def _compare(self, claimed: Launch, seen: ExecutionList) -> None:
        behind = self._orchestrator.behind
        found = candidates(claimed, seen.runs, account=self._orchestrator.account, behind=behind)
        could_be = {run.id: run for run in sorted(found, key=partial(_distance, claimed))}
        taken, unanswered = await self._others(claimed, could_be)
        known = taken.union(claimed.search.compared if claimed.search else ())
        free = [each for each in could_be if each not in known]
        runs = {each: await self._run(claimed, each) for each in free[:CANDIDATES_READ]}
        ours = {each: run for each, run in runs.items() if run is not None and is_ours(claimed, run)}
        rivals = tuple(
            rival
            for rival in unanswered
            # one that cannot be read could claim any run
            if any(
                rival is None or could_claim(rival, could_be[each], run, behind=behind)
                for each, run in ours.items()
            )
        )
        if any(
            rival is not None and rival.state is State.STARTING for rival in rivals
        ):  # its own answer would beat a guess
            await self._write(claimed, lambda held, now: finding.wait_for_rival(held, now=now))
            return
        step = partial(
            finding.looked,
            ours=tuple(ours),
            doubt=self._doubt([could_be[each] for each in ours], rivals),
            others=tuple(each for each in runs if each not in ours),
            gone=seen.unread + sum(run is None for run in runs.values()),
            unread=len(free) - len(runs),
            settle=self._settle,
        )
        await self._write(claimed, lambda held, now: step(held, now=now))

    async def _others(
        self, claimed: Launch, could_be: Iterable[str]
    ) -> tuple[frozenset[str], tuple[Launch | None, ...]]:
        """Runs that other launches have already, and the launches that have no answer yet."""
        return await self._store.transact(
            lambda tx: (
                tx.others_claiming(could_be, besides=claimed.id),
                tx.unanswered(claimed.workflow.id, besides=claimed.id),
            )
        )

    async def _write(self, claimed: Launch, step: Callable[[Launch, datetime], Step]) -> None:
        await self._store.transact(lambda tx: tx.save(step(tx.claimed(claimed), tx.now)), background=True)

    def _doubt(self, ours: Sequence[ExecutionSummary], rivals: Sequence[Launch | None]) -> str:
        """Why a run with this launch's inputs may not be its own; empty where nothing speaks against it."""
        if rivals:
            return "A run could be this one, but another launch without an answer could have started it, too."
        account = self._orchestrator.account or self._account
        if not all(is_proven(run, account=account) for run in ours):
            return "A run could be this one, but Orchestrator does not say that the bot started it."
        return ""

    async def _run(self, claimed: Launch, execution_id: str) -> Execution | None:
        """A run that Orchestrator lists; None if it does not show it, or not so that it can be read."""
        try:
            return await self._orchestrator.execution(claimed.workflow.id, execution_id)
        except (Declined, AnswerLost):
            return None


def _distance(launch: Launch, run: ExecutionSummary) -> timedelta:
    """How far a run began from the moment the launch's start left; without a date, it comes last."""
    if run.start_date is None or launch.starting_at is None:
        return timedelta.max
    return abs(run.start_date - launch.starting_at)
