"""`python -m bot purge`: deletes what the settings say is too old, now, or says what that would be."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from bot.service.retention import Retention
from bot.settings import read_settings
from bot.wiring.retention import ages_of
from bot.wiring.store import store_beside

if TYPE_CHECKING:
    import argparse

_WORDS = {
    "launches": "ended launches",
    "outputs": "ended launches with outputs",
    "events": "told events of ended launches",
    "audit": "audit records",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to delete."""
    parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")


async def run(asked: argparse.Namespace, *, out: TextIO = sys.stdout) -> int:
    """Count what is too old, then delete it unless told otherwise."""
    settings = read_settings(file=asked.settings)
    async with store_beside(settings) as store:
        retention = Retention(store=store, ages=ages_of(settings))
        found = await retention.would_purge()
        if not asked.dry_run:
            await retention.sweep()
    done = "would be deleted" if asked.dry_run else "deleted"
    out.writelines(f"{count:8} {_WORDS[kind]} {done}\n" for kind, count in found.items())
    if not found:
        out.write("Everything is kept for good: no KEEP setting says otherwise.\n")
    return 0
