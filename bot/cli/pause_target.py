"""What a pause is of, as typed on the command line, and whether there is such a thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import BotError, OrchestratorError
from bot.domain.pause import Scope, Target
from bot.orchestrator.client import Orchestrator
from bot.policy_file import PolicyError, read_policy
from bot.service.pauses import NotPausable
from bot.wiring.orchestrator import connection

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from bot.settings import Settings
    from bot.store.store import Store


class NameUnchecked(BotError):
    """Nobody could tell whether there is such a rule or workflow."""


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


async def check_target(target: Target, settings: Settings, store: Store) -> None:
    """NotPausable if there is none of that name, with those there are; NameUnchecked if nobody can tell."""
    match target.scope:
        case Scope.ALL:
            return
        case Scope.RULE:
            try:
                rules = read_policy(settings.policy_file, secrets=None).rules
            except PolicyError as wrong:
                raise NameUnchecked("The policy file cannot be read.") from wrong
            _among(target, {rule.name for rule in rules}, shown=[rule.name for rule in rules])
        case Scope.WORKFLOW:
            try:
                async with Orchestrator(connection(settings, store)) as orchestrator:
                    found = await orchestrator.workflows()
            except (OrchestratorError, ValueError, OSError) as wrong:
                raise NameUnchecked("Orchestrator does not list its workflows.") from wrong
            _among(target, {each.name for each in found} | {each.id for each in found}, shown=())


def _among(target: Target, names: set[str], *, shown: Iterable[str]) -> None:
    if target.name not in names:
        there = ", ".join(f"“{each}”" for each in shown)
        raise NotPausable(
            f"There is not {target}, so nothing was paused." + (f" There are {there}." if there else "")
        )
