"""A library that was not written by us takes every message and view of every story."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import slackblocks as kit

from bot.demo.harness import open_harness
from bot.demo.stories.scripts import STORIES
from tests.slack.outside_opinion import Json, read_block, read_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.demo.slack.server import PretendSlack
    from bot.demo.stories.story import Story


def _parsed(part: object) -> object:
    return json.loads(part) if isinstance(part, str) else part


def views(slack: PretendSlack) -> Iterator[Json]:
    for call in slack.calls:
        if "view" in call.arguments:
            yield _parsed(call.arguments["view"])  # type: ignore[misc] # Slack took it


def blocks(slack: PretendSlack) -> Iterator[Json]:
    for call in slack.calls:
        yield from _parsed(call.arguments.get("blocks", []))  # type: ignore[misc] # the same


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
async def test_it_takes_all_that_a_story_sends(story: Story) -> None:
    async with open_harness() as theatre:
        await story.play(theatre)
        sent, shown = list(blocks(theatre.slack)), list(views(theatre.slack))
    assert sent
    assert shown
    for block in sent:
        assert same(json.loads(str(read_block(block))), block)
    for view in shown:
        assert read_view(view).to_dict()


def same(theirs: object, ours: object) -> bool:
    """Whether all that we sent came back; what they add are ids and defaults."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return all(name in theirs and same(theirs[name], part) for name, part in ours.items())
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, theirs, ours))
    return theirs == ours


def test_it_objects_to_what_slack_would_refuse() -> None:
    with pytest.raises(kit.LengthError):
        read_block({"type": "header", "text": {"type": "plain_text", "text": "x" * 151}})
    with pytest.raises(kit.LengthError):
        read_block({"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}})
