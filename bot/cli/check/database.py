"""Whether the database answers, takes writes, and has this release's tables."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.check.report import count
from bot.domain.errors import DatabaseLocked
from bot.store.database import Clock
from bot.store.migrating import HEAD, is_file, revision
from bot.store.store import open_beside

if TYPE_CHECKING:
    from bot.cli.check.report import Report
    from bot.settings import Settings

_WHAT = "database"
_SECONDS = 15  # for connecting and one transaction


async def check_database(report: Report, settings: Settings) -> bool:
    """Whether it has this release's tables; makes none, and no file."""
    url = settings.database_url.get_secret_value()
    if is_file(url) and not _file(url).exists():
        _check_folder(report, _file(url))
        return False
    try:
        async with asyncio.timeout(_SECONDS):
            found = await revision(url)
            aside = await _quarantined(url) if found == HEAD else 0
    except DatabaseLocked:
        fix = "stop the bot that runs on it before a check; several processes need PostgreSQL"
        report.no(_WHAT, f"another process uses the SQLite file {_file(url)}", fix=fix)
    except TimeoutError:
        report.no(_WHAT, f"no answer within {_SECONDS} seconds", fix=_fix(url))
    except Exception as error:  # noqa: BLE001 - whatever the driver raises, the bot could not work with it
        report.no(_WHAT, _reason(error), fix=_fix(url))
    else:
        return _check_revision(report, url, found, aside=aside)
    return False


async def _quarantined(url: str) -> int:
    async with open_beside(url, clock=Clock()) as store:
        return await store.quarantine.count()


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///").partition("?")[0])


def _check_folder(report: Report, file: Path) -> None:
    if os.access(file.parent, os.W_OK | os.X_OK):
        report.ok(_WHAT, f"SQLite; the bot makes {file} when it starts")
    else:
        fix = f"make the folder {file.parent.absolute()}, and let the account the bot runs as write to it"
        report.no(_WHAT, f"the SQLite file {file} cannot be made", fix=fix)


def _check_revision(report: Report, url: str, found: str | None, *, aside: int) -> bool:
    kind = f"SQLite, {_file(url)}" if is_file(url) else "PostgreSQL"
    if found == HEAD:
        notes = [f"{count(aside, 'row')} in quarantine: see python -m bot quarantine list"] if aside else []
        report.ok(_WHAT, f"{kind}, at this release's revision {HEAD}", *notes)
    elif found is not None and found > HEAD:
        fix = "run the release that brought it there, or a later one"
        report.no(_WHAT, f"{kind}, at revision {found}, which is beyond this release's {HEAD}", fix=fix)
    elif is_file(url):
        report.ok(_WHAT, f"{kind}; the bot brings it to revision {HEAD} when it starts")
    else:
        state = f"at revision {found}" if found else "without the bot's tables"
        report.no(_WHAT, f"{kind}, {state}; this release needs revision {HEAD}", fix="python -m bot migrate")
    return found == HEAD


def _fix(url: str) -> str:
    if is_file(url):
        return "let DATABASE_URL name a SQLite file that the account the bot runs as may write, or a new one"
    return "compare host, port, user, password and name in DATABASE_URL with the server and its access list"


def _reason(error: Exception) -> str:
    """The driver's own words; drivers name hosts, users and databases, but no passwords."""
    cause = error.__cause__ or error
    text = cause.strerror if isinstance(cause, OSError) else str(cause)
    return (text or type(cause).__name__).splitlines()[0]
