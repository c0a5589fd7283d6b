"""A subscription: a channel or a person hears of a workflow's runs, whoever started them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bot.domain.execution import ExecutionState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from bot.domain.execution import ExecutionSummary
    from bot.domain.people import Person


class Interest(Enum):
    """Which news of a run is told."""

    STARTED = "started"
    ENDED = "ended"  # however it ended
    FAILED = "failed"


class Happened(Enum):
    """What is told: of a run, or of the subscription itself."""

    STARTED = "started"
    ENDED = "ended"
    LAPSED = "lapsed"  # its owner may no longer run the workflow, so nothing more is told


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """What is listened to, for whom, and since when."""

    id: str
    owner: Person  # whose rights it lives on
    target: str  # the channel that hears it, or the owner's user id
    workflow_id: str  # empty: every workflow below the folder
    name: str  # the workflow's, as it was called then; or the folder's path
    interest: Interest
    since: datetime  # nothing older is told

    @property
    def is_of_folder(self) -> bool:
        """Whether it is for every workflow below a folder."""
        return not self.workflow_id


@dataclass(frozen=True, kw_only=True)
class RunNews:
    """One thing to tell a subscription; never the inputs or outputs of the run."""

    happened: Happened
    workflow_id: str = ""
    workflow_name: str
    execution_id: str = ""
    state: ExecutionState = ExecutionState.OTHER
    started_by: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None


def news_of(
    subscription: Subscription, workflow_id: str, workflow_name: str, runs: Iterable[ExecutionSummary]
) -> Iterator[RunNews]:
    """What the subscription wants to hear of these runs; the same run is news of a kind once."""
    for run in runs:
        happened = _happened(subscription, run)
        if happened is not None:
            yield RunNews(
                happened=happened,
                workflow_id=workflow_id,
                workflow_name=workflow_name,
                execution_id=run.id,
                state=run.state,
                started_by=run.started_by,
                started_at=run.start_date,
                ended_at=run.end_date,
            )


def _happened(subscription: Subscription, run: ExecutionSummary) -> Happened | None:
    match subscription.interest:
        case Interest.STARTED:
            began = run.start_date is not None and run.start_date >= subscription.since
            return Happened.STARTED if began else None
        case Interest.ENDED:
            return _ended(subscription, run) if run.state.is_end else None
        case Interest.FAILED:
            return _ended(subscription, run) if run.state is ExecutionState.FAILED else None


def _ended(subscription: Subscription, run: ExecutionSummary) -> Happened | None:
    """A run whose end bears no date counts by its start: an old end must not be told as news."""
    at = run.end_date or run.start_date
    return Happened.ENDED if at is not None and at >= subscription.since else None
