"""The failover run: two replicas at work on one PostgreSQL, one of them killed in the middle of it."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.chaos.arena import OPERATORS, QUICK, SLOW, an_arena
from tests.chaos.bot_process import started
from tests.chaos.counting import Tally, are_at_rest, count, select
from tests.chaos.crowd import Crowd
from tests.chaos.go_between import go_between

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.chaos.arena import Arena
    from tests.chaos.bot_process import BotProcess

_REST = 90.0  # seconds the second replica gets to bring everything to its end
_WHILE = 0.9  # seconds a start takes to reach Orchestrator, so that some are under way at the kill
_STARTS = "SELECT id, 'start', version, fence FROM launches"
_TELLINGS = "SELECT id, 'telling', told_seq, tell_fence FROM launches"
_NOW = f"{_STARTS} UNION ALL {_TELLINGS}"
_CLAIMED = (
    f"{_STARTS} WHERE state = 'starting'"
    f" UNION ALL {_TELLINGS} WHERE tell_tries > 0 AND tell_at > clock_timestamp()"
)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was measured."""

    launches: int
    shares: tuple[int, int]  # calls by which each replica told of launches
    held: int  # starts and tellings that were claimed, by either, at that moment
    seconds: float  # from the kill until somebody had moved on or claimed the last of them
    tally: Tally


@dataclass(kw_only=True)
class _Counter:
    """How many requests of a kind went this way."""

    path: str  # how theirs ends
    takes: float  # seconds each of them is on the way
    count: int = 0

    def delay(self, method: str, path: str) -> float:
        """How long a request is on the way."""
        if method == "POST" and path.rstrip("/").endswith(self.path):
            self.count += 1
            return self.takes
        return 0.0


async def measure(*, launches: int, seed: int) -> Seen:
    """Let both work, kill the first in the middle, and wait until the second has done the rest."""
    chance = random.Random(seed)
    async with an_arena("postgresql", chance=chance) as arena, AsyncExitStack() as stack:
        starts = _Counter(path="/executions", takes=_WHILE)
        url = await stack.enter_async_context(go_between(arena.orchestrator.url, delay=starts.delay))
        told = [_Counter(path="/chat.postMessage", takes=0) for _ in range(2)]
        first, second = [await stack.enter_async_context(_replica(arena, url, told=each)) for each in told]
        crowd = Crowd(arena=arena, chance=chance, workflows=(QUICK, SLOW))
        people = [arena.slack.person(operator) for operator in OPERATORS]
        asking = asyncio.gather(*(crowd.launch_so_many(each, launches // len(people)) for each in people))
        while starts.count < launches // 2:
            await asyncio.sleep(0.01)
        await first.kill()
        held = {tuple(row) for row in await select(arena, _CLAIMED)}
        seconds = await _until_taken_up(arena, held)
        await asking
        await _until_at_rest(arena)
        await second.stop()
        return Seen(
            launches=launches,
            shares=(told[0].count, told[1].count),
            held=len(held),
            seconds=seconds,
            tally=await count(arena, acked=crowd.acked),
        )


@asynccontextmanager
async def _replica(arena: Arena, url: str, *, told: _Counter) -> AsyncIterator[BotProcess]:
    """One of both. They know Orchestrator by one address: what was asked for at another is not run there."""
    async with go_between(arena.slack.api_url.removesuffix("/api/"), delay=told.delay) as slack:
        bot = arena.bot(SLACK_TRANSPORT="socket", ORCHESTRATOR_URL=url, SLACK_API_URL=f"{slack}/api/")
        async with started(bot):
            yield bot


async def _until_taken_up(arena: Arena, held: set[tuple[Any, ...]]) -> float:
    """Seconds from now until none of them is as it was."""
    began = time.monotonic()
    async with asyncio.timeout(_REST):
        while held & {tuple(row) for row in await select(arena, _NOW)}:
            await asyncio.sleep(0.1)
    return time.monotonic() - began


async def _until_at_rest(arena: Arena) -> None:
    async with asyncio.timeout(_REST):
        while not await are_at_rest(arena):
            await asyncio.sleep(0.5)
