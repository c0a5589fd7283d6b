"""Why the policy says no, or yes: one button away from a refusal, and by a command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bot.demo.slack.driver.person import PretendPerson
    from tests.world import World

POLICY = Path(__file__).parent / "approvals.yaml"


pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.policy(POLICY)]


async def explained(world: World, who: PretendPerson, words: str) -> str:
    """What `/vro explain` answers."""
    answer = await who.slash("/vro", f"explain {words}", channel="ops")
    await world.bot.dispatcher.drain(seconds=5)
    return answer.text


async def test_a_refusal_is_one_button_away_from_its_reasons(world: World) -> None:
    ada = world.person("ada")
    await world.fill(ada, "extend datastore", {"Datastore": ("gold-02",), "Add (GB)": "500"})
    await world.turn(ada)
    assert "You may not run" in ada.reads() or "No policy rule" in ada.reads()
    assert "small datastores" not in ada.reads().replace("the rule “small datastores”", "")
    assert (await ada.press("Why?")).ok
    await world.bot.dispatcher.drain(seconds=5)
    assert "No: <@U0ADA> may not run “Extend datastore” in <#C0OPS>" in ada.reads()
    assert "addGb" in ada.reads()


async def test_the_command_says_what_would_happen_and_why(world: World) -> None:
    ada, ben = world.person("ada"), world.person("ben")
    told = await explained(world, ada, "delete virtual machine")
    assert "Yes, once approved: <@U0ADA> may run “Delete virtual machine” in <#C0OPS>" in told
    assert "<!subteam^S0APPROVERS>" in told
    told = await explained(world, ben, "Health report")
    assert "No: <@U0BEN> may not run “Health report”" in told
    assert "two of three" in told


async def test_nothing_is_told_of_what_one_may_neither_run_nor_decide(world: World) -> None:
    """It reads as if there were no such workflow."""
    ben = world.person("ben")
    nothing = await explained(world, ben, "Nothing of that name")
    assert "no workflow of that name that you may run or approve" in nothing
    for asked in ("Back up database", "Wipe datastore"):
        assert await explained(world, ben, asked) == nothing


async def test_the_command_takes_arguments(world: World) -> None:
    ada = world.person("ada")
    assert "Yes" in await explained(world, ada, "extend datastore addGb=50")
    assert "No:" in await explained(world, ada, "extend datastore addGb=500")


async def test_what_nobody_knows_or_named_is_asked_for(world: World) -> None:
    ada = world.person("ada")
    assert "Which workflow?" in await explained(world, ada, "")
    assert "no workflow of that name that you may run or approve" in await explained(
        world, ada, "qqqqqq zzzzzz"
    )


async def test_nothing_in_an_explanation_mentions_a_channel_at_large(world: World) -> None:
    ada = world.person("ada")
    told = await explained(world, ada, "extend datastore addGb=50 x=\ue000!channel\ue001")
    assert "<!channel>" not in told
