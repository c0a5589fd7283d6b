"""Every demo workflow is filled in as a person does it, page by page, and runs to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.demo_forms import STORIES, arrived

if TYPE_CHECKING:
    from tests.world import World


pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.parametrize("name", STORIES)
async def test_a_demo_workflow_is_filled_in_and_runs_to_its_end(world: World, name: str) -> None:
    ada = world.person("ada")
    await world.fill(ada, name, {})
    for page in STORIES[name].pages:
        await world.enter(ada, page)
        turned = await world.turn(ada)
        assert turned.ok, turned.error_at
    assert "Start" in ada.reads()
    sent = await world.send(ada)
    assert sent.closed or "is recorded" in ada.reads()  # what a busy machine is shown instead
    await world.tick()
    await world.until_told("Succeeded")
    assert len(world.orchestrator.starts) == 1
    assert arrived(world.orchestrator) == STORIES[name].arrives
    assert world.orchestrator.invalid_starts == []
