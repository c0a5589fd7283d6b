"""How soon after the last Approve click the start leaves, on both databases, with launches waiting.

python tests/bench/approve.py [--database sqlite] [--waiting 200] [--clicks 150] [--assert]
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.contract import Broken
from tests.bench.figures import Goal, say, verdict
from tests.bench.load import Burst, open_loop, percentile
from tests.bench.payloads import Payloads
from tests.bench.raw_http import get
from tests.bench.servers import BOT, first_ack, set_up
from tests.bench.workspace import ready

RATE = 10.0  # clicks a second
PATIENCE = 30.0  # seconds until every start has arrived


async def main() -> int:
    """Measure and print; 1 if `--assert` and the goal is clearly missed."""
    parser = argparse.ArgumentParser(description="From the last Approve click to the start.")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument(
        "--waiting", type=int, default=200, help="launches that wait for approval all the time"
    )
    parser.add_argument("--clicks", type=int, default=150)
    parser.add_argument("--assert", dest="strict", action="store_true", help="exit 1 if the goal is missed")
    asked = parser.parse_args()
    goals = []
    for database in asked.database or ["sqlite", "postgresql"]:
        times = await measure(database, waiting=asked.waiting, clicks=asked.clicks)
        say(f"{database:12} p50 {percentile(times, 0.5):6.1f} ms   p99 {percentile(times, 0.99):6.1f} ms")
        text = f"click to start, p99 ms, {database}"
        goals.append(Goal(text=text, at_most=50, value=percentile(times, 0.99)))
    return verdict(goals, strict=asked.strict)


async def measure(database: str, *, waiting: int, clicks: int) -> list[float]:
    """Milliseconds from each click to the arrival of its start."""
    async with set_up(database) as place:
        _, launches = await ready(place.settings(0), forms=1, launches=waiting + clicks)
        payloads = Payloads(raw=place.raw)
        machines = {launch.id: machine for launch, machine in launches}
        requests = [
            payloads.click(launch, "approve", number=number)
            for number, (launch, _) in enumerate(launches[:clicks])
        ]
        async with place.serving(BOT) as child:
            await first_ack(child, payloads.command("help", number=1))
            await child.quiet()
            burst = await open_loop(requests, port=child.port, rate=RATE)
            starts = await _arrived(place.raw, count=clicks)
    return _times(burst, starts, machines)


async def _arrived(raw: int, *, count: int) -> dict[str, float]:
    """When each machine's start arrived; Broken if some never do."""
    async with asyncio.timeout(PATIENCE):
        while True:
            starts: dict[str, float] = json.loads(await get(raw, "/starts"))
            if len(starts) == count:
                return starts
            if len(starts) > count:
                raise Broken(f"{count} launches were approved, but {len(starts)} started")
            await asyncio.sleep(0.1)


def _times(burst: Burst, starts: dict[str, float], machines: dict[str, str]) -> list[float]:
    return [(starts[machines[ack.request.about]] - (ack.answer.at - ack.seconds)) * 1e3 for ack in burst.acks]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
