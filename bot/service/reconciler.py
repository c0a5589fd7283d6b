"""Reconciles a launch whose start was never answered with the runs Orchestrator lists.

What could not be read proves nothing, and a run is adopted only if it is provably the launch's own: started
by the bot's account, with its inputs, at its time, and claimable by no other launch without an answer.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.errors import AnswerLost, DatabaseLost, Declined, OrchestratorError
from bot.domain.launch import State
from bot.domain.matching import candidates, could_claim, is_ours, is_proven, search_from
from bot.domain.steps import finding
from bot.store.database import LEASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from bot.domain.execution import Execution, ExecutionList, ExecutionSummary
    from bot.domain.launch import Launch
    from bot.domain.steps import Step
    from bot.orchestrator.client import Orchestrator
    from bot.store.store import Store

log = logging.getLogger(__name__)

LOOKED_WITHIN = LEASE - timedelta(seconds=5)  # of a look's begin, which leaves time to write what it found
TOO_SLOW = "Orchestrator answers too slowly to compare its runs."
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
        login_key: str,  # stands for Orchestrator and the login
    ) -> None:
        self._store = store
        self._orchestrator = orchestrator
        self._settle = settle
        self._account = account
        self._learnt_as = f"account {login_key}"
        self._remembered: str | None = None

    async def remember_account(self) -> None:
        """Keep for the next process how Orchestrator names the bot's account, once it said so."""
        account = self._orchestrator.account
        if account is None or account == self._remembered:
            return
        try:
            await self._store.learnt.put(self._learnt_as, account)
        except DatabaseLost:
            log.info("the account's name is kept with the next start that is answered")
        else:
            self._remembered = account

    async def reconcile(self, claimed: Launch) -> None:
        """Take the step that a look at Orchestrator's list gives; Overtaken if the claim is over.

        It reads runs only for as long as the claim is sure to hold; the next look goes on from there.
        """
        until = asyncio.get_running_loop().time() + LOOKED_WITHIN.total_seconds()
        try:
            since = search_from(claimed, behind=self._orchestrator.behind)
            seen = await self._orchestrator.executions_since(claimed.workflow.id, since)
        except OrchestratorError as problem:
            cause = problem.message
            log.info("looking for the run of launch %s: %s", claimed.id, type(problem).__name__)
            await self._write(claimed, lambda held, now: finding.unlisted(held, cause=cause, now=now))
            return
        await self._compare(claimed, seen, until=until)

    async def _compare(self, claimed: Launch, seen: ExecutionList, *, until: float) -> None:
        behind = self._orchestrator.behind
        found = candidates(claimed, seen.runs, account=self._orchestrator.account, behind=behind)
        could_be = {run.id: run for run in sorted(found, key=partial(_distance, claimed))}
        taken, unanswered = await self._others(claimed, could_be)
        known = taken.union(claimed.search.compared if claimed.search else ())
        free = [each for each in could_be if each not in known]
        runs = await self._read(claimed, free[:CANDIDATES_READ], until=until)
        if free and not runs:
            await self._write(claimed, lambda held, now: finding.unlisted(held, cause=TOO_SLOW, now=now))
            return
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
            doubt=await self._doubt([could_be[each] for each in ours], rivals),
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

    async def _doubt(self, ours: Sequence[ExecutionSummary], rivals: Sequence[Launch | None]) -> str:
        """Why a run with this launch's inputs may not be its own; empty where nothing speaks against it.

        An account that a former process learnt may prove a run, but never rules one out: with a login whose
        account changed since, a start that did happen would count as none.
        """
        if rivals:
            return "A run could be this one, but another launch without an answer could have started it, too."
        account = self._orchestrator.account
        if ours and account is None:
            account = await self._store.learnt.get(self._learnt_as) or self._account
        if not all(is_proven(run, account=account) for run in ours):
            return "A run could be this one, but Orchestrator does not say that the bot started it."
        return ""

    async def _read(
        self, claimed: Launch, execution_ids: Sequence[str], *, until: float
    ) -> dict[str, Execution | None]:
        """Those of the runs that could be read by then, a time of the event loop's clock."""
        runs: dict[str, Execution | None] = {}
        try:
            async with asyncio.timeout_at(until):
                for each in execution_ids:
                    runs[each] = await self._run(claimed, each)
        except TimeoutError:
            log.info("compared %d of %d runs in the time of one look", len(runs), len(execution_ids))
        return runs

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
