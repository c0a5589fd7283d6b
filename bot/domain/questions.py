"""A question that a waiting run asks: what is kept of it, how it is recognised, who may answer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.errors import NotAllowed
from bot.domain.outputs import told_text
from bot.domain.workflow import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bot.domain.execution import Execution, Interaction
    from bot.domain.people import Membership
    from bot.domain.policy import Group
    from bot.domain.workflow import ParameterType

SYSTEM_ACTION = "__System_Action"  # the parameter of the question that the error handler of a failed run asks
RESUME = "Resume"  # its value that lets the run try the failed item again
_ANSWERABLE = frozenset(
    {Kind.STRING, Kind.TEXT, Kind.PATH, Kind.REGEXP, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE}
)


@dataclass(frozen=True, kw_only=True)
class RunQuestion:
    """What a launch keeps of the question its run waits with."""

    name: str = ""
    assignees: tuple[str, ...] = ()  # as Orchestrator names them
    until: datetime | None = None
    can_resume: bool = False  # it failed and waits in the error handler: it can be resumed
    cause: str = ""  # of that failure


def key_of(question: Interaction) -> str:
    """What tells a question from the next: the address it is answered at does not say which is meant."""
    asked = sorted((each.name, each.type.declared) for each in question.parameters)
    said = json.dumps([question.id, question.name, asked])
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def kept_of(question: Interaction | None, *, run: Execution | None = None) -> RunQuestion:
    """What is kept of it; `run` is the whole run, where it waits in the error handler."""
    if question is None:
        return RunQuestion()
    return RunQuestion(
        name=told_text(name_of(question))[:300],
        assignees=assignees_of(question)[:20],
        until=question.timeout_date,
        can_resume=can_resume(question),
        cause=told_text(run.content_exception)[:2_000] if run is not None else "",
    )


def name_of(question: Interaction) -> str:
    """What it is called: Orchestrator puts the workflow's name before it."""
    return question.name.rpartition(" : ")[2].strip()


def can_resume(question: Interaction) -> bool:
    """Whether it is the error handler's, of a run that failed: told by its parameter on every version."""
    return any(each.name == SYSTEM_ACTION for each in question.parameters)


def assignees_of(question: Interaction) -> tuple[str, ...]:
    """Whom it asks, as Orchestrator names them; nobody in particular if empty."""
    named = (*question.user_assignees, *question.group_assignees)
    return tuple(dict.fromkeys(named or question.assignees))


def is_answerable(kind: ParameterType) -> bool:
    """Whether a value of this type can be given in Slack; no secret can, for the inbox keeps the form."""
    inner = kind.element if kind.kind is Kind.ARRAY else kind
    return inner.kind in _ANSWERABLE


def check_assignee(question: Interaction, who: Membership, *, known: Mapping[str, Group]) -> None:
    """NotAllowed unless it asks this person: by confirmed e-mail address, or as the policy says."""
    named = assignees_of(question)
    if not named or asks(named, who, known=known):
        return
    shown = ", ".join(named[:10])
    strangers = [each for each in named if each not in known and "@" not in each]
    if strangers:
        raise NotAllowed(
            f"This question is for {shown}. Who that is in Slack is not known: the policy has to say it "
            "under `assignees`. Nothing was answered; they can answer in Orchestrator."
        )
    raise NotAllowed(f"This question is for {shown}: only they can answer it. Nothing was answered.")


def asks(assignees: Iterable[str], who: Membership, *, known: Mapping[str, Group]) -> bool:
    """Whether this person is among those whom a question names."""
    return any(_is(who, each, known) for each in assignees)


def _is(who: Membership, named: str, known: Mapping[str, Group]) -> bool:
    group = known.get(named)
    if group is not None:
        return group.has(who)
    return who.email_confirmed and bool(who.email) and named.casefold() == who.email.casefold()
