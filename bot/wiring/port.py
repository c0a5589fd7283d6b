"""The port the bot listens on: health, metrics, and Slack's requests where they come by HTTP."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.runtime.metrics import CONTENT_TYPE, render
from bot.slack.receivers import HttpReceiver
from bot.slack.receivers.http import PATH
from bot.wiring.figures import read_figures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp.web_protocol import RequestHandler

    from bot.settings import Settings
    from bot.wiring.build import Bot

    Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)

_IDLE = 75.0  # seconds that a connection is kept between requests; longer than proxies keep theirs
_FIRST_REQUEST = 10.0  # seconds until a new connection must have brought a whole request
_UNPROVEN = 256  # connections that have brought none yet; a process has 1,024 open files by default
_LINGERING = 1.0  # seconds in which the rest of a refused body is read, so that the refusal arrives
_SAID_EVERY = 60.0


class BoundedServer(web.Server):
    """A server that strangers cannot fill with half-open requests.

    A connection is proven by a request that was taken. One that is not is closed after its answer or after
    ten seconds, and the oldest of them when there are too many: whoever has sent half a request gives way.
    """

    def __init__(self, answer: Answer, *, most_unproven: int, first_request: float) -> None:
        super().__init__(
            answer,
            access_log=None,
            logger=_server_log(),
            keepalive_timeout=_IDLE,
            lingering_time=_LINGERING,
            auto_decompress=False,  # what is signed are the bytes as they came
        )
        self._most = most_unproven
        self._first_request = first_request
        self._unproven: dict[RequestHandler, asyncio.TimerHandle] = {}  # the oldest first

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Count a new connection, at the cost of the oldest that has brought nothing."""
        super().connection_made(handler, transport)
        loop = asyncio.get_running_loop()
        self._unproven[handler] = loop.call_later(self._first_request, self._give_up, handler)
        if len(self._unproven) > self._most:
            self._give_up(next(iter(self._unproven)))

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        """Forget it."""
        self.prove(handler)
        super().connection_lost(handler, exc)

    def prove(self, handler: RequestHandler) -> None:
        """From now on it may stay."""
        timer = self._unproven.pop(handler, None)
        if timer is not None:
            timer.cancel()

    def _give_up(self, handler: RequestHandler) -> None:
        self.prove(handler)
        handler.force_close()


@asynccontextmanager
async def listening(
    settings: Settings,
    bot: Callable[[], Bot | None],
    *,
    most_unproven: int = _UNPROVEN,
    first_request: float = _FIRST_REQUEST,
) -> AsyncIterator[int]:
    """Serve health, and Slack's requests once there is a bot; yields the port."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        running = bot()
        receiver = running.receiver if running else None
        if request.method == "POST" and request.path == PATH and isinstance(receiver, HttpReceiver):
            response = await receiver.received(request)
        else:
            response = await _health(request, running, deaf_seconds=settings.slack_deaf_seconds)
        if response.keep_alive is not False:
            server.prove(request.protocol)
        return response

    server = BoundedServer(answer, most_unproven=most_unproven, first_request=first_request)
    runner = web.ServerRunner(server)  # four paths need no router
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.http_host, settings.http_port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _health(request: web.BaseRequest, bot: Bot | None, *, deaf_seconds: float) -> web.Response:
    """Alive, unless Slack has not reached it for so long; ready, if each part can do its work."""
    match request.method, request.path:
        case "GET" | "HEAD", "/healthz":
            deaf = bot.receiver.deaf_seconds if bot else 0.0
            is_well = deaf <= deaf_seconds
            said = {"ok": True} if is_well else {"ok": False, "deaf_seconds": round(deaf)}
            response = web.json_response(said, status=200 if is_well else 503)
        case "GET" | "HEAD", "/readyz":
            response = await _readiness(bot)
        case "GET" | "HEAD", "/metrics":
            await read_figures(bot)
            response = web.Response(body=render(), headers={"Content-Type": CONTENT_TYPE})
        case "POST", path if path == PATH and bot is None:
            response = web.Response(status=503, text="The bot is not running yet.")
        case _:
            response = web.Response(status=404, text="Nothing is here.")
    response.force_close()  # it proved nothing, so its connection is not kept
    return response


async def _readiness(bot: Bot | None) -> web.Response:
    if bot is None:
        return web.json_response({"started": False}, status=503)
    parts = await bot.ready()
    # neither makes it unready: people have to reach the bot to hear of it
    said = {**parts, "quarantined": await bot.quarantined(), "login_refused": bot.login_refused}
    return web.json_response(said, status=200 if all(parts.values()) else 503)


class _NoHttp(logging.Filter):
    """Says in a line, once a minute, that something is no HTTP; aiohttp prints a traceback for each."""

    def __init__(self) -> None:
        super().__init__()
        self._said_at = -_SAID_EVERY

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError):
            return True
        now = time.monotonic()
        if now - self._said_at < _SAID_EVERY:
            return False
        self._said_at = now
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg, record.args, record.exc_info = "refused what is no HTTP request", (), None
        return True


def _server_log() -> logging.Logger:
    server_log = logging.getLogger("bot.wiring.port.server")
    server_log.filters[:] = [_NoHttp()]
    return server_log
