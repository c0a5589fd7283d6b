"""The review says how long the workflow usually takes, and how often it failed lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.run_history import RunHistory
from bot.slack.forms.outlook import past

if TYPE_CHECKING:
    from tests.world import World

BACKUP = {"database": "crm"}


@pytest.mark.parametrize(
    ("ended", "failed", "usual", "said"),
    [
        (0, 0, None, ""),
        (1, 1, None, "The last run failed."),
        (1, 0, None, "The last run went well."),
        (2, 0, None, "None of the last 2 runs failed."),
        (40, 3, 240.0, "Usually 4 min; 3 of the last 40 runs failed."),
        (4, 0, 0.5, "Usually 0.5 s; none of the last 4 runs failed."),
    ],
)
def test_what_is_known_is_said_in_a_line(ended: int, failed: int, usual: float | None, said: str) -> None:
    assert past(RunHistory(ended=ended, failed=failed, usual=usual)) == said


def test_without_a_history_nothing_is_said() -> None:
    assert past(None) == ""


async def ran(world: World, who: str, *, minutes: int, state: str) -> None:
    """A run of that length, asked for by that person."""
    await world.launch(world.person(who), "back up database", BACKUP)
    await world.pass_time(minutes=minutes)
    world.orchestrator.finish(world.orchestrator.starts[-1].execution_id, state=state, error="no room")
    await world.pass_time(seconds=30)


async def test_the_review_tells_of_the_latest_runs_whoever_asked_for_them(world: World) -> None:
    for who, minutes, state in (
        ("ada", 4, "completed"), ("ben", 4, "completed"), ("ada", 1, "failed"), ("ben", 9, "completed"),
    ):  # fmt: skip
        await ran(world, who, minutes=minutes, state=state)
    ada = world.person("ada")
    await world.fill(ada, "back up database", BACKUP)
    await world.turn(ada)
    assert "Usually 4 min" in ada.reads()
    assert "; 1 of the last 4 runs failed." in ada.reads()
