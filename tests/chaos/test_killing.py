"""A few kills in every run of the tests, all runs at once; `kill.py` does a hundred, one run after the other."""

from __future__ import annotations

import asyncio

import pytest

from tests.chaos.killing import Run, run

RUNS = (
    Run(database="sqlite", kills=4, seed=5, operators=3),
    Run(database="postgresql", kills=4, seed=5, operators=3),
    Run(database="postgresql", kills=2, seed=5, operators=3, victim="database"),
)


@pytest.mark.chaos
@pytest.mark.timeout(900)
async def test_whoever_is_killed_no_launch_is_lost_none_is_doubled_and_all_is_told_once() -> None:
    for result in await asyncio.gather(*map(run, RUNS)):
        tally = result.tally
        assert tally.launches
        assert tally.unfinished == ()
        assert (tally.lost, tally.doubled, tally.undelivered, tally.told_twice) == ((), (), (), ())
        assert result.came_to_rest
        assert (result.failures, result.violations, result.exit_code) == (0, 0, 0)
