"""The command line: parses and calls, nothing else."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from bot.domain.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence


class DemoMissing(BotError):
    """The demo is not part of the production image: run it from a checkout or an installed package."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 unless something is wrong."""
    asked = _parser().parse_args(arguments)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return int(runner.run(_until_stopped(asked.command(asked))))
    except BotError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command line's answer
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Orchestrator workflows from Slack.")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="a file of NAME=value lines")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (command, text) in _COMMANDS.items():
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
        if name == "audit":
            sub.add_argument("action", choices=("export", "verify"))
            sub.add_argument("--format", choices=("jsonl", "csv"), default="jsonl", help="of the export")
            sub.add_argument("--since", type=_moment, metavar="DATE", help="export from then on: 2026-12-01")
            sub.add_argument("--anchor", help="verify that nothing is missing up to here: as verify printed")
        if name == "quarantine":
            sub.add_argument("action", choices=("list", "show", "release"))
            sub.add_argument("item", nargs="?", metavar="KIND/KEY", help="as the list names it")
            sub.add_argument("--all", action="store_true", help="release all of them")
        if name == "policy":
            _add_policy_arguments(sub)
        if name == "demo":
            sub.add_argument("--port", type=int, default=8321, help="of the page (default 8321; 0: any)")
            sub.add_argument("--story", action="store_true", help="play stories in the terminal instead")
            sub.add_argument("--no-browser", action="store_true", help="do not open the page by itself")
    return parser


def _add_policy_arguments(parser: argparse.ArgumentParser) -> None:
    """Check, explain and test, each with what it needs."""
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")
    check = actions.add_parser("check", help="say what is wrong with it, each with its line")
    explain = actions.add_parser("explain", help="say which rule decides, and why")
    test = actions.add_parser("test", help="run the example cases kept beside it")
    for action in (check, explain, test):
        action.add_argument(
            "--policy", type=Path, metavar="FILE", help="this one, without settings and Slack"
        )
    test.add_argument("--cases", type=Path, metavar="FILE", help="default: beside the policy")
    explain.add_argument("--user", required=True, metavar="U…", help="who wants it")
    explain.add_argument("--group", action="append", default=[], metavar="S…", help="one they are in")
    explain.add_argument("--email", metavar="ADDRESS", help="their confirmed address")
    explain.add_argument("--channel", metavar="C…", help="where; left out: anywhere")
    explain.add_argument("--workflow", required=True, metavar="NAME", help="its name or id")
    explain.add_argument("--folder", metavar="PATH", help="where it lies, such as Library/vCenter")
    explain.add_argument("--tag", action="append", default=[], help="a tag it has")
    explain.add_argument("--at", type=_moment, metavar="MOMENT", help="2026-12-24T10:00, UTC; default: now")
    explain.add_argument("--break-glass", default="", metavar="REASON", help="as if with this reason")
    explain.add_argument("values", nargs="*", metavar="name=value", help="what the form holds")


async def _until_stopped(work: Coroutine[object, object, int]) -> int:
    """Let SIGTERM end the work as Ctrl-C does: what is open gets closed."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return 0


async def _serve(asked: argparse.Namespace) -> int:
    from bot.runtime.logging import set_up_logs  # noqa: PLC0415
    from bot.settings import read_settings  # noqa: PLC0415
    from bot.wiring.run import run  # noqa: PLC0415 - each command imports what it needs

    settings = read_settings(file=asked.settings)
    set_up_logs(level=settings.log_level, style=settings.log_format)
    await run(settings)
    return 0


async def _check(asked: argparse.Namespace) -> int:
    from bot.cli.check import check  # noqa: PLC0415 - each command imports what it needs

    logging.disable(logging.CRITICAL)  # the lines of the check say it all
    return await check(file=asked.settings)


async def _migrate(asked: argparse.Namespace) -> int:
    from bot.settings import read_settings  # noqa: PLC0415 - each command imports what it needs
    from bot.store.migrating import migrate  # noqa: PLC0415

    settings = read_settings(file=asked.settings)
    revision = await migrate(settings.database_url.get_secret_value())
    print(f"The database is at revision {revision}.")  # noqa: T201 - the command line's answer
    return 0


async def _audit(asked: argparse.Namespace) -> int:
    from bot.cli.audit import export, verify  # noqa: PLC0415 - each command imports what it needs
    from bot.settings import read_settings  # noqa: PLC0415

    settings = read_settings(file=asked.settings)
    if asked.action == "verify":
        return await verify(settings, anchor=asked.anchor)
    return await export(settings, style=asked.format, since=asked.since)


async def _quarantine(asked: argparse.Namespace) -> int:
    from bot.cli.quarantine import list_all, release, show  # noqa: PLC0415 - each command imports what it needs
    from bot.settings import read_settings  # noqa: PLC0415

    settings = read_settings(file=asked.settings)
    if asked.action == "show":
        return await show(settings, name=asked.item or "")
    if asked.action == "release":
        return await release(settings, name=asked.item or "", all_of_them=asked.all)
    return await list_all(settings)


async def _policy(asked: argparse.Namespace) -> int:
    from bot.cli.policy import Question, check, explain, try_cases  # noqa: PLC0415 - each command imports what it needs

    logging.disable(logging.CRITICAL)  # the answer says it all
    if asked.action == "check":
        return await check(settings=asked.settings, policy=asked.policy, out=sys.stdout)
    if asked.action == "test":
        return await try_cases(
            settings=asked.settings, policy=asked.policy, cases=asked.cases, out=sys.stdout
        )
    question = Question(
        user=asked.user,
        channel=asked.channel,
        workflow=asked.workflow,
        folder=asked.folder,
        tags=tuple(asked.tag),
        groups=tuple(asked.group),
        email=asked.email,
        at=asked.at,
        break_glass=asked.break_glass,
        values=tuple(asked.values),
    )
    return await explain(question, settings=asked.settings, policy=asked.policy, out=sys.stdout)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _demo(asked: argparse.Namespace) -> int:
    try:
        from bot.demo.page import play, show  # noqa: PLC0415 - each command imports what it needs
    except ModuleNotFoundError as error:
        if error.name != "bot.demo":  # something that the demo needs is missing, not the demo
            raise
        raise DemoMissing from error
    return await (play() if asked.story else show(port=asked.port, open_browser=not asked.no_browser))


_COMMANDS = {
    "serve": (_serve, "run the bot"),
    "check": (_check, "prove settings, policy, database, Slack and Orchestrator one by one"),
    "migrate": (_migrate, "bring the database to this release's tables"),
    "policy": (_policy, "check the policy file, explain what it says, or run its example cases"),
    "audit": (_audit, "export the audit, or prove that nothing in it was changed or is missing"),
    "quarantine": (_quarantine, "list, show or release what cannot be read or failed again and again"),
    "demo": (_demo, "try the bot on a page in the browser, without Slack and without Orchestrator"),
}

if __name__ == "__main__":
    sys.exit(main())
