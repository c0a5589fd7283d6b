"""One loopback port with a server behind it, which can go away and come back."""

from collections.abc import Callable

from aiohttp import web

HOST = "127.0.0.1"
_PATIENCE = 0.01  # seconds for what is still being answered; 0 would mean for ever


class Listener:
    """Serves what `build` makes; with port 0 the first start takes any free port and keeps it."""

    def __init__(self, build: Callable[[], web.Application], *, port: int) -> None:
        self._build = build
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://{HOST}:{self._port}"

    @property
    def is_up(self) -> bool:
        """Whether it takes connections."""
        return self._runner is not None

    async def start(self) -> None:
        """Take connections."""
        if self._runner is not None:
            return
        self._runner = web.AppRunner(self._build(), access_log=None, shutdown_timeout=_PATIENCE)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Refuse connections and cut those that are open."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
