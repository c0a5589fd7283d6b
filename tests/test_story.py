"""Whole launches as people live them, from the slash command to the last line of the thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.world import World


async def test_an_approved_launch_runs_and_its_thread_tells_the_result(world: World) -> None:
    ada, grace = world.person("ada"), world.person("grace")
    card = await world.launch(
        ada, "delete virtual", {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
    )
    assert "Waiting for approval" in ada.reads(card)
    assert not world.orchestrator.starts

    await grace.press("Approve", in_=card)
    told = await world.until_told("Succeeded")

    assert len(world.orchestrator.starts) == 1
    assert told.index("asked for this launch") < told.index("approved it") < told.index("Started as run")
    assert "web-01 is gone." in told
    assert "Withdraw" not in ada.reads(world.card())
    assert "*Approved* by <@U0GRACE>" in ada.reads(world.card())
