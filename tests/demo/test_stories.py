from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.demo.stories import play_all
from bot.demo.stories.scripts import STORIES

if TYPE_CHECKING:
    from bot.demo.harness import Harness

LONGEST = 60  # seconds for all stories together, on a busy machine


@pytest.fixture(scope="module")
def told() -> str:
    """What `python -m bot demo --story` prints; it has to end well and say nothing else."""
    command = [sys.executable, "-m", "bot", "demo", "--story"]
    ended = subprocess.run(  # noqa: S603 - this very interpreter
        command, capture_output=True, encoding="utf-8", timeout=LONGEST, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    return ended.stdout


def test_every_story_is_told_and_ends_as_it_should(told: str) -> None:
    for number, story in enumerate(STORIES, start=1):
        assert f"{number}. {story.title}\n" in told
    assert told.count("\n   ok\n") == len(STORIES)
    assert "WRONG" not in told
    assert told.endswith(f"All {len(STORIES)} stories ended as they should.\n")


def test_the_stories_read_as_plain_text_with_names_for_ids(told: str) -> None:
    assert "@Grace Moreau" in told
    assert "result: web-01 is gone." in told
    assert "> Ask again on Monday." in told
    assert not re.search(r"<[@#!]|&[a-z]+;|:[a-z_]+:|\*|`|U0[A-Z]+|\x1b", told)


async def test_a_story_that_ends_otherwise_is_called_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    (expired,) = (story for story in STORIES if story.title == "Expired")
    assert await play_all([replace(expired, state="Succeeded", starts=1)]) == 1
    told = capsys.readouterr().out
    assert "WRONG  expected “Succeeded” on the card\n" in told
    assert "WRONG  expected starts in Orchestrator: 1, not 0\n" in told
    assert told.endswith("1 of 1 stories ended wrong.\n")


async def broken(theatre: Harness) -> None:
    await theatre.press(theatre.person("gil"), "Approve")


async def test_a_story_that_cannot_be_played_is_called_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert await play_all([replace(STORIES[0], play=broken)]) == 1
    assert "WRONG  expected the story to be played to its end, but " in capsys.readouterr().out
