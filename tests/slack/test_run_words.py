from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.workflows import PretendWorkflow

if TYPE_CHECKING:
    from bot.demo.slack.driver.person import PretendPerson
    from tests.world import World


@pytest.fixture
def ada(world: World) -> PretendPerson:
    return world.person("ada")


async def opened(world: World, who: PretendPerson, words: str) -> str:
    """What the window says that `/vro run` with these words opens."""
    await who.slash("/vro", f"run {words}", channel="ops")
    await world.bot.dispatcher.drain(seconds=20)
    await who.until(lambda: who.view is not None and who.view["callback_id"] not in {"loading", "checking"})
    return who.reads()


@pytest.mark.parametrize(
    "words",
    [
        "delete snapshot",
        "revoke emergency access",
        "unpatch cluster",
        "resto virtual",
        "elete virtual machine",
    ],
)
async def test_what_is_only_similar_is_offered_and_never_opened(
    world: World, ada: PretendPerson, words: str
) -> None:
    said = await opened(world, ada, words)
    assert "is called" in said
    assert "These are similar" in said


@pytest.mark.parametrize(
    "words",
    [
        "Delete virtual machine",
        "delete virtual",
        "machine delete",
        "Operations/Virtual machines/Delete virtual machine",
        "virtual machines delete",
    ],
)
async def test_whole_words_of_name_and_folder_open_what_they_name(
    world: World, ada: PretendPerson, words: str
) -> None:
    said = await opened(world, ada, words)
    assert "\nDelete virtual machine\nOperations/Virtual machines" in said


async def test_a_word_within_a_word_names_nothing(world: World, ada: PretendPerson) -> None:
    world.orchestrator.add_workflow(PretendWorkflow(name="Unpatch hosts", folder="Operations"))
    await world.bot.catalogue.refresh()
    assert "is called “patch hosts”. These are similar" in await opened(world, ada, "patch hosts")


async def test_explain_explains_no_other_workflow(world: World, ada: PretendPerson) -> None:
    await ada.slash("/vro", "explain delete snapshot", channel="ops")
    await world.bot.dispatcher.drain(seconds=20)
    assert "None is called that. Similar are" in ada.reads(ada.ephemerals("ops")[-1])
