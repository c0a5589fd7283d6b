"""What the commands that administer share: the store beside a running bot, and what a pause is of."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.domain.pause import Scope, Target
from bot.store.database import Clock
from bot.store.store import open_beside

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from bot.store.store import Store


def add_target(parser: argparse.ArgumentParser) -> None:
    """A rule or a workflow; else all."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--rule", metavar="NAME", help="of the policy; without it, and --workflow: all launches"
    )
    which.add_argument("--workflow", metavar="NAME", help="its exact name, or its id")


def target_of(asked: argparse.Namespace) -> Target:
    """What was named."""
    if asked.rule:
        return Target(scope=Scope.RULE, name=asked.rule)
    if asked.workflow:
        return Target(scope=Scope.WORKFLOW, name=asked.workflow)
    return Target(scope=Scope.ALL)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """The store, beside a bot that may be running on it."""
    async with open_beside(settings.database_url.get_secret_value(), clock=Clock()) as store:
        yield store
