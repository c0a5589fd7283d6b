"""Whether a run found in Orchestrator is the one a launch started without hearing back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.values import Composite, Properties, SdkObject, UnreadableValue, is_secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.execution import Execution, ExecutionSummary
    from bot.domain.launch import Launch
    from bot.domain.values import Value

CLOCKS_DIFFER = timedelta(minutes=2)  # how far Orchestrator's clock may be from ours


def search_from(launch: Launch, *, behind: timedelta = timedelta(0)) -> datetime:
    """The earliest start date a run of this launch can bear; `behind` is what was measured of its clock."""
    return (launch.starting_at or launch.requested_at) - CLOCKS_DIFFER - behind


def candidates(
    launch: Launch,
    seen: Iterable[ExecutionSummary],
    *,
    account: str | None,
    behind: timedelta = timedelta(0),
) -> tuple[ExecutionSummary, ...]:
    """The runs that could be this launch's by date and by who started them; what is unknown could be.

    `account` is the name Orchestrator itself gave the bot in an answer: a login's name may be an alias.
    """
    return tuple(
        run
        for run in seen
        if (run.start_date is None or run.start_date >= search_from(launch, behind=behind))
        and _same_account(run.started_by, account)
    )


def is_ours(launch: Launch, run: Execution) -> bool:
    """Whether every input that can be compared is the one this launch sent."""
    received = {argument.name: argument.value for argument in run.inputs}
    return all(_same(sent.value, received.get(sent.name)) for sent in launch.arguments)


def is_proven(run: ExecutionSummary, *, account: str | None) -> bool:
    """Whether the run was started by the bot's account, both names being known."""
    return bool(account) and bool(run.started_by) and _same_account(run.started_by, account)


def could_claim(launch: Launch, run: ExecutionSummary, whole: Execution, *, behind: timedelta) -> bool:
    """Whether a run could be this launch's by its date and its inputs."""
    return bool(candidates(launch, (run,), account=None, behind=behind)) and is_ours(launch, whole)


def _same_account(name: str, account: str | None) -> bool:
    r"""Compare without realm: `svc@corp.local`, `CORP\svc` and `svc` are one account."""
    if not name or not account:
        return True
    bare = [text.rpartition("\\")[2].partition("@")[0].casefold() for text in (name, account)]
    return bare[0] == bare[1]


def _same(sent: Value, received: Value) -> bool:
    """Whether an input came back as it was sent, as far as that can be told; in doubt it did.

    Orchestrator gives empty text for no value, dates without fractions, Properties in any order, and what it
    hides or the bot cannot read cannot be compared. Numbers are doubles there.
    """
    match sent, received:
        case _, UnreadableValue():
            return True
        case None, _:
            return received in (None, "", (), Properties(entries=()))
        case SdkObject(), SdkObject():
            return (sent.type, sent.id) == (received.type, received.id)
        case tuple(), tuple():
            return len(sent) == len(received) and all(map(_same, sent, received))
        case str(), str():
            return sent.splitlines() == received.splitlines()
        case (int() | float(), int() | float()) if not isinstance(sent, bool):
            return sent == received or _as_double(sent) == _as_double(received)
        case datetime(), datetime():
            return abs(sent - received) < timedelta(seconds=1)
        case Properties(entries=pairs) | Composite(members=pairs), Properties() | Composite():
            return _same_pairs(dict(pairs), received)
        case _:
            return is_secret(sent) or is_secret(received) or sent == received


def _as_double(number: float) -> float:
    """The number as Orchestrator keeps it: above 2^53 not every whole one is a double."""
    try:
        return float(number)
    except OverflowError:
        return float("inf")


def _same_pairs(sent: dict[str, Value], received: Properties | Composite) -> bool:
    found = dict(received.entries if isinstance(received, Properties) else received.members)
    return all(_same(sent.get(name), found.get(name)) for name in sent.keys() | found.keys())
