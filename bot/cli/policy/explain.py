"""`policy explain`: which rule decides a wish, and why, in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from bot.cli.policy.source import policy_source
from bot.domain.errors import BotError
from bot.domain.people import Membership, Person, Place
from bot.domain.policy import explain as in_words
from bot.domain.workflow import WorkflowSummary
from bot.policy_file import argument

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.domain.execution import Argument
    from bot.domain.policy import Policy


class NotClear(BotError):
    """The question cannot be answered as it was put."""


@dataclass(frozen=True, kw_only=True)
class ExplainQuery:
    """Who wants to run what where, as typed on the command line."""

    user: str
    channel: str | None
    workflow: str
    folder: str | None = None
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    email: str | None = None
    at: datetime | None = None  # None: now
    break_glass: str = ""
    values: tuple[str, ...] = field(default=(), repr=False)  # name=value; a name said twice is a list


async def explain(question: ExplainQuery, *, settings: Path | None, policy: Path | None, out: TextIO) -> int:
    """Print the answer with its reasons; 0 whichever it is. NotClear if something has to be said too."""
    source = await policy_source(settings_file=settings, policy_file=policy)
    who = _by_hand(question)
    if not (question.groups or question.email):
        who = await source.membership(question.user) or who
    ruling = source.policy.decide(
        workflow=_workflow(question, source.policy),
        who=who,
        place=Place(channel_id=question.channel) if question.channel else None,
        arguments=_arguments(question.values) if question.values else None,
        at=question.at or datetime.now(UTC),
        break_glass=question.break_glass,
    )
    out.write(f"{in_words(ruling, source.names(who))}\n")
    return 0


def _by_hand(question: ExplainQuery) -> Membership:
    return Membership(
        person=Person(team_id="", user_id=question.user),
        is_member=True,
        groups=frozenset(question.groups),
        email=question.email or "",
        email_confirmed=question.email is not None,
    )


def _workflow(question: ExplainQuery, policy: Policy) -> WorkflowSummary:
    """A workflow known by what was typed: its name or its id."""
    if question.folder is None and any(rule.folders for rule in policy.rules):
        raise NotClear("The policy goes by folders: say --folder as well, such as --folder Library/vCenter.")
    return WorkflowSummary(
        id=question.workflow, name=question.workflow, folder=question.folder or "", tags=question.tags
    )


def _arguments(typed: Sequence[str]) -> tuple[Argument, ...]:
    values: dict[str, list[str | float | bool]] = {}
    for pair in typed:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise NotClear(f"“{pair}” is not an argument. Write name=value.")
        values.setdefault(name, []).append(_value(value))
    return tuple(argument(name, said[0] if len(said) == 1 else tuple(said)) for name, said in values.items())


def _value(text: str) -> str | float | bool:
    """Numbers and truth values as such, everything else as text."""
    if text in {"true", "false"}:
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text
