"""The pretend Orchestrator: started on a loopback port, filled and troubled by whoever holds it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from aiohttp import web

from bot.demo.orchestrator.actions import ActionFault, ActionRun, PretendAction
from bot.demo.orchestrator.dialects import Dialect, Habits, habits_of
from bot.demo.orchestrator.endpoints import all_routes
from bot.demo.orchestrator.faults import Armed, ArmedFault
from bot.demo.orchestrator.gateway import door
from bot.demo.orchestrator.login import Account, Logins
from bot.demo.orchestrator.scripts import TERMINAL, End
from bot.demo.orchestrator.state import SERVER_STATE, InvalidStart, ServerState, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import timedelta
    from types import TracebackType

    from bot.demo.orchestrator.actions import ActionScript
    from bot.demo.orchestrator.executions import PretendRun
    from bot.demo.orchestrator.inventory import InventoryObject
    from bot.demo.orchestrator.journal import Journal
    from bot.demo.orchestrator.values import Obj
    from bot.demo.orchestrator.workflows import PretendWorkflow

_LOOPBACK = "127.0.0.1"
_BODY_LIMIT = 16 * 1024 * 1024  # bytes


def _system_clock() -> datetime:
    return datetime.now(UTC)


class PretendOrchestrator:
    """A server that behaves like Orchestrator as far as it is known; runs move with `now` alone."""

    def __init__(
        self,
        *,
        dialect: Dialect = Dialect.V8,
        now: Callable[[], datetime] = _system_clock,
        accounts: tuple[Account, ...] = (Account(),),
        journal: Journal | None = None,
        internal_host: str = "orchestrator-01.internal.example:443",
    ) -> None:
        """`internal_host` is what links and Location name, which is not where the server can be reached."""
        self._logins = Logins(now=now, accounts=accounts)
        self._server = ServerState(
            habits=habits_of(dialect), now=now, logins=self._logins, journal=journal, host=internal_host
        )
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # its address and its life

    @property
    def url(self) -> str:
        """Where it listens; the API is below `/vco/api/`."""
        return f"http://{_LOOPBACK}:{self._port}"

    async def start(self, *, port: int = 0) -> None:
        """Listen; port 0 takes any that is free."""
        app = web.Application(middlewares=[door], client_max_size=_BODY_LIMIT)
        app[SERVER_STATE] = self._server
        app.add_routes(all_routes())
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        self._port = port
        await self.listen()

    async def stop(self) -> None:
        """Let everything held go, and listen no more."""
        self.clear_faults()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = self._site = None

    async def listen(self) -> None:
        """Accept connections, after `refuse_connections` on the same port as before."""
        if self._runner is None or self._site is not None:
            return
        self._site = web.TCPSite(self._runner, _LOOPBACK, self._port, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def refuse_connections(self) -> None:
        """Close the listener and every open connection, until `listen`."""
        if self._runner is None or self._site is None:
            return
        await self._site.stop()
        self._site = None
        server = self._runner.server
        while server is not None and server.connections:
            for connection in server.connections:
                if connection.transport is not None:
                    connection.transport.abort()
            await asyncio.sleep(0)  # the loop closes them

    # what it knows

    @property
    def habits(self) -> Habits:
        """How it behaves; set another to mix manners."""
        return self._server.habits

    @habits.setter
    def habits(self, habits: Habits) -> None:
        self._server.habits = habits

    @property
    def logins(self) -> Logins:
        """Accounts, tokens and their count."""
        return self._logins

    @property
    def keep_finished(self) -> int:
        """How many finished runs of a workflow survive the purge."""
        return self._server.runs.keep

    @keep_finished.setter
    def keep_finished(self, count: int) -> None:
        self._server.runs.keep = count

    @property
    def cancel_takes(self) -> timedelta:
        """How long a run goes on after it was cancelled."""
        return self._server.cancel_takes

    @cancel_takes.setter
    def cancel_takes(self, length: timedelta) -> None:
        self._server.cancel_takes = length

    def add_workflow(self, workflow: PretendWorkflow) -> PretendWorkflow:
        """Add a workflow, or replace the one with its id."""
        self._server.library.add(workflow)
        return workflow

    def add_workflows(self, workflows: Iterable[PretendWorkflow]) -> None:
        """Add many."""
        for workflow in workflows:
            self.add_workflow(workflow)

    def remove_workflow(self, workflow_id: str) -> None:
        """Delete a workflow; its runs stay but cannot be listed."""
        self._server.library.remove(workflow_id)

    @property
    def workflows(self) -> list[PretendWorkflow]:
        """All that is in the library now."""
        return list(self._server.library)

    def replace_code(self, workflow_id: str, code: str) -> None:
        """Replace a workflow's script under the same version, as an author can."""
        self.add_workflow(replace(self._server.workflow(workflow_id), code=code))

    def rename_folder(self, path: str, *, to: str) -> None:
        """Rename or move a folder with all that is in it; ids stay."""
        self._server.library.rename_folder(path, to=to)

    def hide_content(self, workflow_id: str) -> None:
        """Take the right to read a workflow's content from every account."""
        self.add_workflow(replace(self._server.workflow(workflow_id), shows_content=False))

    def add_items(self, items: Iterable[InventoryObject]) -> None:
        """Put objects into the inventory."""
        for item in items:
            self._server.inventory.add(item)

    def remove_item(self, kind: str, identity: str) -> None:
        """Let an object vanish from the inventory."""
        self._server.inventory.remove(kind, identity)

    def add_action(self, module: str, name: str, script: ActionScript) -> PretendAction:
        """Let an action be run; its script gets the inputs by name and returns a type and a value."""
        return self.add_actions([PretendAction(module=module, name=name, script=script)])[0]

    def add_actions(self, actions: Iterable[PretendAction]) -> list[PretendAction]:
        """Let actions be run."""
        added = list(actions)
        for action in added:
            self._server.actions.add(action)
        return added

    def ignore_conditions(self, kind: str) -> None:
        """Have the finder of a type, such as `VC:VirtualMachine`, take no notice of conditions."""
        self._server.inventory.ignore_conditions(kind)

    @property
    def drift(self) -> timedelta:
        """How far its clock is ahead of everybody's; negative where it is behind."""
        return self._server.drift

    @drift.setter
    def drift(self, drift: timedelta) -> None:
        self._server.drift = drift

    # what happened, and what shall

    @property
    def starts(self) -> list[Start]:
        """Every start executed, in order."""
        return self._server.starts

    @property
    def invalid_starts(self) -> list[InvalidStart]:
        """The starts whose values their own form would not have let pass."""
        return self._server.invalid_starts

    @property
    def action_calls(self) -> list[ActionRun]:
        """Every action run for somebody outside, in order."""
        return self._server.actions.calls

    @property
    def requests(self) -> Sequence[str]:
        """The latest requests, oldest first, such as `GET /vco/api/workflows?maxResult=1`."""
        return self._server.requests

    def execution(self, execution_id: str) -> PretendRun:
        """The run; KeyError when it is gone."""
        found = self._server.runs.find(execution_id)
        if found is None:
            raise KeyError(execution_id)
        return found

    def state(self, execution_id: str) -> str:
        """A run's state, in lower case."""
        return self.execution(execution_id).current(self._server.now()).state

    def finish(
        self,
        execution_id: str,
        *,
        state: str = "completed",
        outputs: Iterable[Obj] = (),
        error: str = "",
        business_state: str = "",
    ) -> None:
        """End a run now; outputs are made with `values.parameter`."""
        end = End(state=state, outputs=tuple(outputs), error=error, business_state=business_state)
        execution = self.execution(execution_id)
        execution.finish(end, now=self._server.now())
        self._server.runs.moved(execution)

    def set_state(self, execution_id: str, state: str, *, item: str = "") -> None:
        """Put a run into a state, where it stays until told otherwise."""
        if state in TERMINAL:
            self.finish(execution_id, state=state)
        else:
            self.execution(execution_id).set_state(state, now=self._server.now(), item=item)

    def delete_execution(self, execution_id: str) -> None:
        """Forget a run, as a purge would."""
        self._server.runs.delete(self.execution(execution_id))

    def fault(
        self,
        match: str,
        kind: ArmedFault,
        *,
        times: int | None = 1,
        rate: float = 1.0,
        delay: float | None = None,
        status: int = 500,
        retry_after: str = "1",
    ) -> Armed:
        """Arm a fault for requests such as `POST */executions`; `Armed` has the meaning of the rest."""
        armed = Armed(
            match=match, kind=kind, left=times, rate=rate, delay=delay, status=status, retry_after=retry_after
        )
        return self._server.faults.arm(armed)

    def trouble(self, action: str, trouble: ActionFault) -> None:
        """Let an action, `module/name`, misbehave however it is asked for, until `clear_faults`."""
        self._server.actions.trouble(action, trouble)

    async def action_hangs(self) -> None:
        """Wait until somebody waits for an action that hangs."""
        await self._server.actions.holding()

    def clear_faults(self) -> None:
        """Disarm every fault, mend every action and release what is held."""
        self._server.faults.clear()
        self._server.actions.mend()
