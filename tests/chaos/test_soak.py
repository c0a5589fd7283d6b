"""Some launches on one process in every run of the tests; `soak.py` does thousands."""

from __future__ import annotations

import pytest

from tests.chaos.soak import FILES
from tests.chaos.soaking import Soak, soak


@pytest.mark.chaos
@pytest.mark.timeout(600)
async def test_launch_after_launch_takes_no_more_memory_or_files_and_a_few_kilobytes_of_database() -> None:
    result = await soak(Soak(database="sqlite", launches=40, samples=4))
    tally = result.tally
    assert tally.launches >= 40
    assert (tally.unfinished, tally.lost, tally.doubled, tally.undelivered) == ((), (), (), ())
    assert result.memory_growth < 0.25, result.samples  # caches still fill in so short a run
    assert result.file_growth <= FILES, result.samples
    assert 0 < result.bytes_a_launch < 60_000, result.samples
    assert result.failures == 0
