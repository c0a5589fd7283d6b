"""A loopback proxy between the bot and a pretend server: slows requests down, lets them arrive late, hides."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_NOT_PASSED = {
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "content-encoding",
    "date",
    "server",
}
_MOST_BODY = 32 * 1024 * 1024


def nothing_hidden(_method: str, _path: str) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class GoBetween:
    """Passes requests on; one that has arrived here is passed on even if the bot dies meanwhile."""

    upstream: str  # "http://127.0.0.1:1234"
    delay: Callable[[str, str], float]  # by method and path: seconds until a request is passed on
    hidden: Callable[[str, str], dict[str, Any] | None]  # what is answered here instead, if anything
    session: aiohttp.ClientSession

    async def received(self, request: web.Request) -> web.Response:
        try:
            body = await request.read()
        except ConnectionError:  # the bot died while it sent
            return _dropped(request)
        instead = self.hidden(request.method, request.path)
        if instead is not None:
            return web.json_response(instead)
        await asyncio.sleep(self.delay(request.method, request.path))
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_PASSED}
        try:
            async with self.session.request(
                request.method,
                self.upstream + request.raw_path,
                data=body,
                headers=headers,
                allow_redirects=False,
            ) as answer:
                whole = await answer.read()
        except aiohttp.ClientError:
            return _dropped(request)
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _NOT_PASSED}
        return web.Response(status=answer.status, body=whole, headers=kept)


def _dropped(request: web.Request) -> web.Response:
    """The connection on one side broke, so the other breaks too."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)


@asynccontextmanager
async def go_between(
    upstream: str,
    *,
    delay: Callable[[str, str], float],
    hidden: Callable[[str, str], dict[str, Any] | None] = nothing_hidden,
) -> AsyncIterator[str]:
    """Stand in front of a server while the block lasts; yields the address to give to the bot."""
    # a proxy that tried again by itself would start a second run, so no connection is used twice
    connector = aiohttp.TCPConnector(force_close=True, limit=0)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        passing = GoBetween(upstream=upstream, delay=delay, hidden=hidden, session=session)
        app = web.Application(client_max_size=_MOST_BODY)
        app.router.add_route("*", "/{rest:.*}", passing.received)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=False, shutdown_timeout=3)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()
