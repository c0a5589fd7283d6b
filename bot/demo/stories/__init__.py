"""Whole launches played in the terminal, by the unchanged bot, with the clock on fast forward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.harness import open_harness
from bot.demo.stories.printing import Printer
from bot.demo.stories.scripts import STORIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.demo.stories.story import Story

__all__ = ["play_all"]


async def play_all(stories: Sequence[Story] = STORIES) -> int:
    """Play the stories and print them; 1 if one of them ends wrong."""
    printer = Printer.for_standard_output()
    wrong = 0
    for number, story in enumerate(stories, start=1):
        printer.begin(f"{number}. {story.title}", story.plot)
        problems = await _play(story, printer)
        printer.end(problems)
        wrong += bool(problems)
    printer.sum_up(played=len(stories), wrong=wrong)
    return 1 if wrong else 0


async def _play(story: Story, printer: Printer) -> list[str]:
    """Play one story in an environment of its own; returns what was expected and did not come."""
    async with open_harness() as theatre:
        try:
            await story.play(theatre)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, it is this story's end
            problems = [f"the story to be played to its end, but {type(error).__name__}: {error}"]
        else:
            problems = story.problems(theatre)
        printer.conversation(theatre)
        return problems
