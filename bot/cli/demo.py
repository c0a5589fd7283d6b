"""`python -m bot demo`: the bot on a page in the browser, between pretend servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import BotError

if TYPE_CHECKING:
    import argparse


class DemoMissing(BotError):
    """The demo is not part of the production image: run it from a checkout or an installed package."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The page, or stories in the terminal."""
    parser.add_argument("--port", type=int, default=8321, help="of the page (default 8321; 0: any)")
    parser.add_argument("--story", action="store_true", help="play stories in the terminal instead")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page by itself")


async def run(asked: argparse.Namespace) -> int:
    """Serve the page until it is stopped, or play the stories."""
    try:
        from bot.demo.page import play, show  # noqa: PLC0415 - the production image does not have it
    except ModuleNotFoundError as error:
        if error.name != "bot.demo":  # something that the demo needs is missing, not the demo
            raise
        raise DemoMissing from error
    return await (play() if asked.story else show(port=asked.port, open_browser=not asked.no_browser))
