"""All runs of the pretend server, in order of start, with the purge of finished ones."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from bot.demo.orchestrator.executions import PretendRun

PRESERVED = 100  # finished runs kept per workflow, Orchestrator's own default


class Runs:
    """Runs by workflow and id; what is due is settled when somebody looks."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._keep = PRESERVED
        self._of: defaultdict[str, dict[str, PretendRun]] = defaultdict(dict)
        self._by_id: dict[str, PretendRun] = {}
        self._finished: defaultdict[str, deque[PretendRun]] = defaultdict(deque)
        self._due: list[tuple[datetime, int, PretendRun]] = []
        self._pushed = 0

    @property
    def keep(self) -> int:
        """How many finished runs of a workflow are kept."""
        return self._keep

    @keep.setter
    def keep(self, count: int) -> None:
        self._keep = count
        self._settle()
        for workflow_id in list(self._finished):
            self._purge(workflow_id)

    def add(self, execution: PretendRun) -> None:
        """Take in a run that has just begun."""
        self._of[execution.workflow.id][execution.id] = execution
        self._by_id[execution.id] = execution
        self.moved(execution)

    def moved(self, execution: PretendRun) -> None:
        """Note that a run's end has become certain, or another."""
        if execution.ended_at is not None:
            self._pushed += 1  # breaks ties
            heapq.heappush(self._due, (execution.ended_at, self._pushed, execution))

    def find(self, execution_id: str) -> PretendRun | None:
        """The run, or None when it never was, was deleted or was purged."""
        self._settle()
        return self._by_id.get(execution_id)

    def of(self, workflow_id: str) -> list[PretendRun]:
        """The runs of one workflow, oldest first."""
        self._settle()
        return list(self._of[workflow_id].values()) if workflow_id in self._of else []

    def __iter__(self) -> Iterator[PretendRun]:
        self._settle()
        return iter(list(self._by_id.values()))

    def delete(self, execution: PretendRun) -> None:
        """Forget a run."""
        execution.gone = True
        self._of[execution.workflow.id].pop(execution.id, None)
        self._by_id.pop(execution.id, None)
        finished = self._finished[execution.workflow.id]
        if execution in finished:
            finished.remove(execution)

    def _settle(self) -> None:
        now = self._now()
        while self._due and self._due[0][0] <= now:
            due, _, execution = heapq.heappop(self._due)
            if not execution.gone and execution.ended_at == due:
                self._finished[execution.workflow.id].append(execution)
                self._purge(execution.workflow.id)

    def _purge(self, workflow_id: str) -> None:
        finished = self._finished[workflow_id]
        while len(finished) > self._keep:
            self.delete(finished.popleft())
