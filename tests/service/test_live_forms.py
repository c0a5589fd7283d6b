"""Forms that ask Orchestrator, as people meet them: what fails is said, and what vanished is not started."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator import ArmedFault
from bot.demo.orchestrator.actions import ActionFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.demo.slack.driver.person import PretendPerson
    from tests.world import World

REGIONS = "com.example.places/regions"
MACHINE = "VC:VirtualMachine"
WINDOW = datetime(2031, 5, 6, 7, tzinfo=UTC)
SLACK_WAITS = 3.0  # seconds
POLICY = """
rules:
  - name: maintenance
    workflows: {names: ["Schedule maintenance"]}
    run: {users: [U0ADA]}
    approve: {groups: [S0APPROVERS], within: 30m}
  - name: the rest
    workflows: {folders: ["**"]}
    run: {users: [U0ADA]}
"""


pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.policy(POLICY)]


@pytest.fixture
def ada(world: World) -> PretendPerson:
    return world.person("ada")


async def opened(world: World, who: PretendPerson, words: str) -> str:
    """Open a form and wait until nothing more comes; what stands in it."""
    await world.fill(who, words, {})
    await world.bot.dispatcher.drain(seconds=5)
    return who.reads()


@contextmanager
def in_time() -> Iterator[None]:
    """What is done in here has to be there before Slack would give up."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SLACK_WAITS


@pytest.mark.parametrize("trouble", list(ActionFault), ids=lambda trouble: trouble.value)
async def test_a_form_with_a_broken_source_opens_in_time_and_says_what_is_missing(
    world: World, ada: PretendPerson, trouble: ActionFault
) -> None:
    world.orchestrator.trouble(REGIONS, trouble)
    await opened(world, ada, "Provision virtual machine")
    await world.enter(ada, {"Environment": ("Staging",), "Owner": "team@example.com"})
    with in_time():
        await world.turn(ada)
        assert "There is no list" in ada.reads()
    page = ada.reads()
    assert "You may type a value; it is *not checked*" in page
    assert {"Region", "Cluster", "Datastore", "Network"} <= set(ada.labels)
    world.orchestrator.clear_faults()


@pytest.mark.parametrize("trouble", list(ActionFault), ids=lambda trouble: trouble.value)
async def test_a_form_that_begins_with_a_broken_source_is_whole_in_time(
    world: World, ada: PretendPerson, trouble: ActionFault
) -> None:
    world.orchestrator.trouble("com.example.backup/repositories", trouble)
    with in_time():
        await opened(world, ada, "Connect backup target")
    assert {"Repository", "Display name", "Days to keep", "Gateway"} <= set(ada.labels)
    assert "There is no list" in ada.reads()
    world.orchestrator.clear_faults()


@pytest.mark.parametrize("fault", [ArmedFault.ERROR, ArmedFault.SILENCE, ArmedFault.HTML_OK])
async def test_a_workflow_whose_form_cannot_be_had_is_asked_for_plainly(
    world: World, ada: PretendPerson, fault: ArmedFault
) -> None:
    world.orchestrator.fault("GET */forms/*", fault, times=None)
    world.orchestrator.fault("GET */presentation*", fault, times=None)
    with in_time():
        await opened(world, ada, "Open firewall ports")
    assert {"source", "ports"} <= set(ada.labels)
    assert ":warning: Orchestrator did not give this workflow's own form" in ada.reads()


async def test_a_machine_that_vanished_before_the_start_is_named_and_nothing_starts(
    world: World, ada: PretendPerson
) -> None:
    answers = {
        "Virtual machines": ("web-01", "db-01"),
        "Reason": ("Patching",),
        "Starts": WINDOW,
    }
    card = await world.launch(ada, "Schedule maintenance", answers)
    (gone,) = await world.bot.orchestrator.objects(MACHINE, "db-01", limit=5)
    world.orchestrator.remove_item(MACHINE, gone.id)
    await world.press(world.person("grace"), "Approve", card=card)
    await world.tick()
    told = world.told(card)
    assert (
        "“db-01”, given for “Virtual machines”, is no longer in the inventory. Nothing was started." in told
    )
    assert world.orchestrator.starts == []


async def test_machines_that_are_there_are_started_with(world: World, ada: PretendPerson) -> None:
    answers = {"Virtual machines": ("web-01",), "Reason": ("Patching",), "Starts": WINDOW}
    card = await world.launch(ada, "Schedule maintenance", answers)
    await world.press(world.person("grace"), "Approve", card=card)
    await world.tick()
    assert len(world.orchestrator.starts) == 1
    assert world.orchestrator.invalid_starts == []
