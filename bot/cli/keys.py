"""`python -m bot keys rotate`: seals anew with the first of the sealing keys what the others sealed."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, TextIO

from bot.domain.errors import CannotSeal
from bot.settings import read_settings
from bot.wiring.store import store_beside

if TYPE_CHECKING:
    import argparse

    from bot.store.resealing import Place
    from bot.store.store import Store
    from bot.store.transaction import Transaction


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with them."""
    parser.add_argument("action", choices=("rotate",))


async def run(asked: argparse.Namespace, *, out: TextIO = sys.stdout) -> int:
    """Seal anew, and say when the former keys may go; it may be run again where it was interrupted."""
    settings = read_settings(file=asked.settings)
    keys = [key.get_secret_value() for key in settings.sealing_keys]
    if not keys:
        raise CannotSeal
    async with store_beside(settings) as store:
        count = await _reseal(store)
        bound = await store.transact(lambda tx: tx.resealing.bound())
    out.write(f"{count} sealed texts are sealed with the first key now.\n")
    if bound:
        out.write(
            f"Keep the former keys: {bound} open forms and launches hold typed secrets, which may need "
            "them. Run this again when those are over.\n"
        )
    else:
        out.write("Nothing needs the former keys any more: take them out of SEALING_KEYS, and restart.\n")
    return 0


async def _reseal(store: Store) -> int:
    total, after = 0, ("", "")
    while True:
        count, last = await store.transact(partial(_next, after=after))
        total += count
        if last is None:
            return total
        after = last


def _next(tx: Transaction, *, after: Place) -> tuple[int, Place | None]:
    return tx.resealing.reseal(after=after)
