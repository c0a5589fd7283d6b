"""Server processes: started, looked at through /proc, and ended by their id."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.raw_http import connect

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Mapping, Sequence

ROOT = Path(__file__).parents[2]
_BUSY = 0.06  # of one core: more than the bot's own rounds take when there is nothing to do
_LOOK = 0.25  # seconds between two looks at a process


@dataclass(frozen=True, kw_only=True)
class Child:
    """A running server."""

    name: str
    port: int
    began: float  # time.perf_counter just before exec
    process: Process

    def cpu(self) -> float:
        """Seconds of CPU all its threads have taken."""
        total = 0
        for thread in Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((thread / "schedstat").read_text().split()[0])
        return total / 1e9

    def memory(self) -> float:
        """Resident megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    async def quiet(self, *, seconds: float = 60) -> None:
        """Wait until it has done what the requests led to; TimeoutError if that takes too long."""
        async with asyncio.timeout(seconds):
            calm = 0
            while calm < 4:  # a second: the bot looks for what is due twice in it
                before = self.cpu()
                await asyncio.sleep(_LOOK)
                calm = calm + 1 if self.cpu() - before < _BUSY * _LOOK else 0

    async def connected(self, *, seconds: float = 60) -> None:
        """Wait until it accepts connections; RuntimeError if it died."""
        async with asyncio.timeout(seconds):
            while True:
                if self.process.returncode is not None:
                    raise RuntimeError(f"{self.name} ended with {self.process.returncode}")
                try:
                    (await connect(self.port)).close()
                except ConnectionRefusedError:
                    await asyncio.sleep(0.004)
                else:
                    return


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running(
    name: str, arguments: Sequence[str], *, port: int, folder: Path, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """A Python process, ended when left; with compiled files, as an installed package has them."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        **(settings or {}),
    }
    with (folder / f"{name}.log").open("ab") as log:
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=folder, env=environment, stdout=log, stderr=log
        )
    try:
        yield Child(name=name, port=port, began=began, process=process)
    finally:
        await _ended(process)


async def _ended(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 15)
    except TimeoutError:
        process.kill()
        await process.wait()
