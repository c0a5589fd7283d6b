"""What a pause is of, as typed on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.pause import Scope, Target

if TYPE_CHECKING:
    import argparse


def add_target(parser: argparse.ArgumentParser) -> None:
    """A rule or a workflow; else all."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--rule", metavar="NAME", help="of the policy; without it, and --workflow: all launches"
    )
    which.add_argument("--workflow", metavar="NAME", help="its exact name, or its id")


def target_of(asked: argparse.Namespace) -> Target:
    """What was named."""
    if asked.rule:
        return Target(scope=Scope.RULE, name=asked.rule)
    if asked.workflow:
        return Target(scope=Scope.WORKFLOW, name=asked.workflow)
    return Target(scope=Scope.ALL)
