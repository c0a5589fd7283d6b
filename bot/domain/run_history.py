"""A workflow's latest runs in numbers: how long it usually takes, and how often it failed lately."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.launch import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.launch import Launch

LOOKED_AT = 40  # runs
_ENOUGH = 3  # runs that went well, to say how long it usually takes


@dataclass(frozen=True, kw_only=True)
class RunHistory:
    """What this bot's own launches tell of a workflow; those that people cancelled do not count."""

    ended: int
    failed: int
    usual: float | None  # seconds, the median of those that went well; None: too few to tell


def run_history(runs: Iterable[Launch]) -> RunHistory:
    """The numbers of these runs."""
    counted = [each for each in runs if each.state in {State.SUCCEEDED, State.FAILED}]
    went_well = [each.took for each in counted if each.state is State.SUCCEEDED and each.took is not None]
    return RunHistory(
        ended=len(counted),
        failed=sum(each.state is State.FAILED for each in counted),
        usual=statistics.median(went_well) if len(went_well) >= _ENOUGH else None,
    )
