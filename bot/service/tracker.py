"""The clock: claims every open launch that is due and moves it on."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.domain.errors import DatabaseLost, NotVisible, OrchestratorError, Overtaken
from bot.domain.launch import State
from bot.domain.steps.following import state_of
from bot.runtime.priority import Priority, Scheduler
from bot.store.quarantine import QuarantinedRow, RowKind

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from datetime import datetime

    from bot.domain.execution import ExecutionState
    from bot.domain.launch import Launch
    from bot.orchestrator.client import Orchestrator
    from bot.service.approvals import Approvals
    from bot.service.launches import Launches
    from bot.store.runs import RunClaim
    from bot.store.store import Store

log = logging.getLogger(__name__)

AT_ONCE = 16  # launches moved on side by side
BULK_FROM = 6  # runs due together from which one bulk query costs less than asking for each
INTERRUPTED = "The bot was interrupted while it sent the start."
_CLAIMED = 64
_FOLLOWED = 2000
_REST = timedelta(seconds=15)  # after Orchestrator could not be asked


class Tracker:
    """Moves open launches on; any number may run side by side on one database."""

    def __init__(
        self,
        *,
        store: Store,
        launches: Launches,
        approvals: Approvals,
        orchestrator: Orchestrator,
        scheduler: Scheduler,
    ) -> None:
        self._store = store
        self._approvals = approvals
        self._launches = launches
        self._orchestrator = orchestrator
        self._scheduler = scheduler
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def tick(self) -> bool:
        """Move on all that is due; True if there may be more."""
        due, followed = await asyncio.gather(
            self._store.launches.claim(limit=_CLAIMED), self._store.runs.claim(limit=_FOLLOWED)
        )
        async with asyncio.TaskGroup() as group:
            for launch in due:
                item = QuarantinedRow(kind=RowKind.LAUNCH, key=launch.id, fence=launch.fence)
                group.create_task(self._turn(item, self._advance(launch)))
            if followed:
                group.create_task(self._follow_all(followed))
        return len(due) == _CLAIMED or len(followed) == _FOLLOWED

    async def _turn(self, item: QuarantinedRow, work: Coroutine[Any, Any, None]) -> None:
        """One launch's turn; what goes wrong with it is logged and must not stop the others."""
        async with self._turns:
            try:
                await self._scheduler.run(work, Priority.BACKGROUND)
            except Overtaken:
                log.info("launch %s was moved on elsewhere", item.key)
            except DatabaseLost:
                log.warning("launch %s is taken up again when the database is back", item.key)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this launch's alone
                await self._store.quarantine.back_off(item, error)

    async def _advance(self, launch: Launch) -> None:
        match launch.state:
            case State.AWAITING_APPROVAL:
                await self._approvals.wait(launch)
            case State.APPROVED:
                await self._launches.begin(launch)
            case State.STARTING:
                await self._launches.doubt(launch, cause=INTERRUPTED)
            case State.UNCERTAIN:
                await self._look(launch)
            case (
                State.RUNNING
                | State.WAITING
                | State.SUCCEEDED
                | State.FAILED
                | State.CANCELLED
                | State.LOST
                | State.REJECTED
                | State.EXPIRED
                | State.WITHDRAWN
            ):
                raise AssertionError(launch.state)  # never claimed by this door

    async def _look(self, launch: Launch) -> None:
        try:
            await self._launches.look(launch)
        except OrchestratorError as error:
            log.info("looking for the run of launch %s: %s", launch.id, type(error).__name__)
            await self._launches.postpone(launch, pause=_REST)

    async def _follow_all(self, followed: tuple[RunClaim, ...]) -> None:
        """Look at all claimed runs with few calls, and put back those that stay as they are."""
        seen = await self._seen_in_bulk() if len(followed) >= BULK_FROM else {}
        back: list[tuple[RunClaim, datetime]] = []
        async with asyncio.TaskGroup() as group:
            for run in followed:
                state = seen.get(run.execution_id)
                if state is not None and _is_quiet(run, state):
                    back.append((run, self._next_look(run)))
                else:
                    item = QuarantinedRow(kind=RowKind.LAUNCH, key=run.id, fence=run.fence)
                    group.create_task(self._turn(item, self._follow(run, state)))
            group.create_task(self._put_back(back))

    async def _put_back(self, rows: list[tuple[RunClaim, datetime]]) -> None:
        try:
            await self._store.runs.release(rows)
        except DatabaseLost:
            log.warning("%d runs are looked at again when the database is back", len(rows))

    async def _seen_in_bulk(self) -> Mapping[str, ExecutionState]:
        try:
            return await self._orchestrator.open_executions() or {}
        except OrchestratorError as error:
            log.info("the bulk query for open runs failed: %s", error.message)
            return {}

    async def _follow(self, run: RunClaim, state: ExecutionState | None) -> None:
        try:
            if state is None:
                state = await self._orchestrator.state(run.workflow_id, run.execution_id)
            moved = await self._launches.follow(run, state)
        except NotVisible:
            await self._launches.missing(run)
        except OrchestratorError as error:
            log.info("run %s cannot be looked at: %s", run.execution_id, type(error).__name__)
            await self._store.runs.release([(run, self._store.now() + _REST)])
        else:
            if not moved:
                await self._store.runs.release([(run, self._next_look(run))])

    def _next_look(self, run: RunClaim) -> datetime:
        """A tenth of the run's age from now, between 2 and 30 s; soon while it is being stopped."""
        now = self._store.now()
        pause = timedelta(seconds=2) if run.cancel_asked else (now - run.started_at) / 10
        return now + min(max(pause, timedelta(seconds=2)), timedelta(seconds=30))


def _is_quiet(run: RunClaim, seen: ExecutionState) -> bool:
    return not seen.is_end and not run.cancel_asked and state_of(seen) is run.state
