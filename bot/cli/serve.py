"""`python -m bot serve`: runs the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.runtime.logging import set_up_logs
from bot.settings import read_settings
from bot.wiring.run import run as run_bot

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


async def run(asked: argparse.Namespace) -> int:
    """Run the bot until it is stopped."""
    settings = read_settings(file=asked.settings)
    set_up_logs(level=settings.log_level, style=settings.log_format)
    await run_bot(settings)
    return 0
