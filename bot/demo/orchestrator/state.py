"""State of the pretend Orchestrator server, free of HTTP."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from aiohttp import web

from bot.demo.orchestrator.actions import Actions
from bot.demo.orchestrator.executions import PretendRun
from bot.demo.orchestrator.faults import ArmedFaults
from bot.demo.orchestrator.input_validation import flaws_of
from bot.demo.orchestrator.inventory import PretendInventory
from bot.demo.orchestrator.refusals import ErrorAnswer
from bot.demo.orchestrator.runs import Runs
from bot.demo.orchestrator.workflows import Library, PretendWorkflow

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.demo.orchestrator.contexts import PostedContext
    from bot.demo.orchestrator.dialects import Habits
    from bot.demo.orchestrator.journal import Journal
    from bot.demo.orchestrator.login import Logins
    from bot.demo.orchestrator.values import Obj

_REMEMBERED = 10_000  # requests


@dataclass(kw_only=True)
class Start:
    """A start that was executed, as the server remembers it."""

    workflow_id: str
    execution_id: str
    body: object  # as posted, secrets and all
    at: datetime
    by: str
    delivered: bool = False  # whether the true answer went out whole


@dataclass(frozen=True, kw_only=True)
class InvalidStart:
    """A start with values its own form would not have let pass; it was executed all the same."""

    start: Start
    flaws: tuple[str, ...]  # "name: what is wrong"


class ServerState:
    """All that the server holds in memory: workflows, runs, inventory, faults; shared by its routes."""

    def __init__(
        self,
        *,
        habits: Habits,
        now: Callable[[], datetime],
        logins: Logins,
        journal: Journal | None,
        host: str,
    ) -> None:
        self.habits = habits
        self.drift = timedelta(0)  # of its clock, in dates and in the header `Date`
        self._true_now = now
        self.logins = logins
        self.host = host
        self.library = Library()
        self.runs = Runs(now=self.now)
        self.inventory = PretendInventory()
        self.actions = Actions()
        self.instances: dict[tuple[str, str], dict[str, Obj | None]] = {}  # by workflow and own id
        self.form_tokens: dict[str, str] = {}  # of evaluation, with the form each is for
        self.faults = ArmedFaults()
        self.starts: list[Start] = []
        self.invalid_starts: list[InvalidStart] = []
        self.requests: deque[str] = deque(maxlen=_REMEMBERED)
        self.sent_lists: dict[object, tuple[object, str]] = {}
        self.cancel_takes = timedelta(milliseconds=500)
        self._journal = journal

    def now(self) -> datetime:
        """The time by its own clock."""
        return self._true_now() + self.drift

    def href(self, path: str) -> str:
        """A link, with the internal name and port a real server puts there: no client can follow it."""
        return f"https://{self.host}/vco/api{path}"

    def workflow(self, workflow_id: str) -> PretendWorkflow:
        """The workflow, or a 404."""
        workflow = self.library.find(workflow_id)
        if workflow is None:
            raise ErrorAnswer(404, f"Cannot find workflow with id {workflow_id}")
        return workflow

    def execution(self, workflow_id: str, execution_id: str) -> PretendRun:
        """The run, or a 404 when it is unknown, deleted, purged or another workflow's."""
        execution = self.runs.find(execution_id)
        if execution is None or execution.workflow.id != workflow_id:
            raise ErrorAnswer(404, f"Cannot find workflow run with id {execution_id}")
        return execution

    def begin(
        self, workflow: PretendWorkflow, context: PostedContext, *, by: str
    ) -> tuple[PretendRun, Start]:
        """Start a run and write it down."""
        at = self.now()
        execution = PretendRun(
            identity=self._identity(context.execution_id),
            workflow=workflow,
            given=context.given,
            started_at=at,
            started_by=by,
        )
        self.runs.add(execution)
        if self._journal is not None:
            self._journal.note(execution)
        start = Start(workflow_id=workflow.id, execution_id=execution.id, body=context.body, at=at, by=by)
        self.starts.append(start)
        self._judge(start, workflow, context)
        return execution, start

    def _judge(self, start: Start, workflow: PretendWorkflow, context: PostedContext) -> None:
        """Only on paper: the real server does not look at its forms when a run is started."""
        given = {each.name: each.value for each in context.given}
        flaws = flaws_of(workflow, given, habits=self.habits, inventory=self.inventory, actions=self.actions)
        if flaws:
            self.invalid_starts.append(InvalidStart(start=start, flaws=tuple(flaws)))

    def _identity(self, wished: str | None) -> str:
        if self.habits.honours_execution_id and wished:
            if self.runs.find(wished) is not None:
                raise ErrorAnswer(409, f"A run with id {wished} exists")
            return wished
        fresh = uuid4()
        return fresh.hex if self.habits.hex_ids else str(fresh)


SERVER_STATE: web.AppKey[ServerState] = web.AppKey("server_state", ServerState)
