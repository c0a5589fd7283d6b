"""Slack, Orchestrator and PostgreSQL away for long, in turn: `python tests/chaos/outage.py [--scale 0.05]`.

In the middle of 60 launches Slack is away for 10 minutes; 50 launches are approved while Orchestrator is away
for 30; in the middle of 60 PostgreSQL is away for 5. One process outlives all three, receiving by Socket Mode,
another by HTTP. Ends with 0 if nothing was lost or doubled, and all was told at 1.5 times the seconds that
Slack's pace allows at most, not counting those in which the bot notices that somebody is back.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.outages import Result, Transport


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--transport", action="append", choices=["socket", "http"], help="default: one after the other"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="of all lengths (default 1)")
    parser.add_argument("--launches", type=int, default=60, help="as Slack goes away (default 60)")
    parser.add_argument("--approved", type=int, default=50, help="without Orchestrator (default 50)")
    parser.add_argument("--seed", type=int, default=1, help="of what is left to chance (default 1)")
    asked = parser.parse_args()
    went_well = [_run(each, asked) for each in asked.transport or ("socket", "http")]
    return 0 if all(went_well) else 1


def _run(transport: Transport, asked: argparse.Namespace) -> bool:
    from tests.chaos.outages import Outages, outlive  # noqa: PLC0415 - found once the folder of the project is known

    wanted = Outages(
        transport=transport,
        slack=600 * asked.scale,
        orchestrator=1800 * asked.scale,
        postgres=300 * asked.scale,
        launches=asked.launches,
        approved=asked.approved,
        seed=asked.seed,
    )
    result = asyncio.run(outlive(wanted))
    print(f"{transport}:")
    _print(result)
    all_told = all(each.went_well for each in result.stood)
    return all_told and result.tally.is_clean and not result.tracebacks and not result.exit_code


def _print(result: Result) -> None:
    for each in result.stood:
        rest, others = (
            "never" if after is None else f"{after:.0f} s after"
            for after in (each.at_rest_after, each.others_told_after)
        )
        print(
            f"  {each.who} away for {each.away:.0f} s: all told {rest} ({each.messages} messages in one channel, "
            f"at most {each.at_most:.0f} s), another channel's {others}; 429: {each.limited}"
        )
    tally = result.tally
    print(
        f"  launches {tally.launches}, not at rest {len(tally.unfinished)}, lost {len(tally.lost)}, "
        f"doubled {len(tally.doubled)}, not told {len(tally.undelivered)}, told twice {len(tally.told_twice)}, "
        f"tracebacks {len(result.tracebacks)}"
    )
    for traceback in result.tracebacks[:3]:
        print(traceback)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main())
