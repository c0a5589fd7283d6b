"""The files of the product that one simple launch enters: `python -m tests.bench.journeys`.

Traced at run time, without the demo. What a newcomer has to open to follow a click with the debugger.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import bot
from bot.demo.harness import open_harness
from bot.store.migrating import migrate

if TYPE_CHECKING:
    from types import FrameType

    from bot.demo.harness import Harness

HOUSE = f"{Path(bot.__file__).parent}/"
PATIENCE = 10  # seconds for what a click sets going
VALUES = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}


class Trace:
    """The calls of the product's own functions while it is switched on."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self.calls: list[tuple[str, str]] = []
        self.is_on = False

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        """Note one call; comprehensions and lambdas are no functions of their own."""
        code = frame.f_code
        if self.is_on and event == "call" and code.co_filename.startswith(HOUSE):
            file = code.co_filename.removeprefix(HOUSE)
            if not file.startswith("demo/") and not code.co_name.startswith("<"):
                self.calls.append((file, code.co_name))

    def report(self, journey: str) -> None:
        """Print what was entered since the last report."""
        files = list(dict.fromkeys(file for file, _ in self.calls))
        print(
            f"{journey:38} {len(files):4} files {len(set(self.calls)):5} functions {len(self.calls):6} calls"
        )
        if self._verbose:
            print("    " + "\n    ".join(files))
        self.calls.clear()


async def walk(harness: Harness, trace: Trace) -> None:
    """One launch that needs an approval, step by step."""
    ada, grace = harness.person("ada"), harness.person("grace")
    await harness.tick()
    trace.is_on = True
    await harness.fill(ada, "delete virtual", {})
    await harness.bot.dispatcher.drain(seconds=PATIENCE)
    trace.report("slash command to form")
    await harness.enter(ada, VALUES)
    trace.report("fields filled in")
    await harness.send(ada)
    trace.report("form sent to launch recorded")
    await harness.tick()
    trace.report("launch recorded to card posted")
    await harness.press(grace, "Approve", card=harness.card())
    if len(harness.orchestrator.starts) != 1:
        sys.exit("The approval started nothing.")
    trace.report("Approve to POST answered")
    await harness.tick()
    trace.report("POST answered to thread told")
    while "Succeeded" not in harness.told():
        trace.calls.clear()
        trace.is_on = False
        harness.clock.offset += timedelta(seconds=1)
        trace.is_on = True
        await harness.bot.tracker.tick()
        await harness.bot.announcer.tick()
    trace.report("run ended to thread told")


async def main() -> None:
    """Trace one launch on SQLite."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", action="store_true", help="name the files, in the order they are entered")
    trace = Trace(verbose=parser.parse_args().files)
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/bot.sqlite3"
        await migrate(database)
        threading.setprofile(trace)
        sys.setprofile(trace)
        try:
            async with open_harness(folder=Path(folder), database=database) as harness:
                await asyncio.wait_for(walk(harness, trace), timeout=120)
        finally:
            sys.setprofile(None)


if __name__ == "__main__":
    asyncio.run(main())
