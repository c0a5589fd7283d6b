"""When the connection to Slack drops in the middle of what somebody did: one log line, and a true answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.world import World

TRIES = 2  # a dropped call is made once more

pytestmark = pytest.mark.databases("sqlite")


async def test_a_form_that_slack_did_not_take_is_said_in_its_window(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ada = world.person("ada")
    world.slack.faults.drop("views.update", times=TRIES)
    assert (await ada.slash("/vro", "run health report", channel="ops")).ok
    await world.bot.dispatcher.drain(seconds=5)
    assert "Slack did not answer the bot in the middle of this." in ada.reads()
    assert "If there is no card, please try again." in ada.reads()
    assert [each for each in caplog.records if "Slack did not answer" in each.getMessage()]
    assert not [each for each in caplog.records if each.exc_info]
    assert not world.orchestrator.starts
