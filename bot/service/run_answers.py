"""What Orchestrator says of a run, without its launch's secrets."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.domain.errors import OrchestratorError
from bot.domain.questions import RunQuestion, can_resume, kept_of, key_of

if TYPE_CHECKING:
    from bot.domain.execution import Execution, LogLine
    from bot.domain.masking import Masker
    from bot.orchestrator.client import Orchestrator
    from bot.store.runs import RunClaim
    from bot.store.store import Store

log = logging.getLogger(__name__)


class RunAnswers:
    """Reads runs and their logs, and masks them before anything is cut: a cut could leave a part of a secret.

    In a thread: a run may give back megabytes.
    """

    def __init__(self, *, store: Store, orchestrator: Orchestrator) -> None:
        self._store = store
        self._orchestrator = orchestrator

    async def run(self, claimed: RunClaim) -> Execution:
        """The whole run; OrchestratorError."""
        run = await self._orchestrator.execution(claimed.workflow_id, claimed.execution_id)
        masker = await self._masker(claimed)
        return run if masker is None else await asyncio.to_thread(masker.run, run)

    async def log(self, claimed: RunClaim) -> tuple[LogLine, ...]:
        """Its log; none where it cannot be read, for the end itself is known."""
        try:
            lines = await self._orchestrator.logs(claimed.workflow_id, claimed.execution_id)
        except OrchestratorError as problem:
            log.info("the log of run %s cannot be read: %s", claimed.execution_id, type(problem).__name__)
            return ()
        masker = await self._masker(claimed)
        return lines if masker is None else await asyncio.to_thread(masker.lines, lines)

    async def question(self, claimed: RunClaim) -> tuple[RunQuestion, str]:
        """What a run that waits asks, and its key; nothing of either where Orchestrator does not say.

        Of a run in the error handler the whole run is read: only there is why it failed.
        """
        try:
            asked = await self._orchestrator.interaction(claimed.workflow_id, claimed.execution_id)
            if asked is None:
                return RunQuestion(), ""
            whole = await self.run(claimed) if can_resume(asked) else None
        except OrchestratorError as problem:
            log.info("what run %s asks cannot be read: %s", claimed.execution_id, type(problem).__name__)
            return RunQuestion(), ""
        return kept_of(asked, run=whole), key_of(asked)

    async def _masker(self, claimed: RunClaim) -> Masker | None:
        return await self._store.transact(lambda tx: tx.masking.of(tx.claimed(claimed)), background=True)
