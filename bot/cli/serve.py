"""`python -m bot serve`: runs the bot."""

from __future__ import annotations

import errno
import logging
import os
from typing import TYPE_CHECKING

from bot.cli.database_mistakes import database_mistake, kind_of
from bot.cli.version import version
from bot.domain.errors import BotError
from bot.runtime.logging import log_event, set_up_logs
from bot.settings import read_settings
from bot.settings.reading import unknown_names
from bot.wiring.run import run as run_bot

if TYPE_CHECKING:
    import argparse

    from bot.settings import Settings

log = logging.getLogger(__name__)

_NOT_BOUND = {  # what binding a port answers, and nothing else at a start
    errno.EADDRINUSE: "another process listens there",
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.EACCES: "the account the bot runs as may not listen there",
}


class SetUpMistake(BotError):
    """The bot cannot start with this set-up. Nothing was started; `python -m bot check` tells more."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


async def run(asked: argparse.Namespace) -> int:
    """Run the bot until it is stopped; SetUpMistake says what has to be mended first."""
    settings = read_settings(file=asked.settings)
    set_up_logs(level=settings.log_level, style=settings.log_format)
    log_event(
        log,
        "start",
        version=version(),
        transport=settings.slack_transport.value,
        orchestrator=settings.orchestrator_url,
        database=kind_of(settings.database_url.get_secret_value()),
    )
    for note in unknown_names(os.environ):
        log.warning("%s", note)
    if mistake := await database_mistake(settings.database_url.get_secret_value()):
        raise SetUpMistake(str(mistake))
    try:
        await run_bot(settings)
    except OSError as error:
        if error.errno not in _NOT_BOUND:
            raise
        raise SetUpMistake(_not_bound(settings, error.errno)) from error
    return 0


def _not_bound(settings: Settings, code: int) -> str:
    return (
        f"The bot cannot listen on {settings.http_host}, port {settings.http_port}: {_NOT_BOUND[code]}. "
        "Set HTTP_HOST and HTTP_PORT to what is free. Nothing was started."
    )
