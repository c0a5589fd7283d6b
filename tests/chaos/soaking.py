"""The soak: many launches on one process; its memory, its open files and its database as they go."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos.arena import OPERATORS, QUICK, an_arena
from tests.chaos.bot_process import started
from tests.chaos.counting import Tally, are_at_rest, count, select
from tests.chaos.crowd import Crowd

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.chaos.arena import Arena, Kind
    from tests.chaos.bot_process import BotProcess

_KIB = 1024
_REST = 300.0  # seconds
_LOOK = 0.25
_SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@dataclass(frozen=True, kw_only=True)
class Soak:
    """What to do."""

    database: Kind
    launches: int = 5000
    samples: int = 10
    seed: int = 1
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, kw_only=True)
class Sample:
    """How things stood after so many launches."""

    launches: int
    memory: int  # bytes that are resident
    files: int  # open, sockets among them
    database: int  # bytes


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of it."""

    samples: tuple[Sample, ...]
    tally: Tally
    failures: int  # tracebacks in the log

    @property
    def memory_growth(self) -> float:
        """By which share the second half of the run left more memory in use than the first."""
        return self.samples[-1].memory / self._middle.memory - 1

    @property
    def file_growth(self) -> int:
        """How many more files were open at the end than half-way."""
        return self.samples[-1].files - self._middle.files

    @property
    def bytes_a_launch(self) -> float:
        """What a launch adds to the database, from half-way on."""
        last, middle = self.samples[-1], self._middle
        return (last.database - middle.database) / (last.launches - middle.launches)

    @property
    def _middle(self) -> Sample:
        return self.samples[len(self.samples) // 2 - 1]


async def soak(wanted: Soak) -> Result:
    """Launch until there were so many, looking at the process after each share of them, at rest."""
    chance = random.Random(wanted.seed)
    async with an_arena(wanted.database, chance=chance) as arena:
        crowd = Crowd(arena=arena, chance=chance, workflows=(QUICK,))
        async with started(arena.bot(SLACK_TRANSPORT="socket")) as bot:
            samples = []
            share = wanted.launches // wanted.samples // len(OPERATORS)
            people = [arena.slack.person(each) for each in OPERATORS]
            for _ in range(wanted.samples):
                await asyncio.gather(*(crowd.launch_so_many(each, share) for each in people))
                await _until_at_rest(arena)
                samples.append(await _sample(bot, arena, crowd, wanted.database))
                wanted.say(str(samples[-1]))
            await bot.stop()
        return Result(
            samples=tuple(samples),
            tally=await count(arena, acked=crowd.acked),
            failures=arena.logs().count("Traceback (most recent call last)"),
        )


async def _sample(bot: BotProcess, arena: Arena, crowd: Crowd, kind: Kind) -> Sample:
    process = Path("/proc") / str(bot.pid)
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    return Sample(
        launches=len(crowd.acked),
        memory=int(status["VmRSS"].split()[0]) * _KIB,
        files=sum(1 for _ in (process / "fd").iterdir()),
        database=(await select(arena, _SIZES[kind]))[0][0],
    )


async def _until_at_rest(arena: Arena) -> None:
    async with asyncio.timeout(_REST):
        while True:
            with suppress(OSError):
                if await are_at_rest(arena):
                    return
            await asyncio.sleep(_LOOK)
