"""Garbage collection: passes walk only what is new, and nothing is leaked for good."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from bot.runtime.gc_tuning import GarbageCollector
from bot.runtime.priority import Scheduler

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Node:
    """Part of a reference cycle: itself."""

    def __init__(self) -> None:
        self.self = self


@pytest.fixture(autouse=True)
def _collector_as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def _drop(node: list[_Node]) -> weakref.ref[_Node]:
    return weakref.ref(node.pop())


async def test_a_pass_collects_what_came_since_the_latest() -> None:
    collector = GarbageCollector(Scheduler())
    collector.freeze_loaded()
    dropped = _drop([_Node()])
    await collector.collect()
    assert dropped() is None


async def test_what_survives_a_pass_is_left_out_of_the_next_until_everything_is_collected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.runtime.gc_tuning._THOROUGH", 2)
    collector, used = GarbageCollector(Scheduler()), [_Node()]
    collector.freeze_loaded()
    await collector.collect()
    dropped = _drop(used)
    await collector.collect()
    assert dropped() is not None
    await collector.collect()
    assert dropped() is None
