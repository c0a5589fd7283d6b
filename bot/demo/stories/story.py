"""A story: what is played, and what must be true in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.demo.harness import CHANNEL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.demo.harness import Harness


@dataclass(frozen=True, kw_only=True)
class Story:
    """One story and how it must end."""

    title: str
    plot: str
    play: Callable[[Harness], Awaitable[None]]
    state: str  # what the card shows at last
    thread: tuple[str, ...]  # what the thread tells: each of these once, in this order
    starts: int  # how often Orchestrator was made to start something
    cards: int = 1  # launches that were asked for; what is told is told of the last

    def problems(self, theatre: Harness) -> list[str]:
        """What was expected and is not so."""
        told = theatre.told()
        found = [f"“{words}” once in the thread" for words in self.thread if told.count(words) != 1]
        places = [told.find(words) for words in self.thread]
        if not found and places != sorted(places):
            found.append("the thread in this order: " + ", ".join(self.thread))
        if len(theatre.slack.messages(CHANNEL)) != self.cards:
            found.append(f"cards in the channel and nothing else: {self.cards}")
        if self.state not in theatre.person("ada").reads(theatre.card()):
            found.append(f"“{self.state}” on the card")
        starts = len(theatre.orchestrator.starts)
        if starts != self.starts:
            found.append(f"starts in Orchestrator: {self.starts}, not {starts}")
        return [*found, *(f"nothing Slack objects to, such as {each}" for each in theatre.slack.violations)]
