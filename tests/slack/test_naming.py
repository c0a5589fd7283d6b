"""What inputs are called on cards, in threads and where somebody decides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from bot.domain.execution import Argument
from bot.domain.workflow import ParameterType
from bot.slack.cards.naming import called, exactly
from tests.strategies import launches

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from tests.world import World

SIZE = Argument(name="sizeGb", type=ParameterType(declared="number"), value=80)
DISK = Argument(name="diskIndex", type=ParameterType(declared="number"), value=0)


pytestmark = pytest.mark.databases("sqlite")


@given(launches)
def test_an_input_is_called_by_its_label_and_exactly_where_that_counts(launch: Launch) -> None:
    asked = replace(launch, arguments=(SIZE, DISK), labels=(("sizeGb", "New size\u202e (GB)"),))
    assert called(asked) == {"sizeGb": "New size⟨U+202E⟩ (GB)", "diskIndex": "diskIndex"}
    assert [exactly(each, asked) for each in asked.arguments] == [
        "New size⟨U+202E⟩ (GB) (sizeGb, number)",
        "diskIndex (number)",
    ]


@given(launches)
def test_inputs_with_the_same_label_are_told_apart(launch: Launch) -> None:
    asked = replace(launch, arguments=(SIZE, DISK), labels=(("sizeGb", "Disk"), ("diskIndex", "Disk")))
    assert called(asked) == {"sizeGb": "Disk (sizeGb)", "diskIndex": "Disk (diskIndex)"}


async def test_the_card_says_labels_and_the_review_names_as_well(world: World) -> None:
    ada, grace = world.person("ada"), world.person("grace")
    card = await world.launch(
        ada, "delete virtual", {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
    )
    assert "Virtual machine    web-01" in ada.reads(card)
    assert "vmName" not in ada.reads(card)
    await world.press(grace, "Review", card=card)
    assert "Virtual machine (vmName, string)" in grace.reads()
    assert "Change ticket (ticket, string)" in grace.reads()


async def test_differences_are_told_by_label(world: World) -> None:
    ada, grace = world.person("ada"), world.person("grace")
    answers = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
    first = await world.launch(ada, "delete virtual", answers)
    await world.press(grace, "Approve", card=first)
    await world.until_told("Succeeded", card=first)
    second = await world.launch(ada, "delete virtual", answers | {"Virtual machine": "web-02"})
    await world.press(grace, "Review", card=second)
    _, _, differences = grace.reads().partition("Differs from")
    assert "Virtual machine    web-01" in differences
    assert "vmName" not in differences
