"""The world of a test: the unchanged bot between the pretend servers, with a clock that only tests move."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.demo.environment import POLICY
from bot.demo.harness import Harness, open_harness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

World = Harness


@asynccontextmanager
async def a_world(folder: Path, *, database: str, policy: Path = POLICY) -> AsyncIterator[World]:
    """Pretend servers and a running bot on that database; nothing ticks but by the test."""
    async with open_harness(folder=folder, database=database, policy=policy) as world:
        yield world
        assert not world.slack.violations, world.slack.violations
