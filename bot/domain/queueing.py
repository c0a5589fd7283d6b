"""Whose turn it is where launches wait for one another: in order of time, and fair between people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.people import Person


@dataclass(frozen=True, kw_only=True)
class InLine:
    """One launch that runs, or waits for others."""

    launch_id: str
    requester: Person
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Line:
    """What runs, and what waits for it."""

    running: tuple[InLine, ...] = ()
    waiting: tuple[InLine, ...] = ()

    def order(self, newcomer: InLine) -> tuple[InLine, ...]:
        """Everybody who waits, the newcomer too, in turn."""
        others = [each for each in self.waiting if each.launch_id != newcomer.launch_id]
        return in_turn((*others, newcomer), running=self.running)


def in_turn(waiting: Iterable[InLine], *, running: Iterable[InLine] = ()) -> tuple[InLine, ...]:
    """Round robin: everybody's first before anybody's second, where what runs of somebody counts as theirs.

    Among equals, whoever waits longest comes first.
    """
    had = Counter(each.requester for each in running)
    ranked: list[tuple[int, InLine]] = []
    for each in sorted(waiting, key=_age):
        ranked.append((had[each.requester], each))
        had[each.requester] += 1
    return tuple(each for _, each in sorted(ranked, key=lambda pair: (pair[0], _age(pair[1]))))


def _age(each: InLine) -> tuple[datetime, str]:
    return each.since, each.launch_id
