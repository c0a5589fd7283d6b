"""`python -m bot policy`: checks a policy file, explains and tries it, replays past requests by another."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.moment import ago, moment
from bot.cli.policy.check import check
from bot.cli.policy.explain import ExplainQuery, explain
from bot.cli.policy.replay import replay
from bot.cli.policy.test import try_cases

if TYPE_CHECKING:
    import argparse

__all__ = ["ExplainQuery", "add_arguments", "check", "explain", "replay", "run", "try_cases"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Check, explain, test and replay, each with what it needs."""
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")
    for action in (
        actions.add_parser("check", help="say what is wrong with it, each with its line"),
        explaining := actions.add_parser("explain", help="say which rule decides, and why"),
        testing := actions.add_parser("test", help="run the example cases kept beside it"),
    ):
        action.add_argument(
            "--policy", type=Path, metavar="FILE", help="this one, without settings and Slack"
        )
    testing.add_argument("--cases", type=Path, metavar="FILE", help="default: beside the policy")
    _add_question(explaining)
    replaying = actions.add_parser("replay", help="say which past requests another policy decides otherwise")
    replaying.add_argument("--policy", type=Path, required=True, metavar="FILE", help="the other policy")
    replaying.add_argument(
        "--since", type=ago, default="90d", metavar="WHEN", help="90d, or a date such as 2026-12-01"
    )


def _add_question(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", required=True, metavar="U…", help="who wants it")
    parser.add_argument("--group", action="append", default=[], metavar="S…", help="one they are in")
    parser.add_argument("--email", metavar="ADDRESS", help="their confirmed address")
    parser.add_argument("--channel", metavar="C…", help="where; left out: anywhere")
    parser.add_argument("--workflow", required=True, metavar="NAME", help="its name or id")
    parser.add_argument("--folder", metavar="PATH", help="where it lies, such as Library/vCenter")
    parser.add_argument("--tag", action="append", default=[], help="a tag it has")
    parser.add_argument("--at", type=moment, metavar="MOMENT", help="2026-12-24T10:00, UTC; default: now")
    parser.add_argument("--break-glass", default="", metavar="REASON", help="as if with this reason")
    parser.add_argument("values", nargs="*", metavar="name=value", help="what the form holds")


async def run(asked: argparse.Namespace) -> int:
    """Check, explain, test or replay, as asked."""
    logging.disable(logging.CRITICAL)  # the answer says it all
    source, out = {"settings": asked.settings, "policy": asked.policy}, sys.stdout
    match asked.action:
        case "check":
            return await check(**source, out=out)
        case "replay":
            return await replay(**source, since=asked.since, out=out)
        case "test":
            return await try_cases(**source, cases=asked.cases, out=out)
        case _:
            return await explain(_question(asked), **source, out=out)


def _question(asked: argparse.Namespace) -> ExplainQuery:
    return ExplainQuery(
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
