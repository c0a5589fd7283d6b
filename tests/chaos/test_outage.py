"""Short outages in every run of the tests, by Socket Mode and by HTTP at once; `outage.py` does long ones."""

from __future__ import annotations

import asyncio
from typing import get_args

import pytest

from tests.chaos.outages import Outages, Transport, outlive

RUNS = tuple(
    Outages(transport=transport, slack=8, orchestrator=8, postgres=5, launches=6, approved=6)
    for transport in get_args(Transport)
)


@pytest.mark.chaos
@pytest.mark.timeout(1200)
async def test_one_process_outlives_each_outage_and_nothing_is_lost_or_doubled() -> None:
    for result in await asyncio.gather(*map(outlive, RUNS)):
        # how soon is for `outage.py` to say, which has the machine for itself
        assert all(each.at_rest_after and each.others_told_after for each in result.stood), result.stood
        tally = result.tally
        assert tally.launches >= 3 * 6
        assert (tally.unfinished, tally.lost, tally.doubled, tally.undelivered) == ((), (), (), ())
        assert tally.told_twice == ()
        assert (result.tracebacks, result.exit_code) == ((), 0)
