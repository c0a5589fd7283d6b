"""Figures of a run gathered, and printed as medians, ratios and goals."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.load import percentile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.load import Burst

_NOISE = 2.0  # times a goal may be missed by before it counts as missed for sure


class Phase(Enum):
    """When a figure was taken."""

    START = "start"
    ALONE = "1 connection"
    EIGHT = "8 connections"
    TIMED = "by timetable"
    END = "end"


@dataclass(kw_only=True)
class Run:
    """Every figure of every round, by server, phase and name; times of acks in milliseconds."""

    _figures: dict[tuple[str, Phase, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    _kinds: dict[tuple[str, Phase, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, server: str, phase: Phase, **figures: float) -> None:
        """Note one round's figures."""
        for name, value in figures.items():
            self._figures[server, phase, name].append(value)

    def add_burst(self, server: str, phase: Phase, burst: Burst, *, cpu: float, whole: float) -> None:
        """Note a phase: its acks, and CPU seconds an ack until the last ack, and until all was done."""
        times = [ack.seconds * 1e3 for ack in burst.acks]
        self.add(
            server,
            phase,
            p50=percentile(times, 0.5),
            p99=percentile(times, 0.99),
            rate=len(times) / burst.seconds,
            cpu=cpu * 1e6,
            whole=whole * 1e6,
        )
        for ack in burst.acks:
            self._kinds[server, phase, f"{ack.request.kind} {ack.request.name}"].append(ack.seconds * 1e3)

    def median(self, server: str, phase: Phase, name: str) -> float:
        """The median over the rounds."""
        return median(self._figures[server, phase, name])

    def kinds(self, phase: Phase) -> dict[str, dict[str, Sequence[float]]]:
        """All times of acks of a phase, by kind and server."""
        found: dict[str, dict[str, Sequence[float]]] = defaultdict(dict)
        for (server, when, kind), times in sorted(self._kinds.items(), key=lambda each: each[0][2]):
            if when is phase:
                found[kind][server] = times
        return found


_ROWS = (
    (Phase.ALONE, "p50", "ack p50, 1 connection, ms", 3),
    (Phase.ALONE, "p99", "ack p99, 1 connection, ms", 3),
    (Phase.EIGHT, "rate", "acks a second, 8 connections", 0),
    (Phase.EIGHT, "p99", "ack p99, 8 connections, ms", 2),
    (Phase.EIGHT, "cpu", "CPU an ack, until the last ack, us", 0),
    (Phase.EIGHT, "whole", "CPU an ack, with all that follows, us", 0),
    (Phase.TIMED, "p50", "ack p50, 200 a second, ms", 3),
    (Phase.TIMED, "p99", "ack p99, 200 a second, ms", 2),
    (Phase.START, "first_ack", "exec to first ack, s", 2),
    (Phase.START, "memory", "memory after start, MB", 0),
    (Phase.END, "memory", "memory at the end, MB", 0),
)


def say(text: str = "") -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def print_report(run: Run, *, title: str, servers: tuple[str, str, str] = ("floor", "stock", "bot")) -> None:
    """The table of figures, then times by kind."""
    floor, stock, bot = servers
    say(f"\n{title}\n")
    say(f"{'':40}{floor:>10}{stock:>10}{bot:>10}{'bot/floor':>11}{'bot/stock':>11}")
    for phase, name, text, digits in _ROWS:
        values = [run.median(server, phase, name) for server in servers]
        ratios = "".join(f"{values[2] / other:11.2f}" for other in values[:2])
        say(f"{text:40}" + "".join(f"{value:10.{digits}f}" for value in values) + ratios)
    for phase in (Phase.ALONE, Phase.TIMED):
        say(f"\n{f'{phase.value}, p50 / p99 ms':40}" + "".join(f"{server:>16}" for server in servers))
        for kind, by_server in run.kinds(phase).items():
            pairs = (
                f"{percentile(by_server[server], 0.5):.2f} / {percentile(by_server[server], 0.99):.2f}"
                for server in servers
            )
            say(f"{kind:40}" + "".join(f"{pair:>16}" for pair in pairs))


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A figure and what it should be."""

    text: str
    value: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def times_missed(self) -> float:
        """How many times worse the figure is than the goal; 1 or less where it is met."""
        if self.at_least is not None:
            return self.at_least / self.value
        return self.value / (self.at_most or 1)

    def __str__(self) -> str:
        wanted = f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most:g}"
        met = "met" if self.times_missed <= 1 else "missed"
        return f"{self.text:44}{self.value:10.2f}   {wanted:14} {met}"


def verdict(goals: Sequence[Goal], *, strict: bool) -> int:
    """Print the goals; 1 if `strict` and one is missed by more than noise explains."""
    say()
    for goal in goals:
        say(str(goal))
    return int(strict and any(goal.times_missed > _NOISE for goal in goals))
