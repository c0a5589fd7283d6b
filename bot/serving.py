"""The running bot: its loops side by side until one of them ends, and the port it listens on."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from bot.app import build
from bot.policies import LOOK_SECONDS
from bot.rounds import every, rounds
from bot.slack.listening import PATH
from bot.store.store import CLOCK_SECONDS
from bot.tidying import TIDY_SECONDS, leave_what_is_loaded, tidy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.app import Bot
    from bot.settings import Settings

log = logging.getLogger(__name__)

_SWITCH = 0.0001  # seconds until a busy thread lets the other go on; 5 ms would be most of an ack
_DRAIN = 10.0  # seconds that running handlers get at the end


async def run(settings: Settings, *, on_ready: Callable[[Bot, int], None] | None = None) -> None:
    """Run the bot until it is cancelled or a loop dies; `on_ready` gets the bot and its port."""
    sys.setswitchinterval(_SWITCH)
    async with build(settings) as bot, listening(settings, bot) as port:
        leave_what_is_loaded()
        log.info("ready, listening on port %d", port)
        if on_ready is not None:
            on_ready(bot, port)
        try:
            async with asyncio.TaskGroup() as group:
                ticks = (bot.tracker.tick, bot.announcer.tick, bot.inbox.tick)
                group.create_task(rounds(ticks, bot.courtesy))
                group.create_task(every(5, bot.orchestrator.keep_warm))
                group.create_task(every(CLOCK_SECONDS, bot.store.read_clock))
                group.create_task(every(TIDY_SECONDS, partial(tidy, bot.courtesy)))
                group.create_task(every(LOOK_SECONDS, bot.follow_policy))
                group.create_task(bot.catalogue.run())
                group.create_task(bot.people.run())
                if bot.socket is not None:
                    group.create_task(bot.socket.run())
        finally:
            await bot.switchboard.drain(seconds=_DRAIN)


@asynccontextmanager
async def listening(settings: Settings, bot: Bot) -> AsyncIterator[int]:
    """Serve health, and Slack's requests where they come by HTTP; yields the port."""

    async def answer(request: web.BaseRequest) -> web.Response:
        match request.method, request.path:
            case "POST", path if path == PATH and bot.http is not None:
                return await bot.http.received(request)
            case "GET" | "HEAD", "/healthz":
                return web.json_response({"ok": True})
            case "GET" | "HEAD", "/readyz":
                parts = await bot.ready()
                status = 200 if all(parts.values()) else 503
                return web.json_response({**parts, "quarantined": await bot.quarantined()}, status=status)
            case _:
                return web.Response(status=404, text="Nothing is here.")

    runner = web.ServerRunner(web.Server(answer, access_log=None))  # three paths need no router
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.http_host, settings.http_port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
