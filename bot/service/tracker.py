"""The clock: claims every open launch that is due and moves it on.

Starts, looks for lost starts, cancels and the following of runs have a lane and a loop each: an Orchestrator
that is slow, with many runs open, holds up none of the others.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.errors import DatabaseLost, NotVisible, OrchestratorError, Overtaken
from bot.domain.launch import IN_ORCHESTRATOR, OPEN, Launch, State
from bot.domain.steps.following import is_as_before
from bot.runtime.logging import log_keys
from bot.runtime.priority import Priority, Scheduler
from bot.service.lanes import Lane
from bot.store.quarantine import QuarantinedRow, RowKind

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from typing import Any

    from bot.domain.execution import ExecutionState
    from bot.orchestrator.client import Orchestrator
    from bot.runtime.loops import Tick
    from bot.service.approvals import Approvals
    from bot.service.launches import Launches
    from bot.store.runs import RunClaim
    from bot.store.store import Store

log = logging.getLogger(__name__)

BULK_FROM = 6  # runs due together from which one bulk query costs less than asking for each
INTERRUPTED = "The bot was interrupted while it sent the start."
_WAITING = 48  # turns that may wait in a lane
_FOLLOWED = 2000  # runs in one claim, where the bulk query spares most of them a look
_REST = timedelta(seconds=15)  # after Orchestrator could not be asked
_NO_TURN = timedelta(seconds=2)  # until what found no turn in time is claimed again
_SELDOM = timedelta(seconds=30)  # between two looks at an old run; all such are due together, for one query
_BULK_FRESH = timedelta(seconds=4)  # in which one answer serves every run that is due
_EPOCH = datetime.fromtimestamp(0, UTC)
_IN_DOUBT = frozenset({State.UNCERTAIN})
_TO_START = OPEN - IN_ORCHESTRATOR - _IN_DOUBT


@dataclass(frozen=True, kw_only=True)
class _Snapshot:
    """What the bulk query said of all open runs."""

    states: Mapping[str, ExecutionState]
    answered_at: datetime


class Tracker:
    """Moves open launches on; any number may run side by side on one database.

    Following and looking together leave some of the client's concurrent reads free, for starts and clicks.
    """

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
        self._starts = Lane(at_once=16, most_waiting=_WAITING)
        self._looks = Lane(at_once=4, most_waiting=_WAITING)
        self._cancels = Lane(at_once=4, most_waiting=_WAITING)
        self._follows = Lane(at_once=12, most_waiting=256)
        self._snapshot: _Snapshot | None = None
        self._asking = asyncio.Lock()  # one bulk query at a time

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """A loop's work for each lane."""
        return self.tick_starts, self.tick_looks, self.tick_cancels, self.tick_runs

    async def tick(self) -> bool:
        """Move on all that is due; True if there may be more."""
        return any(await asyncio.gather(*(tick() for tick in self.ticks)))

    async def tick_starts(self) -> bool:
        """Move on what is due and not yet sent to Orchestrator; True if there may be more."""
        return await self._tick_launches(self._starts, _TO_START)

    async def tick_looks(self) -> bool:
        """Look for starts that were never answered; True if there may be more."""
        return await self._tick_launches(self._looks, _IN_DOUBT)

    async def _tick_launches(self, lane: Lane, states: frozenset[State]) -> bool:
        limit, claimed_at = lane.room, time.monotonic()
        due = await self._store.launches.claim(limit=limit, states=states) if limit else ()
        async with asyncio.TaskGroup() as group:
            for launch in due:
                work = partial(self._advance, launch)
                group.create_task(self._turn(lane, launch, work, claimed_at=claimed_at))
        return bool(due) and len(due) == limit

    async def tick_cancels(self) -> bool:
        """Stop the runs that somebody asked to stop; True if there may be more."""
        limit, claimed_at = self._cancels.room, time.monotonic()
        runs = await self._store.runs.claim(limit=limit, cancel_asked=True) if limit else ()
        await self._follow_all(self._cancels, runs, claimed_at=claimed_at)
        return bool(runs) and len(runs) == limit

    async def tick_runs(self) -> bool:
        """Look at the runs that are due; True if there may be more.

        The bulk query comes before the claim: it takes as long as it takes, under nobody's lease.
        """
        due = await self._store.runs.count_due(limit=BULK_FROM)
        states = await self._seen_in_bulk() if due >= BULK_FROM else {}
        limit, claimed_at = _FOLLOWED if states else self._follows.room, time.monotonic()
        runs = await self._store.runs.claim(limit=limit, cancel_asked=False) if due and limit else ()
        quiet = [run for run in runs if self._is_quiet(run, states.get(run.execution_id))]
        await self._release([(run, self._next_look(run)) for run in quiet])
        held = {run.id for run in quiet}
        news = [run for run in runs if run.id not in held]
        room = self._follows.room
        await self._give_back(news[room:])
        await self._follow_all(self._follows, news[:room], claimed_at=claimed_at)
        return bool(runs) and len(runs) == limit

    async def _follow_all(self, lane: Lane, runs: Sequence[RunClaim], *, claimed_at: float) -> None:
        async with asyncio.TaskGroup() as group:
            for run in runs:
                work = partial(self._follow, run)
                group.create_task(self._turn(lane, run, work, claimed_at=claimed_at))

    async def _turn(
        self,
        lane: Lane,
        claimed: Launch | RunClaim,
        work: Callable[[], Coroutine[Any, Any, None]],
        *,
        claimed_at: float,
    ) -> None:
        """One launch's turn; what goes wrong with it is logged and must not stop the others."""
        with log_keys(launch=claimed.id):
            async with lane.turn(claimed_at=claimed_at) as in_time:
                try:
                    if in_time:
                        await self._scheduler.run(work(), Priority.BACKGROUND)
                    elif isinstance(claimed, Launch):
                        await self._store.launches.give_back(claimed, until=self._store.now() + _NO_TURN)
                    else:
                        await self._give_back([claimed])
                except Overtaken:
                    log.info("launch %s was moved on elsewhere", claimed.id)
                except DatabaseLost:
                    log.warning("launch %s is taken up again when the database is back", claimed.id)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is this launch's alone
                    item = QuarantinedRow(kind=RowKind.LAUNCH, key=claimed.id, fence=claimed.fence)
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

    async def _release(self, rows: Sequence[tuple[RunClaim, datetime]]) -> None:
        try:
            await self._store.runs.release(rows)
        except DatabaseLost:
            log.warning("%d runs are looked at again when the database is back", len(rows))

    async def _give_back(self, runs: Sequence[RunClaim]) -> None:
        """Give back what nobody looked at."""
        try:
            await self._store.runs.give_back(runs, until=self._store.now() + _NO_TURN)
        except DatabaseLost:
            log.warning("%d runs are looked at again when the database is back", len(runs))

    async def _seen_in_bulk(self) -> Mapping[str, ExecutionState]:
        """What the latest bulk query said, asked anew where that is old; empty where it said nothing."""
        async with self._asking:
            known = self._snapshot
            if known is None or not timedelta(0) <= self._store.now() - known.answered_at <= _BULK_FRESH:
                states = await self._ask_bulk()
                known = self._snapshot = _Snapshot(states=states, answered_at=self._store.now())
        return known.states

    async def _ask_bulk(self) -> Mapping[str, ExecutionState]:
        try:
            return await self._orchestrator.open_executions() or {}
        except OrchestratorError as error:
            log.info("the bulk query for open runs failed: %s", error.message)
            return {}

    async def _follow(self, run: RunClaim) -> None:
        try:
            state = await self._orchestrator.state(run.workflow_id, run.execution_id)
            moved = await self._launches.follow(run, state)
        except NotVisible:
            await self._launches.missing(run)
        except OrchestratorError as error:
            log.info("run %s cannot be looked at: %s", run.execution_id, type(error).__name__)
            await self._unseen(run)
        else:
            if not moved:
                await self._store.runs.release([(run, self._next_look(run))])

    async def _unseen(self, run: RunClaim) -> None:
        """Let a run rest that could not be looked at, and have its card say so after an hour of that."""
        now = self._store.now()
        if run.unseen_since is not None and run.is_unseen(now):
            await self._launches.unseen(run, since=run.unseen_since)
        else:
            await self._store.runs.release_unseen(run, until=now + _REST)

    def _next_look(self, run: RunClaim) -> datetime:
        """A tenth of the run's age from now, between 2 and 30 s; soon while it is being stopped.

        Those that are looked at every 30 s are due at the same moments: one bulk query then serves them all.
        """
        now = self._store.now()
        pause = timedelta(seconds=2) if run.cancel_asked else (now - run.started_at) / 10
        if pause < _SELDOM:
            return now + max(pause, timedelta(seconds=2))
        return now + _SELDOM - (now - _EPOCH) % _SELDOM

    def _is_quiet(self, run: RunClaim, seen: ExecutionState | None) -> bool:
        """Whether a run is as it was, by an answer a few seconds old: any news is asked for anew."""
        if seen is None or run.is_unseen(self._store.now()):
            return False
        return is_as_before(seen, state=run.state, is_paused=run.is_paused)
