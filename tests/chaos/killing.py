"""The kill run: the bot, or its database, dies again and again while people launch and approve."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.chaos.arena import OPERATORS, QUICK, REVIEWED, SLOW, a_rough_day, an_arena
from tests.chaos.counting import Tally, are_at_rest, count, started_targets
from tests.chaos.crowd import Crowd

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.chaos.arena import Arena, Kind
    from tests.chaos.bot_process import BotProcess

REST = 300.0  # seconds the last bot gets to bring everything to its end
_EARLY = 0.1  # the share of kills that hit a bot which is still starting
_LONGEST_LIFE = 2.0  # seconds after it was ready


@dataclass(frozen=True, kw_only=True)
class Run:
    """What to do."""

    database: Kind
    kills: int
    seed: int
    victim: Literal["bot", "database"] = "bot"
    operators: int = len(OPERATORS)  # people who launch
    is_blind: bool = False  # hide from the bot what it did before: it must then do things twice
    until_doubled: bool = False  # stop killing once something was started twice
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of it."""

    kills: int
    tally: Tally
    seconds: float
    failures: int  # tracebacks in the logs
    violations: int  # of what Slack takes
    came_to_rest: bool
    exit_code: int  # of the last bot, which was asked to stop


async def run(wanted: Run) -> Result:
    """Kill, then let one bot finish the work, then count."""
    began = time.monotonic()
    chance = random.Random(wanted.seed)
    async with an_arena(wanted.database, chance=chance, is_blind=wanted.is_blind) as arena:
        crowd = Crowd(
            arena=arena,
            chance=chance,
            workflows=(QUICK, QUICK, REVIEWED, REVIEWED, SLOW),
            operators=OPERATORS[: wanted.operators],
        )
        bot = arena.bot(SLACK_TRANSPORT="socket")
        async with background(crowd.live()):
            async with background(_rough_slack(arena)):
                a_rough_day(arena.orchestrator)
                kill = _kill if wanted.victim == "bot" else _cut_off
                kills = await kill(bot, wanted, arena)
            exit_code, came_to_rest = await _finish(bot, arena, crowd)
        return Result(
            kills=kills,
            tally=await count(arena, acked=crowd.acked),
            seconds=time.monotonic() - began,
            failures=arena.logs().count("Traceback (most recent call last)"),
            violations=len(arena.slack.violations),
            came_to_rest=came_to_rest,
            exit_code=exit_code,
        )


async def _kill(bot: BotProcess, wanted: Run, arena: Arena) -> int:
    chance = arena.chance
    await bot.start()
    try:
        await bot.until_ready()  # the first start compiles everything
        for number in range(1, wanted.kills + 1):
            if chance.random() < _EARLY:
                await asyncio.sleep(chance.uniform(0.1, 1))
            else:
                await bot.until_ready()
                await asyncio.sleep(chance.uniform(0.02, _LONGEST_LIFE))
            await bot.kill()
            await bot.start()
            if number % 10 == 0:
                wanted.say(f"{number} kills, {len(arena.orchestrator.starts)} starts")
            if wanted.until_doubled and _is_doubled(arena):
                return number
    except BaseException:
        await bot.kill()
        raise
    return wanted.kills


async def _cut_off(bot: BotProcess, wanted: Run, arena: Arena) -> int:
    """The bot lives on; PostgreSQL loses its power, and comes back after a while."""
    if arena.postgres is None:
        raise ValueError("only PostgreSQL can be cut off")
    await bot.start()
    try:
        await bot.until_ready()
        for number in range(1, wanted.kills + 1):
            await asyncio.sleep(arena.chance.uniform(0.5, 4))
            await asyncio.to_thread(arena.postgres.cut_off)
            await asyncio.sleep(arena.chance.uniform(0, 2))
            await asyncio.to_thread(arena.postgres.start)
            await bot.until_ready()  # RuntimeError if it did not live on
            if number % 10 == 0:
                wanted.say(f"cut off {number} times, {len(arena.orchestrator.starts)} starts")
    except BaseException:
        await bot.kill()
        raise
    return wanted.kills


def _is_doubled(arena: Arena) -> bool:
    targets = started_targets(arena)
    return len(targets) > len(set(targets))


async def _finish(bot: BotProcess, arena: Arena, crowd: Crowd) -> tuple[int, bool]:
    """No more launches and no more faults; the exit code of the bot and whether all came to rest."""
    try:
        await bot.until_ready()
        crowd.close()
        arena.orchestrator.clear_faults()
        arena.slack.faults.clear()
        came_to_rest = False
        with suppress(TimeoutError):
            async with asyncio.timeout(REST):
                while not await are_at_rest(arena):
                    await asyncio.sleep(0.5)
                came_to_rest = True
        return await bot.stop(), came_to_rest
    finally:
        await bot.kill()


async def _rough_slack(arena: Arena) -> None:
    """Every second or so Slack loses an answer, a call or its temper."""
    faults = arena.slack.faults
    troubles = (
        lambda: faults.lose_answer("chat.postMessage"),
        lambda: faults.lose_answer("chat.postMessage"),
        lambda: faults.lose_answer("chat.update"),
        lambda: faults.drop("chat.postMessage"),
        lambda: faults.status("chat.postMessage", 503),
        lambda: faults.limit("chat.update"),
    )
    while True:
        arena.chance.choice(troubles)()
        await asyncio.sleep(arena.chance.uniform(0.5, 1.5))


@asynccontextmanager
async def background(work: object) -> AsyncIterator[None]:
    """Let it run while the block lasts; its failure is raised when the block is left."""
    task = asyncio.ensure_future(work)  # type: ignore[call-overload] # a coroutine
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
