"""Launch 5,000 times on one process: `python tests/chaos/soak.py [--database sqlite] [--launches 5000]`.

Ends with 0 if nothing was lost, doubled or left untold, and the second half of the run left neither more than a
tenth more memory in use nor more files open than the first. The growth of the database is told.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.soaking import Result

GROWTH = 0.1  # of memory
FILES = 8  # idle connections come and go
_MEGABYTE = 1_000_000


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--database", choices=["sqlite", "postgresql"], default="sqlite", help="(default sqlite)"
    )
    parser.add_argument("--launches", type=int, default=5000, help="(default 5000)")
    parser.add_argument("--samples", type=int, default=10, help="looks at the process (default 10)")
    parser.add_argument("--seed", type=int, default=1, help="of what is left to chance (default 1)")
    asked = parser.parse_args()

    from tests.chaos.soaking import Soak, soak  # noqa: PLC0415 - found once the folder of the project is known

    wanted = Soak(
        database=asked.database,
        launches=asked.launches,
        samples=asked.samples,
        seed=asked.seed,
        say=lambda line: print(line, file=sys.stderr),
    )
    result = asyncio.run(soak(wanted))
    _print(result)
    is_flat = result.memory_growth <= GROWTH and result.file_growth <= FILES
    return 0 if is_flat and result.tally.is_clean and not result.failures else 1


def _print(result: Result) -> None:
    print(f"{'launches':>8} {'memory MB':>9} {'files':>5} {'database MB':>11}")
    for each in result.samples:
        memory, database = each.memory / _MEGABYTE, each.database / _MEGABYTE
        print(f"{each.launches:>8} {memory:>9.1f} {each.files:>5} {database:>11.2f}")
    tally = result.tally
    print(
        f"second half: memory {result.memory_growth:+.1%}, files {result.file_growth:+}, "
        f"database {result.bytes_a_launch:.0f} bytes a launch"
    )
    print(
        f"launches {tally.launches}, not at rest {len(tally.unfinished)}, lost {len(tally.lost)}, "
        f"doubled {len(tally.doubled)}, not told {len(tally.undelivered)}, tracebacks {result.failures}"
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main())
