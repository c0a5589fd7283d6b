"""`python -m bot resume`: lets what was paused start again."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, TextIO

from bot.cli.pause_target import add_target, target_of
from bot.service.pauses import drop
from bot.settings import read_settings
from bot.wiring.store import store_beside

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to resume."""
    add_target(parser)


async def run(asked: argparse.Namespace, *, out: TextIO = sys.stdout) -> int:
    """Resume it; NothingPaused if it was not paused."""
    settings, target = read_settings(file=asked.settings), target_of(asked)
    async with store_beside(settings) as store:
        await store.transact(lambda tx: drop(tx, target, who=None, account=getpass.getuser()))
    out.write(f"Resumed {target}. What waited starts within a minute.\n")
    return 0
