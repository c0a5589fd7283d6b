"""A few kills in every run of the tests; `kill.py` does a hundred."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.killing import Run, run

if TYPE_CHECKING:
    from tests.chaos.arena import Kind
    from tests.chaos.killing import Result

pytestmark = pytest.mark.chaos


def went_well(result: Result) -> bool:
    tally = result.tally
    assert (tally.lost, tally.doubled, tally.untold, tally.told_twice) == ((), (), (), ())
    return result.came_to_rest and not result.failures and not result.violations and result.exit_code == 0


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_a_bot_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(database: Kind) -> None:
    result = await run(Run(database=database, kills=3, seed=5))
    assert result.tally.launches
    assert went_well(result)


async def test_a_database_that_is_cut_off_costs_no_launch_and_does_not_end_the_bot() -> None:
    result = await run(Run(database="postgresql", kills=2, seed=5, victim="database"))
    assert result.tally.launches
    assert went_well(result)
