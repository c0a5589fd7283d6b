"""What is not at rest is told apart from what is lost."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.chaos.arena import OPERATORS, SLOW, an_arena
from tests.chaos.bot_process import started
from tests.chaos.counting import count
from tests.chaos.crowd import Crowd


@pytest.mark.chaos
@pytest.mark.timeout(300)
async def test_a_launch_whose_bot_died_is_not_at_rest_and_one_that_nobody_knows_is_lost() -> None:
    chance = random.Random(1)
    async with an_arena("sqlite", chance=chance) as arena:
        crowd = Crowd(arena=arena, chance=chance, workflows=(SLOW,))
        async with started(arena.bot(SLACK_TRANSPORT="socket")) as bot:
            await crowd.launch_so_many(arena.slack.person(OPERATORS[0]), 1)
            async with asyncio.timeout(60):
                while not arena.orchestrator.starts:
                    await asyncio.sleep(0.01)
            await bot.kill()
        tally = await count(arena, acked={*crowd.acked, "never written"})
    (target,) = crowd.acked
    assert [each.partition(" ")[0] for each in tally.unfinished] == [target]
    assert tally.lost == ("never written (no row)",)
    assert (tally.doubled, tally.undelivered) == ((), ())
    assert not tally.is_clean
