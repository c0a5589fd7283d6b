"""Whether an approved launch may start now; else what becomes of it: a hold, a new request, an end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.domain.approval import stands_in
from bot.domain.errors import NotAllowed, NothingSent
from bot.domain.launch import Happening, Hold, HoldKind, Launch
from bot.domain.masking import Masker, hidden_texts
from bot.domain.policy.explaining import refusal
from bot.domain.queueing import QueueEntry
from bot.domain.requesting import check_rule
from bot.domain.steps.asking import asked_anew, asked_by, asks_the_same, reopened
from bot.domain.steps.changes import UNTOLD, is_untold, what_changed, what_moved
from bot.domain.steps.starting import declined, held_up
from bot.domain.steps.step import NewEvent, Step

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from bot.domain.approval import Delegation, Vote
    from bot.domain.pause import Pause
    from bot.domain.people import Membership, Person
    from bot.domain.policy.ruling import Ruling
    from bot.domain.queueing import Queue
    from bot.domain.steps.changes import FreshWorkflow
    from bot.domain.workflow import Workflow

QUEUE_LOOKS = timedelta(seconds=15)  # between two looks of one that waits; whoever ends wakes it sooner
FREEZE_LOOKS = timedelta(minutes=1)  # in a freeze, which a changed policy may lift or shorten
LONGEST_IN_QUEUE = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class PreflightFacts:
    """What was found out right before the start, outside the transaction."""

    ruling: Ruling  # on the workflow as it is now
    fresh: FreshWorkflow
    memberships: Mapping[Person, Membership]  # of the requester, of who voted, and of those they stand in for


def excluded(launch: Launch, ruling: Ruling, workflow: Workflow, *, now: datetime) -> Step | None:
    """What the policy and the clock say of the workflow as it is now; None: go on."""
    if ruling.allowed:
        return held(launch, ruling, now=now)
    detail = f"{refusal(ruling).message} {what_moved(launch, workflow)}".strip()
    return declined(launch, detail=detail, now=now)


def held(launch: Launch, ruling: Ruling, *, now: datetime) -> Step | None:
    """What keeps it waiting for a moment, whatever the workflow is by then; None: go on.

    A ruling that is no yes says nothing here: it may rest on what the workflow was.
    """
    if launch.start_at is not None and launch.start_at > now:
        return _on_hold(launch, Hold(kind=HoldKind.LATER, since=now, until=launch.start_at))
    if ruling.allowed and ruling.freeze is not None:
        hold = Hold(kind=HoldKind.FREEZE, since=now, until=ruling.until, why=ruling.freeze.name)
        soon = now + FREEZE_LOOKS
        return replace(_on_hold(launch, hold), due=min(soon, ruling.until or soon))
    return None


def paused(launch: Launch, pause: Pause, *, now: datetime) -> Step:
    """Held until somebody resumes it."""
    hold = Hold(kind=HoldKind.PAUSED, since=now, why=pause.why, behind_of=pause.by)
    return replace(_on_hold(launch, hold), due=now + QUEUE_LOOKS)


def outdated(
    launch: Launch, facts: PreflightFacts, delegations: Collection[Delegation], *, now: datetime
) -> Step | None:
    """Whether what was approved is what would run, by people who may still approve it; None: it is."""
    rule = facts.ruling.rule
    if rule is not None:
        try:
            check_rule(launch, facts.fresh.workflow, rule)
        except NotAllowed as no:
            return declined(launch, detail=no.message, now=now)
    missing = _not_inputs_any_more(launch, facts.fresh.workflow)
    if missing:
        called = dict(launch.labels).get(missing[0], missing[0])
        return declined(launch, detail=f"The workflow no longer takes the input “{called}”.", now=now)
    if is_untold(launch, facts.fresh):
        cause = NothingSent(f"{UNTOLD} It is not started before that is known.")
        return held_up(launch, cause=cause, now=now)
    approval = asked_by(facts.ruling, now=now)
    why = what_changed(launch, facts.fresh)
    if why and approval is None:
        return declined(launch, detail=f"{why} Open the form again and look at it as it is now.", now=now)
    if approval is not None and not why and not asks_the_same(launch, facts.ruling):
        why = what_moved(launch, facts.fresh.workflow)
        why = f"{why} The policy now asks for another approval.".strip()
    if approval is not None and why:
        return asked_anew(launch, approval, by=facts.ruling, why=why, fresh=facts.fresh)
    return _lapsed(launch, facts, delegations, now=now)


def _not_inputs_any_more(launch: Launch, workflow: Workflow) -> list[str]:
    known = {parameter.name for parameter in workflow.inputs}
    return [argument.name for argument in launch.arguments if argument.name not in known]


def _lapsed(
    launch: Launch, facts: PreflightFacts, delegations: Collection[Delegation], *, now: datetime
) -> Step | None:
    if launch.approval is None or launch.break_glass:
        return None
    votes = launch.approval.lapsed(facts.memberships, delegations, digest=launch.digest)
    if not votes and launch.approval.is_passed:
        return None
    why = " ".join(_lost(vote, facts, delegations) for vote in votes) or "An approval is missing."
    told = NewEvent(what=Happening.ASKED_ANEW, note=why, detail={"void": len(votes)})
    return reopened(launch, votes, told, now=now)


def _lost(vote: Vote, facts: PreflightFacts, delegations: Collection[Delegation]) -> str:
    """Why a vote no longer counts."""
    by, right = _name(vote.by, facts), _name(vote.right, facts)
    if not stands_in(vote, delegations):
        return f"{by} no longer decides for {right}."
    voter = facts.memberships.get(vote.by)
    lost = right if voter and voter.is_member else by
    return f"{lost} may no longer approve this."


def _name(person: Person, facts: PreflightFacts) -> str:
    known = facts.memberships.get(person)
    return known.name if known and known.name else person.user_id


def queued(
    launch: Launch, *, lock: Queue | None, runs: Queue | None, at_most: int | None, now: datetime
) -> Step | None:
    """Whether it is this launch's turn: for its lock, then among all runs; None: it is."""
    since = launch.hold.since if launch.hold and launch.hold.queues else now
    if now - since > LONGEST_IN_QUEUE:
        return declined(launch, detail="It waited a week for its turn.", now=now)
    me = QueueEntry(
        launch_id=launch.id, requester=launch.requester, since=since, goes_first=launch.goes_first
    )
    if lock is not None:
        order = lock.order(me)
        if lock.running or order[0] != me:
            return _in_line(
                launch, Hold(kind=HoldKind.LOCK, since=since, why=_lock_shown(launch)), lock, me, now=now
            )
    if runs is not None and at_most is not None:
        order = runs.order(me)
        if len(runs.running) + order.index(me) >= at_most:
            return _in_line(launch, Hold(kind=HoldKind.FULL, since=since), runs, me, now=now)
    return None


def _lock_shown(launch: Launch) -> str:
    """What the launch locks, as channels may read it."""
    return Masker(hidden_texts(launch)).text(launch.lock) if launch.hidden else launch.lock


def _in_line(launch: Launch, hold: Hold, line: Queue, me: QueueEntry, *, now: datetime) -> Step:
    order = line.order(me)
    place = order.index(me)
    before = order[place - 1] if place else next(iter(line.running), None)
    placed = replace(hold, place=place + 1)
    if before is not None:
        placed = replace(placed, behind=before.launch_id, behind_of=before.requester)
    return replace(_on_hold(launch, placed), due=now + QUEUE_LOOKS)


def _on_hold(launch: Launch, hold: Hold) -> Step:
    """Told once; where only the place in the queue has changed, the card alone shows it."""
    was = launch.hold
    if was is not None and (was.kind, was.until, was.why) == (hold.kind, hold.until, hold.why):
        hold = replace(hold, since=was.since)
        return Step(launch=replace(launch, hold=hold), due=hold.until)
    told = NewEvent(what=Happening.HELD, detail=_spelled(hold))
    return Step(launch=replace(launch, hold=hold, trying_since=None), told=(told,), due=hold.until)


def _spelled(hold: Hold) -> dict[str, Any]:
    spelled = {"kind": hold.kind.value, "why": hold.why, "place": hold.place, "behind": hold.behind}
    until = {"until": hold.until.isoformat()} if hold.until else {}
    return {name: value for name, value in spelled.items() if value} | until
