"""Whether the database answers, takes writes, and has this release's tables."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.cli.check.report import count
from bot.cli.database_mistakes import (
    SECONDS,
    can_be_made,
    failed,
    file_of,
    is_later,
    kind_of,
    later,
    no_folder,
)
from bot.store.database import Clock
from bot.store.migrating import HEAD, is_file, revision
from bot.store.store import open_beside

if TYPE_CHECKING:
    from pathlib import Path

    from bot.cli.check.report import CheckReport
    from bot.settings import Settings

_WHAT = "database"


async def check_database(report: CheckReport, settings: Settings) -> bool:
    """Whether it has this release's tables; makes none, and no file."""
    url = settings.database_url.get_secret_value()
    if is_file(url) and not file_of(url).exists():
        _check_folder(report, file_of(url))
        return False
    try:
        async with asyncio.timeout(SECONDS):
            found = await revision(url)
            aside = await _quarantined(url) if found == HEAD else 0
    except Exception as error:  # noqa: BLE001 - whatever the driver raises, the bot could not work with it
        mistake = failed(url, error)
        report.no(_WHAT, mistake.text, fix=mistake.fix)
    else:
        return _check_revision(report, url, found, aside=aside)
    return False


async def _quarantined(url: str) -> int:
    async with open_beside(url, clock=Clock()) as store:
        return await store.quarantine.count()


def _check_folder(report: CheckReport, file: Path) -> None:
    if can_be_made(file):
        report.ok(_WHAT, f"SQLite; the bot makes {file} when it starts")
    else:
        mistake = no_folder(file)
        report.no(_WHAT, mistake.text, fix=mistake.fix)


def _check_revision(report: CheckReport, url: str, found: str | None, *, aside: int) -> bool:
    kind = kind_of(url)
    if found == HEAD:
        notes = [f"{count(aside, 'row')} in quarantine: see python -m bot quarantine list"] if aside else []
        report.ok(_WHAT, f"{kind}, at this release's revision {HEAD}", *notes)
    elif is_later(found):
        mistake = later(url, found)
        report.no(_WHAT, mistake.text, fix=mistake.fix)
    elif is_file(url):
        report.ok(_WHAT, f"{kind}; the bot brings it to revision {HEAD} when it starts")
    else:
        state = f"at revision {found}" if found else "without the bot's tables"
        report.no(_WHAT, f"{kind}, {state}; this release needs revision {HEAD}", fix="python -m bot migrate")
    return found == HEAD
