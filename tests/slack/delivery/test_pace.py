"""Telling after an outage: at Slack's pace in each channel, which holds up no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bench.outage_pace import EACH, measure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(240)
async def test_what_an_outage_held_up_is_told_at_slacks_pace_and_other_channels_do_not_wait(
    tmp_path: Path,
) -> None:
    found = await measure(tmp_path, count=30)
    assert found.told <= 1.5 * EACH * 30
    assert found.other_told <= 2 * EACH * 5
    assert found.limited == 0
    assert found.reads <= 12
