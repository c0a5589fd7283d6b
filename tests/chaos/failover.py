"""Kill or freeze one of two replicas, and see what the other does: `python tests/chaos/failover.py`.

With `--how kill` it ends with 0 if both had shared the work, no launch was lost or started twice, and the last
of the dead one's launches was taken up within 30 seconds. With `--how freeze` one stands still (SIGSTOP) in the
middle of a transaction, in the middle of a start, and for a minute; it ends with 0 if the other went on taking
and starting launches each time, no launch was lost or started twice, and all was told. Left out, both.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.counting import Tally

WITHIN = 30.0  # seconds


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--how", action="append", choices=["kill", "freeze"], help="default: both")
    parser.add_argument("--launches", type=int, default=40, help="asked for before a kill (default 40)")
    parser.add_argument("--seed", type=int, default=1, help="of what is left to chance (default 1)")
    parser.add_argument("--seconds", type=float, default=60.0, help="of the longest freeze (default 60)")
    asked = parser.parse_args()
    how = asked.how or ["kill", "freeze"]
    went_well = [_kill(asked)] if "kill" in how else []
    went_well += [_freeze(asked)] if "freeze" in how else []
    return 0 if all(went_well) else 1


def _kill(asked: argparse.Namespace) -> bool:
    from tests.chaos.taking_over import measure  # noqa: PLC0415 - found once the folder of the project is known

    seen = asyncio.run(measure(launches=asked.launches, seed=asked.seed))
    print(f"launches                         {seen.launches}")
    print(f"messages posted by each replica  {' and '.join(map(str, seen.shares))}")
    print(f"claimed at that moment           {seen.held}")
    print(f"until the last was taken up      {seen.seconds:.1f} s")
    _print_tally(seen.tally)
    return all(seen.shares) and seen.held > 0 and seen.tally.is_clean and seen.seconds <= WITHIN


def _freeze(asked: argparse.Namespace) -> bool:
    from tests.chaos.freezing import Freeze, Moment, freeze  # noqa: PLC0415 - the same

    longest = asked.seconds
    wanted = (
        Freeze(moment=Moment.TRANSACTION, seconds=longest / 2),
        Freeze(moment=Moment.START, seconds=longest / 2),
        Freeze(moment=Moment.TRANSACTION, seconds=longest / 2),  # of the other
        Freeze(moment=Moment.ANYTHING, seconds=longest),
    )
    result = asyncio.run(freeze(wanted, seed=asked.seed))
    for each in result.freezes:
        where = each.freeze.moment.name.lower() if each.was_caught else "not caught there"
        print(
            f"frozen for {each.freeze.seconds:.0f} s ({where}): the other took {each.taken}, "
            f"and {each.started} started"
        )
    _print_tally(result.tally)
    print(f"at rest: {'yes' if result.came_to_rest else 'no'}, tracebacks: {result.failures}")
    went_on = all(each.was_caught and each.taken and each.started for each in result.freezes)
    return went_on and result.came_to_rest and result.tally.is_clean


def _print_tally(tally: Tally) -> None:
    print(
        f"not at rest {len(tally.unfinished)}, lost {len(tally.lost)}, doubled {len(tally.doubled)}, not told {len(tally.undelivered)}"
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main())
