"""Orchestrator's REST API as the bot uses it: look, start, follow, cancel."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Self

from bot.domain.errors import Conflict, InvalidRequest, NotVisible, OrchestratorError
from bot.orchestrator import reading
from bot.orchestrator.answers import check
from bot.orchestrator.definitions import Definitions
from bot.orchestrator.folders import Folders, folder_id, folder_path
from bot.orchestrator.forms.drawn import DrawnForms
from bot.orchestrator.forms.evaluations import Evaluations
from bot.orchestrator.logs import Logs
from bot.orchestrator.objects import Objects
from bot.orchestrator.open_runs import OpenRuns
from bot.orchestrator.reading import read
from bot.orchestrator.sending import start_body
from bot.orchestrator.starting import started
from bot.orchestrator.transport import ApiCall, Transport
from bot.orchestrator.wire import (
    AboutAnswer,
    ExecutionAnswer,
    HealthAnswer,
    InteractionAnswer,
    LinksAnswer,
    StateAnswer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta
    from types import TracebackType

    from bot.domain.execution import (
        Argument,
        Execution,
        ExecutionList,
        ExecutionState,
        Interaction,
        LogLine,
        ProfilerOptions,
        Started,
    )
    from bot.domain.forms.form import Form
    from bot.domain.seal import Definition
    from bot.domain.server import About, Health
    from bot.domain.values import SdkObject, Value
    from bot.domain.workflow import Workflow, WorkflowSummary
    from bot.orchestrator.connection import Connection
    from bot.orchestrator.forms.presented import Presented
    from bot.orchestrator.wire import WireLine

_log = logging.getLogger(__name__)
_NAMED = 20  # lines a warning names
_COOL = 8.0  # idle seconds after which the connection is used once, before either side closes it


class Orchestrator:
    """One server, over one HTTP client; a context manager for one event loop.

    Every method raises `OrchestratorError`: NothingSent when the request had no effect for sure, Declined
    when the server said no, AnswerLost when nobody knows. An id that is none raises InvalidRequest unsent.
    """

    def __init__(self, connection: Connection, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._transport = Transport(connection, clock=clock)
        self._folders = Folders(self._transport, clock=clock, seconds=connection.timeout.total_seconds())
        self._definitions = Definitions(self._transport, self._folders)
        self._open_runs = OpenRuns(self._transport, clock=clock)
        self._logs = Logs(self._transport)
        self._forms = DrawnForms(self._transport, clock=clock)
        self._evaluations = Evaluations(self._transport, clock=clock, key=connection.parameter_key)
        self._objects = Objects(self._transport)
        self._account: str | None = None
        self._unread: list[int] = []  # lines of the workflow list that could not be read the last time

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, exc, trace)

    async def about(self) -> About:
        """The server's version; asked without a login where the server allows it."""
        answer = await self._transport.send(ApiCall(path=("about",), public=True))
        return await read(answer, AboutAnswer, reading.about)

    async def health(self) -> Health:
        """The server's word on its health; asked without a login where the server allows it."""
        answer = await self._transport.send(ApiCall(path=("healthstatus",), public=True))
        return await read(answer, HealthAnswer, reading.health)

    async def keep_warm(self) -> None:
        """Renew a login that ends soon and keep a connection open, so that a click waits for neither.

        For idle moments, every few seconds; says nothing when the server is away.
        """
        with contextlib.suppress(OrchestratorError):
            await self._transport.refresh_login()
            if self._transport.idle > _COOL:
                await self.about()

    async def workflows(self) -> tuple[WorkflowSummary, ...]:
        """All workflows the bot's account may see, with their folders' paths.

        Asked for in one call, because servers ignore or refuse paging. A folder that does not tell its path
        is not known: by its bare name the policy could take it for another.
        """
        answer = await self._transport.send(ApiCall(path=("workflows",), large=True))
        links = await read(answer, LinksAnswer, reading.lines)
        folders = await asyncio.to_thread(lambda: dict.fromkeys(map(folder_id, links)))
        paths = await self._folders.paths(folders)
        # in a thread: thousands of lines take longer than a turn of the loop
        listed = await asyncio.to_thread(_listed, links, paths)
        self._tell_unread([number for number, each in enumerate(listed, start=1) if not each.id])
        return tuple(summary for summary in listed if summary.id)

    def _tell_unread(self, numbers: list[int]) -> None:
        """Name the lines that cannot be read, once for as long as they are the same."""
        if numbers and numbers != self._unread:
            named = ", ".join(map(str, numbers[:_NAMED]))
            _log.warning("%d workflows of the list cannot be read: number %s of it", len(numbers), named)
        self._unread = numbers

    async def workflow(self, workflow_id: str) -> Workflow:
        """What a workflow asks for and gives back."""
        return await self._definitions.workflow(workflow_id, now=False)

    async def definition(self, workflow_id: str) -> Definition:
        """The same as it is at this moment, its folder too, with the seal over its form and content."""
        return await self._definitions.now(workflow_id)

    async def tags(self, workflow_id: str) -> tuple[str, ...] | None:
        """A workflow's tags at this moment; None where only the list of all workflows tells them."""
        return await self._definitions.tags(workflow_id)

    async def form(self, workflow: Workflow) -> Form:
        """The form a workflow is filled in with, from whatever this server tells of it."""
        return await self._forms.read(workflow)

    async def run_action(self, workflow_id: str, action: str, inputs: Sequence[Argument]) -> Value:
        """What an action answers that the workflow's form names, by `module/name` or id."""
        return await self._evaluations.run(workflow_id, action, inputs)

    async def presented(self, workflow_id: str, arguments: Sequence[Argument]) -> tuple[Presented, ...]:
        """The fields of a workflow's legacy presentation with these values in it."""
        return await self._evaluations.presented(workflow_id, arguments)

    async def objects(self, kind: str, words: str, *, limit: int) -> tuple[SdkObject, ...]:
        """Objects of a type in the inventory; a plug-in may take no notice of the words."""
        return await self._objects.find(kind, words, limit=limit)

    async def object(self, kind: str, identity: str) -> SdkObject | None:
        """One object of the inventory; None when it is not there."""
        return await self._objects.one(kind, identity)

    async def start(
        self,
        workflow_id: str,
        arguments: Sequence[Argument],
        execution_id: str | None = None,
        profiler: ProfilerOptions | None = None,
    ) -> Started:
        """Start a run, once: nothing but a refused login makes the bot send it again.

        What `execution_id` does is documented nowhere; the id in the answer counts. AnswerLost means that the
        run may or may not exist.
        """
        key = self._connection.parameter_key
        body = start_body(arguments, key=key, execution_id=execution_id, profiler=profiler)
        call = ApiCall(method="POST", path=("workflows", workflow_id, "executions"), body=body)
        begun = await started(await self._transport.send(call), key=key, arguments=arguments)
        if begun.execution is not None and begun.execution.started_by:
            self._account = begun.execution.started_by
        return begun

    @property
    def behind(self) -> timedelta:
        """How far Orchestrator's clock is behind ours, as its latest answer has it."""
        return self._transport.behind

    @property
    def clock_gap(self) -> timedelta | None:
        """How far Orchestrator's clock is behind ours, negative if ahead; None where it does not tell."""
        return self._transport.clock_gap

    @property
    def is_login_refused(self) -> bool:
        """Whether the bot's login was refused and has not been taken since."""
        return self._transport.is_login_refused

    @property
    def account(self) -> str | None:
        """How Orchestrator names the bot's account, learnt from its latest answer to a start; None before."""
        return self._account

    async def execution(self, workflow_id: str, execution_id: str) -> Execution:
        """A run, whole; may be large, so read it at the end and `state` until then."""
        answer = await self._transport.send(ApiCall(path=_run(workflow_id, execution_id)))
        execution = partial(reading.execution, id_asked=execution_id)
        return await read(answer, ExecutionAnswer, execution)

    async def state(self, workflow_id: str, execution_id: str) -> ExecutionState:
        """A run's state, by the cheapest call there is."""
        answer = await self._transport.send(ApiCall(path=(*_run(workflow_id, execution_id), "state")))
        return await read(answer, StateAnswer, reading.state)

    async def executions_since(self, workflow_id: str, since: datetime) -> ExecutionList:
        """The workflow's runs since a moment of the server's clock, newest first, then those without a date.

        Asks for all runs and filters here: servers order and filter as they like, and a run missed here could
        be started a second time.
        """
        call = ApiCall(path=("workflows", workflow_id, "executions"), large=True)
        return await read(
            await self._transport.send(call), LinksAnswer, partial(reading.executions, since=since)
        )

    async def open_executions(self) -> Mapping[str, ExecutionState] | None:
        """The state of every open run of all workflows; None when this server does not say.

        Whoever is missing has ended, or changed its state meanwhile: ask for its `state`.
        """
        return await self._open_runs.read()

    async def cancel(self, workflow_id: str, execution_id: str) -> None:
        """Ask the server to cancel a run, which takes its time; a run that is over needs none."""
        call = ApiCall(method="DELETE", path=(*_run(workflow_id, execution_id), "state"))
        answer = await self._transport.send(call)
        try:
            check(answer)
        except (InvalidRequest, NotVisible, Conflict) as refusal:
            with contextlib.suppress(OrchestratorError):
                if (await self.state(workflow_id, execution_id)).is_end:
                    return
            raise refusal from None

    async def interaction(self, workflow_id: str, execution_id: str) -> Interaction | None:
        """The question a waiting run asks; None when it asks none."""
        answer = await self._transport.send(ApiCall(path=(*_run(workflow_id, execution_id), "interaction")))
        if answer.status in _NO_QUESTION:
            return None
        return await read(answer, InteractionAnswer, reading.interaction)

    async def answer(self, workflow_id: str, execution_id: str, arguments: Sequence[Argument]) -> None:
        """Answer the question a waiting run asks, once; Declined when somebody else was first."""
        key = self._connection.parameter_key
        body = start_body(arguments, key=key)
        path = (*_run(workflow_id, execution_id), "interaction")
        check(await self._transport.send(ApiCall(method="POST", path=path, body=body)))

    async def logs(self, workflow_id: str, execution_id: str) -> tuple[LogLine, ...]:
        """A run's log, oldest first; servers drop old lines, so none at all is a true answer."""
        return await self._logs.read(_run(workflow_id, execution_id))


_NO_QUESTION = frozenset({204, 404})


def _listed(links: Sequence[WireLine], paths: Mapping[str, str]) -> list[WorkflowSummary]:
    """Every line of the list; one that cannot be read has no id."""
    return [reading.workflow_summary(link, folder=folder_path(paths, folder_id(link))) for link in links]


def _run(workflow_id: str, execution_id: str) -> tuple[str, ...]:
    return ("workflows", workflow_id, "executions", execution_id)
