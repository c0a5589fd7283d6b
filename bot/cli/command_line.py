"""Finds the command that was typed, and imports that one alone: `serve` has to be ready within a second."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import uvloop

from bot.cli.version import version
from bot.domain.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

COMMANDS = {  # each is the module of that name beside this one
    "serve": "run the bot",
    "check": "prove settings, policy, database, Slack and Orchestrator one by one",
    "migrate": "bring the database to this release's tables",
    "policy": "check the policy file, explain what it says, or run its example cases",
    "audit": "export the audit, or prove that nothing in it was changed or is missing",
    "quarantine": "list, show or release what cannot be read or failed again and again",
    "codes": "enrol approvers for one-time codes, or take them away",
    "launches": "list or show launches, cancel one, or settle one whose start is in doubt",
    "pause": "keep launches from starting: all, a rule's or a workflow's",
    "resume": "let what was paused start again",
    "purge": "delete what is too old by the settings, or say what that would be",
    "erase": "take a person out of all that is stored",
    "keys": "seal anew with the first sealing key what the others sealed",
    "demo": "try the bot on a page in the browser, without Slack and without Orchestrator",
}


class Command(Protocol):
    """What the module of a command holds."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes beside `--settings`."""

    async def run(self, asked: argparse.Namespace) -> int:
        """Do it; the exit code. BotError says in a sentence what is wrong."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 unless something is wrong."""
    command, asked = _parse(sys.argv[1:] if arguments is None else arguments)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_until_stopped(command.run(asked)))
    except BotError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command line's answer
        return 1
    except KeyboardInterrupt:
        return 130


def _parse(arguments: Sequence[str]) -> tuple[Command, argparse.Namespace]:
    """The command and its arguments; `--settings` may stand before the command, after it and at the end."""
    anywhere = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    anywhere.add_argument("--settings", type=Path, metavar="FILE", help="a file of NAME=value lines")
    asked, words = anywhere.parse_known_args(arguments)
    named = _parser(anywhere).parse_args(words, asked)
    command = cast("Command", import_module(f"bot.cli.{named.command}"))
    parser = argparse.ArgumentParser(
        prog=f"python -m bot {named.command}", description=COMMANDS[named.command], parents=[anywhere]
    )
    command.add_arguments(parser)
    return command, parser.parse_args(named.words, asked)


def _parser(anywhere: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """What stands before the arguments of a command."""
    width = max(map(len, COMMANDS))
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="Orchestrator workflows from Slack.",
        epilog="\n".join(("commands:", *(f"  {name:{width}}  {text}" for name, text in COMMANDS.items()))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[anywhere],
    )
    parser.add_argument("--version", action="version", version=version())
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="see below")
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="…", help="what the command takes")
    return parser


async def _until_stopped(work: Coroutine[object, object, int]) -> int:
    """Let SIGTERM end the work as Ctrl-C does: what is open gets closed."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return 0
