"""Kill one of two replicas, and measure when the other has its launches: `python tests/chaos/failover.py`.

Ends with 0 if both had shared the work, no launch was lost or started twice, and the last of the dead one's
launches was taken up within 30 seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

WITHIN = 30.0  # seconds


def main() -> int:
    """Measure, print, judge."""
    from tests.chaos.taking_over import measure  # noqa: PLC0415 - found once the folder of the project is known

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--launches", type=int, default=40, help="asked for (default 40)")
    parser.add_argument("--seed", type=int, default=1, help="of what is left to chance (default 1)")
    asked = parser.parse_args()
    seen = asyncio.run(measure(launches=asked.launches, seed=asked.seed))
    print(f"launches                         {seen.launches}")
    print(f"messages posted by each replica  {' and '.join(map(str, seen.shares))}")
    print(f"claimed at that moment           {seen.held}")
    print(f"until the last was taken up      {seen.seconds:.1f} s")
    print(
        f"lost {len(seen.tally.lost)}, doubled {len(seen.tally.doubled)}, not told {len(seen.tally.untold)}"
    )
    shared = all(seen.shares)
    return 0 if shared and seen.held and seen.tally.is_clean and seen.seconds <= WITHIN else 1


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main())
