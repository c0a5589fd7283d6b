"""The log of a launch's run, as the policy lets people see it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.errors import NotAllowed, TooLate
from bot.domain.outputs import told_text
from bot.service.denials import denials_audited, shared

if TYPE_CHECKING:
    from bot.domain.execution import LogLine
    from bot.domain.launch import Launch
    from bot.domain.people import Membership
    from bot.orchestrator.client import Orchestrator
    from bot.service.launches import Launches
    from bot.store.store import Store

_GRAVITY = {"debug": 0, "trace": 0, "info": 1, "warning": 2, "warn": 2, "error": 3, "fatal": 3, "severe": 3}
MOST = 5_000  # lines that are kept of one answer


class RunLogs:
    """Reads logs for people; who may see a launch may see its log, unless its rule says `log: off`."""

    def __init__(self, *, store: Store, launches: Launches, orchestrator: Orchestrator) -> None:
        self._store = store
        self._launches = launches
        self._orchestrator = orchestrator

    async def may_read(self, launch_id: str, *, who: Membership) -> Launch:
        """The launch whose log this person may see; NotAllowed, or TooLate if nothing of it ran."""
        launch = await self._launches.read(launch_id, who=who)
        if launch.log == "off":
            async with denials_audited(self._store, who, "read the log", launch_id=launch_id):
                raise NotAllowed(f"The rule “{launch.rule}” shows nobody the log of this workflow.")
        if launch.execution_id is None:
            raise TooLate("Nothing of this launch has run, so there is no log.")
        return launch

    async def may_share(self, launch_id: str, *, who: Membership) -> Launch:
        """The same, for all who read its thread; the audit keeps who had it shared."""
        launch = await self.may_read(launch_id, who=who)
        if launch.log != "thread":
            async with denials_audited(self._store, who, "share the log", launch_id=launch_id):
                raise NotAllowed(f"The rule “{launch.rule}” keeps the log of this workflow out of threads.")
        await self._store.transact(lambda tx: tx.audit.record(shared("log shared", launch, who)))
        return launch

    async def lines(self, launch: Launch, *, level: str) -> tuple[LogLine, ...]:
        """The lines from a level up, oldest first, as they may be told; OrchestratorError."""
        if launch.execution_id is None:
            return ()
        found = (await self._orchestrator.logs(launch.workflow.id, launch.execution_id))[-MOST:]
        masker = await self._store.transact(lambda tx: tx.masking.of(launch))
        masked = found if masker is None else await asyncio.to_thread(masker.lines, found)
        return tuple(
            replace(each, text=told_text(each.text)) for each in masked if is_from(each, level=level)
        )


def is_from(line: LogLine, *, level: str) -> bool:
    """Whether a line is as grave; one whose gravity is not known always is, so that none is lost."""
    return _GRAVITY.get(line.severity, 3) >= _GRAVITY[level]
