"""What a vote rests on at its moment: who votes, what the policy says, and the workflow as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.errors import TooLate
from bot.domain.launch import State
from bot.domain.steps import asking, starting
from bot.domain.steps.changes import is_untold
from bot.service.preflight import in_doubt

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.approval import Voter
    from bot.domain.launch import Launch
    from bot.domain.people import Membership
    from bot.domain.policy.ruling import Ruling
    from bot.domain.steps import Step
    from bot.domain.steps.changes import FreshWorkflow


@dataclass(frozen=True, kw_only=True)
class VoteGrounds:
    """Gathered outside the transaction, right before it."""

    voter: Voter
    requester: Membership
    ruling: Ruling  # on the workflow as it is now, where that was read
    ruling_then: Ruling  # by the same policy, on the workflow as it was asked for
    gone: str = ""  # why there is no such workflow any more; empty: there is, or nobody asked


def completes_a_stage(launch: Launch) -> bool:
    """Whether one more yes passes the stage whose turn it is."""
    stage = launch.approval.stage if launch.approval else None
    return stage is not None and len(stage.membership) + 1 >= stage.rule.count


def instead_of_vote(
    launch: Launch, grounds: VoteGrounds, fresh: FreshWorkflow | None, *, now: datetime
) -> tuple[Step, TooLate] | None:
    """What becomes of the request where the workflow is no longer what it was asked for; None: it is.

    It is asked anew, or ends where the policy does not cover the workflow any more. A no that was one before
    the workflow changed, or that is in doubt, is left to the start.
    """
    if launch.state is not State.AWAITING_APPROVAL:
        return None
    if grounds.gone:
        ended = starting.declined(launch, detail=grounds.gone, now=now)
        return ended, _ended(ended)
    if fresh is None:
        return None
    moved_away = grounds.ruling_then.allowed and not grounds.ruling.allowed
    if moved_away and not in_doubt(grounds.ruling, {launch.requester: grounds.requester}):
        ended = asking.no_longer_allowed(launch, grounds.ruling, fresh, now=now)
        return ended, _ended(ended)
    if is_untold(launch, fresh):
        return None
    asked = asking.asked_as_now(launch, grounds.ruling, fresh=fresh, now=now)
    if asked.launch.digest == launch.digest:
        return None
    why = asked.told[0].note
    return asked, TooLate(f"{why} So your click changed nothing. Please look at the request as it is now.")


def _ended(step: Step) -> TooLate:
    detail = step.launch.outcome.detail if step.launch.outcome else ""
    return TooLate(f"{detail} So this request has ended, and your click was not needed.")
