"""What keeps the bot from working on its database, in the words that `check` and `serve` share."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import DatabaseLocked
from bot.store.migrating import HEAD, is_file, revision

SECONDS = 15  # for connecting and one transaction


@dataclass(frozen=True, kw_only=True)
class DatabaseMistake:
    """Why the bot cannot work on its database, and what to do about it."""

    text: str
    fix: str

    def __str__(self) -> str:
        """In one sentence and a mend, as `serve` says it."""
        return f"The database: {self.text}. To mend it: {self.fix}. Nothing was started."


async def database_mistake(url: str) -> DatabaseMistake | None:
    """What keeps the bot from starting on this database; None if nothing does.

    A SQLite file that is not there yet is made by the bot, and an older one migrated; PostgreSQL has to be at
    this release's revision, which NotMigrated says where the bot starts.
    """
    if is_file(url) and not file_of(url).exists():
        return None if can_be_made(file_of(url)) else no_folder(file_of(url))
    try:
        async with asyncio.timeout(SECONDS):
            found = await revision(url)
    except Exception as error:  # noqa: BLE001 - whatever the driver raises, the bot could not work with it
        return failed(url, error)
    return later(url, found) if is_later(found) else None


def file_of(url: str) -> Path:
    """The SQLite file of a URL."""
    return Path(url.removeprefix("sqlite:///").partition("?")[0])


def can_be_made(file: Path) -> bool:
    """Whether this account may make it in its folder."""
    return os.access(file.parent, os.W_OK | os.X_OK)


def no_folder(file: Path) -> DatabaseMistake:
    """The file cannot be made."""
    fix = f"make the folder {file.parent.absolute()}, and let the account the bot runs as write to it"
    return DatabaseMistake(text=f"the SQLite file {file} cannot be made", fix=fix)


def failed(url: str, error: Exception) -> DatabaseMistake:
    """What an error of opening or reading it means."""
    match error:
        case DatabaseLocked():
            fix = "stop the bot that runs on it; several processes need PostgreSQL"
            text = f"another process uses the SQLite file {file_of(url)}"
            return DatabaseMistake(text=text, fix=fix)
        case TimeoutError():
            return DatabaseMistake(text=f"no answer within {SECONDS} seconds", fix=_fix(url))
        case _:
            return DatabaseMistake(text=_reason(error).rstrip("."), fix=_fix(url))


def is_later(found: str | None) -> bool:
    """Whether a revision is beyond this release's."""
    return found is not None and found > HEAD


def kind_of(url: str) -> str:
    """Which database it is, without its password."""
    return f"SQLite, {file_of(url)}" if is_file(url) else "PostgreSQL"


def later(url: str, found: str | None) -> DatabaseMistake:
    """Its tables are of a later release."""
    text = f"{kind_of(url)}, at revision {found}, which is beyond this release's {HEAD}"
    return DatabaseMistake(text=text, fix="run the release that brought it there, or a later one")


def _fix(url: str) -> str:
    if is_file(url):
        return "let DATABASE_URL name a SQLite file that the account the bot runs as may write, or a new one"
    return "compare host, port, user, password and name in DATABASE_URL with the server and its access list"


def _reason(error: Exception) -> str:
    """The driver's own words; drivers name hosts, users and databases, but no passwords."""
    cause = error.__cause__ or error
    text = cause.strerror if isinstance(cause, OSError) else str(cause)
    return (text or type(cause).__name__).splitlines()[0]
