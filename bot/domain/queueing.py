"""Whose turn it is where launches wait for one another: what was approved first, and fair between people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.people import Person


@dataclass(frozen=True, kw_only=True)
class QueueEntry:
    """One launch that runs, or waits for others."""

    launch_id: str
    requester: Person
    since: datetime
    goes_first: bool = False  # people approved it, or the glass was broken for it


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What runs, what waits for it, and when people who wait had their latest turn."""

    running: tuple[QueueEntry, ...] = ()
    waiting: tuple[QueueEntry, ...] = ()
    turns: Mapping[Person, datetime] = field(default_factory=dict)

    def order(self, newcomer: QueueEntry) -> tuple[QueueEntry, ...]:
        """Everybody who waits, the newcomer too, in turn.

        What people approved goes before what needed no approval. Within both, round robin: everybody's first
        before anybody's second; of these, whoever had no turn yet, or had it longest ago; of these, whoever
        waits longest.
        """
        others = [each for each in self.waiting if each.launch_id != newcomer.launch_id]
        had: Counter[tuple[Person, bool]] = Counter()
        ranked: dict[str, int] = {}
        for each in sorted((*others, newcomer), key=_age):
            ranked[each.launch_id] = had[each.requester, each.goes_first]
            had[each.requester, each.goes_first] += 1

        def rank(each: QueueEntry) -> tuple[bool, int, float, tuple[datetime, str]]:
            turn = self._latest_turn(each.requester)
            return not each.goes_first, ranked[each.launch_id], turn, _age(each)

        return tuple(sorted((*others, newcomer), key=rank))

    def _latest_turn(self, person: Person) -> float:
        turn = self.turns.get(person)
        return turn.timestamp() if turn else 0


def _age(each: QueueEntry) -> tuple[datetime, str]:
    return each.since, each.launch_id
