"""Kill the bot again and again, then count: `python tests/chaos/kill.py --database sqlite --kills 100`.

Ends with 0 if no launch was lost, none was started twice and no report is missing. With `--ablation` the bot
is kept from looking before it acts again; then it ends with 0 only if that was seen to start launches twice.
With `--victim database` the bot lives and PostgreSQL is cut off.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.killing import Result

_COLUMNS = "{:<11} {:>5} {:>8} {:>6} {:>11} {:>5} {:>7} {:>12} {:>13} {:>9} {:>7}"
_HEAD = (
    "database",
    "kills",
    "launches",
    "starts",
    "not at rest",
    "lost",
    "doubles",
    "lost reports",
    "double reports",
    "tracebacks",
    "seconds",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print a table, and say with the exit code whether all is well."""
    asked = _parser().parse_args(arguments)
    kinds = ["sqlite", "postgresql"] if asked.victim == "bot" else ["postgresql"]
    results = {kind: _run(kind, asked) for kind in asked.database or kinds}
    print(_COLUMNS.format(*_HEAD))
    for kind, result in results.items():
        print(_row(kind, result))
    for result in results.values():
        _name_faults(result)
    if asked.ablation:
        return 0 if all(result.tally.doubled for result in results.values()) else 1
    return 0 if all(result.came_to_rest and result.tally.is_clean for result in results.values()) else 1


def _run(kind: str, asked: argparse.Namespace) -> Result:
    from tests.chaos.killing import Run, run  # noqa: PLC0415 - found once the folder of the project is known

    wanted = Run(
        database="sqlite" if kind == "sqlite" else "postgresql",
        kills=asked.kills,
        seed=asked.seed,
        victim=asked.victim,
        is_blind=asked.ablation,
        say=lambda line: print(f"{kind}: {line}", file=sys.stderr),
    )
    return asyncio.run(run(wanted))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--database", action="append", choices=["sqlite", "postgresql"], help="default: one after the other"
    )
    parser.add_argument(
        "--victim", choices=["bot", "database"], default="bot", help="who dies (default: bot)"
    )
    parser.add_argument("--kills", type=int, default=100, help="on each database (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="of what is left to chance (default 1)")
    parser.add_argument(
        "--ablation", action="store_true", help="hide from the bot what it did: must double starts"
    )
    return parser


def _row(kind: str, result: Result) -> str:
    tally = result.tally
    return _COLUMNS.format(
        kind,
        result.kills,
        tally.launches,
        tally.starts,
        len(tally.unfinished),
        len(tally.lost),
        len(tally.doubled),
        len(tally.undelivered),
        len(tally.told_twice),
        result.failures,
        round(result.seconds),
    )


def _name_faults(result: Result) -> None:
    tally = result.tally
    faults = {
        "not at rest": tally.unfinished,
        "lost": tally.lost,
        "doubled": tally.doubled,
        "not told": tally.undelivered,
    }
    for name, targets in faults.items():
        if targets:
            print(f"{name}: {', '.join(targets[:10])}")
    if not result.came_to_rest:
        print("The last bot did not finish the work in time.")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main())
