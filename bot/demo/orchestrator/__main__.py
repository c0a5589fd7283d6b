"""`python -m bot.demo.orchestrator`: the pretend Orchestrator alone, for stress runs and for looking at."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from datetime import timedelta
from pathlib import Path

from bot.demo.orchestrator.dialects import Dialect
from bot.demo.orchestrator.faults import ArmedFault
from bot.demo.orchestrator.journal import Journal
from bot.demo.orchestrator.samples import seed, synthetic_workflows
from bot.demo.orchestrator.server import PretendOrchestrator


def main() -> None:
    """Serve until told to stop."""
    asyncio.run(_serve(_parser().parse_args()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.demo.orchestrator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port; the address is printed")
    parser.add_argument("--dialect", choices=[each.value for each in Dialect], default=Dialect.V8.value)
    parser.add_argument("--journal", type=Path, help="file that gains a JSON line for every start executed")
    parser.add_argument(
        "--token", action="store_true", help="print a bearer that never expires, after the address"
    )
    parser.add_argument("--synthetic", type=int, default=0, metavar="N", help="N more workflows")
    parser.add_argument(
        "--lasts", type=float, default=3.0, metavar="SECONDS", help="length of a synthetic run"
    )
    parser.add_argument("--keep", type=int, default=100, metavar="N", help="finished runs kept per workflow")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="'METHOD PATH=KIND:RATE'",
        help=f"hit a share of the requests for good; kinds: {', '.join(each.value for each in ArmedFault)}",
    )
    return parser


async def _serve(asked: argparse.Namespace) -> None:
    journal = Journal(asked.journal) if asked.journal else None
    vro = PretendOrchestrator(dialect=Dialect(asked.dialect), journal=journal)
    seed(vro)
    vro.add_workflows(synthetic_workflows(asked.synthetic, lasts=timedelta(seconds=asked.lasts)))
    vro.keep_finished = asked.keep
    for written in asked.fault:
        _arm(vro, written)
    await vro.start(port=asked.port)
    _print(vro.url)
    if asked.token:
        _print(vro.logins.static_token())
    await _until_told()
    await vro.stop()
    if journal is not None:
        journal.close()


def _arm(vro: PretendOrchestrator, written: str) -> None:
    match, _, kind = written.partition("=")
    name, _, rate = kind.partition(":")
    vro.fault(match, ArmedFault(name), times=None, rate=float(rate or 1))


async def _until_told() -> None:
    told = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, told.set)
    await told.wait()


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
