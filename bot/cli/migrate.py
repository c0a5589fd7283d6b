"""`python -m bot migrate`: brings the database to this release's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.settings import read_settings
from bot.store.migrating import migrate, plan

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to do it."""
    parser.add_argument("--plan", action="store_true", help="only say which revisions are missing")


async def run(asked: argparse.Namespace) -> int:
    """Run every revision that is missing, and say where the database is then."""
    settings = read_settings(file=asked.settings)
    url = settings.database_url.get_secret_value()
    if asked.plan:
        print("\n".join(await plan(url)))  # noqa: T201 - the command line's answer
        return 0
    revision = await migrate(settings.database_url.get_secret_value())
    print(f"The database is at revision {revision}.")  # noqa: T201 - the command line's answer
    return 0
