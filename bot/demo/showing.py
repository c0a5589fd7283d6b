"""The demo as a person starts it: the page in the browser, or stories in the terminal."""

from __future__ import annotations

import asyncio
import webbrowser

from bot.demo.stage import playing, set_up
from bot.logs import set_up_logs


async def show(*, port: int, open_browser: bool) -> int:
    """Serve the page until stopped."""
    set_up_logs(level="WARNING", style="text")
    async with set_up(port=port) as stage, playing(stage):
        print(f"The demo is at {stage.slack.url}  (Ctrl-C ends it)")  # noqa: T201 - for the person who started it
        if open_browser:
            await asyncio.to_thread(webbrowser.open, stage.slack.url)
        await asyncio.Event().wait()
    return 0


async def play() -> int:
    """Play the stories in the terminal; 1 if one of them ends wrong."""
    from bot.demo.stories import play_all  # noqa: PLC0415 - only this needs them

    set_up_logs(level="CRITICAL", style="text")
    return await play_all()
