"""A restart: Slack is asked nothing for what only waits, and what ended meanwhile is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bench.restart import measure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(240)
async def test_after_a_restart_launches_that_only_wait_cost_no_call_and_ended_runs_are_told_within_5_s(
    tmp_path: Path,
) -> None:
    found = await measure(tmp_path, waiting=50)
    assert found.looked_at == 50
    assert found.needless == 0
    assert found.told <= 5
