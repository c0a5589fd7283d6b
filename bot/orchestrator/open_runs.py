"""The state of every open run, of whichever workflow, in a handful of calls."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.domain.errors import AnswerLost, Declined
from bot.domain.execution import ExecutionState
from bot.orchestrator.reading import last_segment, lines, read
from bot.orchestrator.transport import ApiCall
from bot.orchestrator.wire import LinksAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.orchestrator.transport import Transport
    from bot.orchestrator.wire import WireLine

_log = logging.getLogger(__name__)
_ABSENT = 300.0  # seconds in which a server that could not do it is not asked again
_MOST = 2000  # runs of one state in a page
_PAGES = 25  # of one state; whoever is missing after them is asked for alone
_OPEN = (
    ExecutionState.RUNNING,
    ExecutionState.WAITING,
    ExecutionState.WAITING_SIGNAL,
    ExecutionState.SUSPENDED,
    ExecutionState.INITIALIZING,
)


class OpenRuns:
    """Asks the catalogue for the runs of each open state, as VMware's own Java client does."""

    def __init__(self, transport: Transport, *, clock: Callable[[], float]) -> None:
        self._transport = transport
        self._clock = clock
        self._absent_until = -float("inf")

    async def read(self) -> Mapping[str, ExecutionState] | None:
        """Each open run's state; None when this server does not say, which is remembered for some minutes.

        A run that changes its state between two of the calls may be missing. Raises NothingSent.
        """
        if self._clock() < self._absent_until:
            return None
        try:
            first, *others = _OPEN
            found = await self._in_state(first)
            asked = (self._in_state(state) for state in others)
            for more in await asyncio.gather(*asked, return_exceptions=True):
                if isinstance(more, BaseException):
                    raise more
                found |= more
        except (Declined, AnswerLost) as exc:
            _log.warning("no bulk query for open runs: %s", type(exc).__name__)
            self._absent_until = self._clock() + _ABSENT
            return None
        return {identity: state for identity, state in found.items() if not state.is_end}

    async def _in_state(self, state: ExecutionState) -> dict[str, ExecutionState]:
        found: dict[str, ExecutionState] = {}
        for page in range(_PAGES):
            rows = await self._page(state, start=page * _MOST)
            told = dict(pair for pair in (_run(link, asked=state) for link in rows) if pair[0])
            if told.keys() <= found.keys():  # the end, or a server that takes no notice of `startIndex`
                break
            found |= told
            if 2 * sum(each is state for each in found.values()) < len(found):
                raise Declined("The catalogue of runs does not filter by state.")
            if len(rows) < _MOST:
                break
        return found

    async def _page(self, state: ExecutionState, *, start: int) -> list[WireLine]:
        query = (("conditions", f"state={state.value}"), ("maxResult", str(_MOST)))
        further = (("startIndex", str(start)),) if start else ()
        path = ("catalog", "System", "WorkflowExecution")
        call = ApiCall(path=path, query=query + further, large=True)
        return await read(await self._transport.send(call), LinksAnswer, lines)


def _run(link: WireLine, *, asked: ExecutionState) -> tuple[str, ExecutionState]:
    """A run's id and state; a line without a state is in the state asked for."""
    told = link.attributes
    identity = told.get("id") or told.get("@id") or last_segment(link.href)
    return identity, ExecutionState.read(told["state"]) if "state" in told else asked
