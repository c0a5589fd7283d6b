"""`python -m bot migrate`: brings the database to this release's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.settings import read_settings
from bot.store.migrating import migrate

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


async def run(asked: argparse.Namespace) -> int:
    """Run every revision that is missing, and say where the database is then."""
    settings = read_settings(file=asked.settings)
    revision = await migrate(settings.database_url.get_secret_value())
    print(f"The database is at revision {revision}.")  # noqa: T201 - the command line's answer
    return 0
