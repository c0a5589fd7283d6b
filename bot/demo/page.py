"""The demo as a person starts it: the page in the browser, or stories in the terminal."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
import threading
import webbrowser

from bot.demo.environment import playing, set_up
from bot.domain.errors import BotError
from bot.runtime.logging import set_up_logs

_WELCOME = """\
The demo is at {url}

It is the real bot, between a pretend Slack and a pretend Orchestrator; nothing leaves this machine.
  1. You are Ada, an operator. Type /vro, pick “Delete virtual machine”, fill in its form and send it.
  2. Become Grace, a change approver, at the top of the page. Press Approve on the card, or Reject.
  3. Open the card's thread: it tells what happens, up to the result.

Ctrl-C ends the demo and forgets everything in it.
"""


_PORTS = range(65536)


class PortTaken(BotError):
    """The page's port cannot be used."""


async def show(*, port: int, open_browser: bool) -> int:
    """Serve the page until stopped; PortTaken if something else has the port."""
    set_up_logs(level="WARNING", style="text")
    if port not in _PORTS:
        raise _not(port, "does not exist")
    try:
        async with set_up(port=port) as environment, playing(environment):
            print(_WELCOME.format(url=environment.slack.url), flush=True)  # noqa: T201 - for the person who started it
            if open_browser and _has_screen():
                threading.Thread(target=webbrowser.open, args=(environment.slack.url,), daemon=True).start()
            await asyncio.Event().wait()
    except OSError as error:
        raise _explained(error, port) from error
    return 0


def _has_screen() -> bool:
    """Whether a browser would open in a window: one in the terminal would get in the way."""
    named = {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"}
    return sys.platform in {"darwin", "win32"} or not named.isdisjoint(os.environ)


def _explained(error: OSError, port: int) -> Exception:
    why = {errno.EADDRINUSE: "is taken, perhaps by another demo", errno.EACCES: "is not yours to use"}
    return _not(port, why[error.errno]) if error.errno in why else error


def _not(port: int, why: str) -> PortTaken:
    return PortTaken(
        f"Port {port} {why}. Another one: python -m bot demo --port 0 (0 takes any that is free)."
    )


async def play() -> int:
    """Play the stories in the terminal; 1 if one of them ends wrong."""
    from bot.demo.stories import play_all  # noqa: PLC0415 - only this needs them

    set_up_logs(level="CRITICAL", style="text")
    return await play_all()
