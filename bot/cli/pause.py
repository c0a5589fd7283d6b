"""`python -m bot pause`: keeps all launches, a rule's or a workflow's from starting, in every process."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, TextIO

from bot.cli.pause_target import NameUnchecked, add_target, check_target, target_of
from bot.domain.errors import BotError
from bot.service.pauses import put
from bot.settings import read_settings
from bot.wiring.store import store_beside

if TYPE_CHECKING:
    import argparse


class NoReason(BotError):
    """Say why, with --why: it stands on the card of each launch that waits. Nothing was paused."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to pause, and why."""
    add_target(parser)
    parser.add_argument("--why", default="", help="the reason, which people read on the cards")
    parser.add_argument("--list", action="store_true", help="only say what is paused")


async def run(asked: argparse.Namespace, *, out: TextIO = sys.stdout) -> int:
    """Pause, or list."""
    settings, target = read_settings(file=asked.settings), target_of(asked)
    if not asked.list and not asked.why.strip():
        raise NoReason
    async with store_beside(settings) as store:
        if not asked.list:
            try:
                await check_target(target, settings, store)
            except NameUnchecked as unknown:  # a kill switch that waits for others is none
                out.write(f"{unknown.message} It is paused by the name as you wrote it: make sure of it.\n")
            account = getpass.getuser()
            await store.transact(lambda tx: put(tx, target, why=asked.why.strip(), who=None, account=account))
        pauses = await store.transact(lambda tx: tx.pauses.in_force())
    out.writelines(
        f"Paused since {each.since:%Y-%m-%d %H:%M} UTC: {each.target} ({each.why})\n" for each in pauses
    )
    if not pauses:
        out.write("Nothing is paused.\n")
    return 0
