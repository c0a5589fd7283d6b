"""The bot as a process of its own: started, killed, frozen, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio import subprocess
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

ROOT = Path(__file__).parents[2]
_READY = 120.0  # seconds a start may take on a busy machine
_STOP = 20.0


@dataclass(kw_only=True)
class BotProcess:
    """`python -m bot serve`; what it logs is appended to a file."""

    environment: Mapping[str, str]
    log: Path
    _process: subprocess.Process = field(init=False)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.environment['HTTP_PORT']}"

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        return self._process.pid

    async def start(self) -> None:
        """Start it, and return before it is ready."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "serve", cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    async def until_ready(self) -> None:
        """Wait until `/readyz` says yes; RuntimeError if it ends before, TimeoutError if it takes too long."""
        async with asyncio.timeout(_READY), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):
                if self._process.returncode is not None:
                    raise RuntimeError(f"The bot ended by itself:\n{self.last_words()}")
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), timeout=0.05)

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz") as answer:
                return answer.status == HTTPStatus.OK
        except aiohttp.ClientError:
            return False

    async def kill(self) -> None:
        """SIGKILL: no good-bye, no flush, no rollback."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM, as in a deployment; returns the exit code."""
        if self._process.returncode is None:
            self._process.terminate()
        try:
            return await asyncio.wait_for(self._process.wait(), timeout=_STOP)
        except TimeoutError:
            await self.kill()
            raise

    def cpu_seconds(self) -> float:
        """CPU time it has used so far, all threads, by `/proc`."""
        after_name = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")  # utime and stime, see proc(5)

    def freeze(self) -> None:
        """SIGSTOP: it keeps its connections and does nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        self._process.send_signal(signal.SIGCONT)

    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])


@asynccontextmanager
async def started(bot: BotProcess) -> AsyncIterator[BotProcess]:
    """Start it and wait until it is ready; killed when the block is left, if it still runs."""
    await bot.start()
    try:
        await bot.until_ready()
        yield bot
    finally:
        await bot.kill()
