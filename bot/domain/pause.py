"""A pause: nothing of what it names starts, in any process, until somebody resumes it. Runs go on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.people import Person


class Scope(Enum):
    """What a pause is of."""

    ALL = "all"
    RULE = "rule"  # of the policy, by name
    WORKFLOW = "workflow"  # by id or name


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is paused; the name is empty for all."""

    scope: Scope
    name: str = ""

    def __str__(self) -> str:
        match self.scope:
            case Scope.ALL:
                return "every launch"
            case Scope.RULE:
                return f"the rule “{self.name}”"
            case Scope.WORKFLOW:
                return f"the workflow “{self.name}”"


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A pause in force: by whom, since when and why; the command line names nobody of Slack's."""

    target: Target
    why: str
    since: datetime
    by: Person | None = None
