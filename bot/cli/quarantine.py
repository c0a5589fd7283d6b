"""The quarantine on the command line: what is put aside, why, and letting the bot try it again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from bot.domain.errors import BotError
from bot.settings import read_settings
from bot.store.quarantine import TRIES, Quarantined, QuarantinedRow
from bot.wiring.store import store_beside

if TYPE_CHECKING:
    import argparse

    from bot.settings import Settings

_MOST = 10_000  # rows listed
_HELD = "its run may go on in Orchestrator: it keeps its lock and its place among the open runs"


class NotQuarantined(BotError):
    """Nothing of this name is in quarantine. `python -m bot quarantine list` names what is."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and with which row."""
    parser.add_argument("action", choices=("list", "show", "release"))
    parser.add_argument("item", nargs="?", default="", metavar="KIND/KEY", help="as the list names it")
    parser.add_argument("--all", action="store_true", help="release all of them")


async def run(asked: argparse.Namespace) -> int:
    """List, show or release, as asked."""
    settings = read_settings(file=asked.settings)
    match asked.action:
        case "show":
            return await show(settings, name=asked.item)
        case "release":
            return await release(settings, name=asked.item, all_of_them=asked.all)
        case _:
            return await list_all(settings)


async def list_all(settings: Settings, *, out: TextIO = sys.stdout) -> int:
    """One line for each row, oldest first."""
    async with store_beside(settings) as store:
        found = await store.quarantine.page(limit=_MOST)
        count = await store.quarantine.count()
    for each in found:
        held = f"; {_HELD}" if each.may_run else ""
        out.write(f"{each.item}  since {each.since:%Y-%m-%d %H:%M} UTC  {_line(each.why)}{held}\n")
    out.write(f"In quarantine: {count}.\n" if count else "Nothing is in quarantine.\n")
    return 0


async def show(settings: Settings, *, name: str, out: TextIO = sys.stdout) -> int:
    """All that is known of one row but its content, which may hold what not everybody may see."""
    async with store_beside(settings) as store:
        found = [each for each in await store.quarantine.page(limit=_MOST) if str(each.item) == name]
    if not found:
        raise NotQuarantined
    out.write("\n".join((*_facts(found[0]), "")))
    return 0


def _facts(row: Quarantined) -> list[str]:
    lines = [f"{row.item}", f"why: {_line(row.why)}", f"since: {row.since:%Y-%m-%d %H:%M:%S} UTC"]
    if row.reference:
        lines.append(f"tried: {row.tries} of {TRIES} times; reference in the log: {row.reference}")
    if row.state:
        lines.append(f"state of the launch: {row.state}" + (f"; {_HELD}" if row.may_run else ""))
    return [*lines, f"try it again: python -m bot quarantine release {row.item}"]


async def release(settings: Settings, *, name: str, all_of_them: bool, out: TextIO = sys.stdout) -> int:
    """Let the bot try one row, or all, again at once; what still cannot be read is put aside again."""
    async with store_beside(settings) as store:
        aside = await store.quarantine.page(limit=_MOST) if all_of_them else ()
        items = [each.item for each in aside] if all_of_them else [_item(name)]
        released = [each for each in items if await store.quarantine.release(each)]
    if not all_of_them and not released:
        raise NotQuarantined
    out.writelines(f"{each} is tried again.\n" for each in released)
    return 0


def _item(name: str) -> QuarantinedRow:
    try:
        return QuarantinedRow.named(name)
    except ValueError as wrong:
        raise NotQuarantined from wrong


def _line(text: str) -> str:
    """On one line, without what would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
