"""A person asks; and it is asked anew when it, or who has to approve it, is no longer the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.domain.approval import Approval, Stage, Vote
from bot.domain.digest import short
from bot.domain.errors import TooLate
from bot.domain.launch import Happening, Hold, HoldKind, Launch, State
from bot.domain.policy.explaining import refusal
from bot.domain.steps.changes import is_untold, what_changed, what_moved
from bot.domain.steps.starting import declined
from bot.domain.steps.step import NewEvent, Step
from bot.domain.workflow import WorkflowRef

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.draft import Draft, LaunchOptions
    from bot.domain.execution import Argument
    from bot.domain.people import Membership
    from bot.domain.policy import Rule
    from bot.domain.policy.ruling import Ruling
    from bot.domain.steps.changes import FreshWorkflow
    from bot.domain.workflow import Workflow


def requested(
    draft: Draft,
    *,
    who: Membership,
    ruling: Ruling,
    rule: Rule,
    arguments: tuple[Argument, ...],
    wishes: LaunchOptions,
    fresh: FreshWorkflow,
    now: datetime,
) -> Step:
    """The launch of a submitted draft: waiting for approval where the rule asks for it, else due at once."""
    approval = asked_by(ruling, now=now)
    launch = Launch(
        id=draft.id,
        workflow=reference(fresh.workflow),
        arguments=arguments,
        editors=draft.editors,
        requester=who.person,
        requester_email=who.email,
        about=draft.about,
        place=draft.place,
        rule=rule.name,
        requested_at=now,
        state=State.AWAITING_APPROVAL if approval else State.APPROVED,
        digest=fresh.digest,
        seal=fresh.seal.pairs,
        approval=approval,
        start_at=wishes.start_at,
        foreseen=_foreseen(ruling, now=now),
        break_glass=wishes.break_glass,
        safe_to_repeat=rule.safe_to_repeat,
        audited=rule.audited,
        log=rule.log,
        risk=rule.risk,
        hidden=rule.hidden,
        labels=draft.form.labels,
    )
    told = _told(draft, who=who, wishes=wishes)
    return Step(launch=launch, told=told, due=next_look(launch) if approval else now)


def _told(draft: Draft, *, who: Membership, wishes: LaunchOptions) -> tuple[NewEvent, ...]:
    """Who asked, after which launch it is asked for again, and loudly who passes approval and freezes."""
    again = {"again_of": draft.again_of} if draft.again_of else {}
    asked = NewEvent(what=Happening.REQUESTED, by=who.person, email=who.email, detail=again)
    if not wishes.break_glass:
        return (asked,)
    loud = NewEvent(what=Happening.BREAK_GLASS, by=who.person, email=who.email, note=wishes.break_glass)
    return asked, loud


def _foreseen(ruling: Ruling, *, now: datetime) -> Hold | None:
    """The freeze in which its start falls."""
    if ruling.freeze is None:
        return None
    return Hold(kind=HoldKind.FREEZE, since=now, until=ruling.until, why=ruling.freeze.name)


def reference(workflow: Workflow) -> WorkflowRef:
    """What a launch keeps of the workflow it runs."""
    return WorkflowRef(
        id=workflow.id,
        name=workflow.name,
        version=workflow.version,
        folder=workflow.folder,
        tags=workflow.tags,
    )


def asked_as_now(
    launch: Launch, ruling: Ruling, *, fresh: FreshWorkflow | None = None, now: datetime
) -> Step:
    """The request as policy and workflow are now; where either asks for another approval, votes are void.

    `fresh` is the workflow as it is now, where that was read. A policy that no longer asks for any approval,
    or no longer allows the launch, changes nothing here: what was asked for stays asked for, and the start is
    refused when it comes to it.
    """
    if launch.state is not State.AWAITING_APPROVAL or not ruling.allowed:
        return Step(launch=launch)
    approval = asked_by(ruling, now=now)
    if approval is None:
        return Step(launch=launch)
    is_told = fresh is not None and not is_untold(launch, fresh)
    why = what_changed(launch, fresh) if fresh is not None and is_told else ""
    if not why and not asks_the_same(launch, ruling):
        why = "The policy now asks for another approval."
    if not why:
        return Step(launch=launch)
    return asked_anew(launch, approval, by=ruling, why=why, fresh=fresh if is_told else None)


def no_longer_allowed(launch: Launch, ruling: Ruling, fresh: FreshWorkflow, *, now: datetime) -> Step:
    """The end of a request for a workflow that was moved, renamed or tagged out of the policy's reach."""
    detail = f"{refusal(ruling).message} {what_moved(launch, fresh.workflow)}".strip()
    return declined(launch, detail=detail, now=now)


def asks_the_same(launch: Launch, ruling: Ruling) -> bool:
    """Whether the ruling asks for the approval that the launch was asked for."""
    if launch.approval is None or ruling.rule is None:
        return False
    return launch.approval.asks_as(ruling.approve, editors_may_not=ruling.rule.editors_may_not_approve)


def asked_by(ruling: Ruling, *, now: datetime) -> Approval | None:
    """The approval that a ruling asks for, its first stage open; None if it asks for none."""
    rule = ruling.rule
    if rule is None or not ruling.approve:
        return None
    first, *later = (Stage(rule=stage) for stage in ruling.approve)
    return Approval(
        stages=(first.opened(now), *later),
        editors_may_not=rule.editors_may_not_approve,
        on_expiry=rule.on_expiry,
    )


def next_look(launch: Launch) -> datetime | None:
    """When something is due although nobody decides: a reminder, the second group, the end."""
    stage = launch.approval.stage if launch.approval else None
    return stage.due_at if stage else None


def reopened(launch: Launch, votes: tuple[Vote, ...], told: NewEvent, *, now: datetime) -> Step:
    """The request without these votes, waiting for others."""
    if launch.approval is None:
        raise TooLate
    approval = launch.approval.without(votes, now=now)
    spelled = replace(told, detail={**counted(approval, approval.number or 0), **told.detail})
    return _waiting(launch, approval, spelled)


def _waiting(launch: Launch, approval: Approval, told: NewEvent, **changes: Any) -> Step:  # noqa: ANN401 - fields of Launch
    if launch.state is State.AWAITING_APPROVAL:
        moved = replace(launch, approval=approval, **changes)
    else:
        moved = launch.move(State.AWAITING_APPROVAL, approval=approval, **changes)
    return Step(launch=moved, told=(told,), due=next_look(moved))


def asked_anew(
    launch: Launch, approval: Approval, *, by: Ruling, why: str, fresh: FreshWorkflow | None
) -> Step:
    """What would run, or who has to approve it, is not what was approved: every vote is void.

    Without a fresh workflow, it is sealed to what it was sealed to.
    """
    digest = fresh.digest if fresh else launch.digest
    before = (
        {"digest": short(launch.digest), "now": short(digest), "void": len(launch.approval.votes)}
        if launch.approval
        else {}
    )
    told = NewEvent(what=Happening.ASKED_ANEW, note=why, detail=before)
    sealed = resealed(launch, fresh) if fresh else launch
    return _waiting(under(sealed, by.rule) if by.rule else sealed, approval, told)


def resealed(launch: Launch, fresh: FreshWorkflow) -> Launch:
    """The launch of the workflow as it is now."""
    seal = fresh.seal.pairs if launch.seal else ()
    return replace(launch, workflow=as_it_is(launch, fresh.workflow), digest=fresh.digest, seal=seal)


def as_it_is(launch: Launch, workflow: Workflow) -> WorkflowRef:
    """What the launch keeps of the workflow now; tags that were not read stay as they were."""
    found = reference(workflow)
    return found if found.tags is not None else replace(found, tags=launch.workflow.tags)


def under(launch: Launch, rule: Rule) -> Launch:
    """The launch as this rule has it, which is another one after a move; what was hidden stays hidden."""
    return replace(
        launch,
        rule=rule.name,
        risk=rule.risk,
        hidden=launch.hidden | rule.hidden,
        safe_to_repeat=rule.safe_to_repeat,
        audited=rule.audited,
    )


def counted(approval: Approval, number: int) -> dict[str, Any]:
    """How far a stage is, for the thread and the audit."""
    stage = approval.stages[number]
    counted = {"stage": number + 1, "stages": len(approval.stages)}
    return counted | {"have": len(stage.membership), "need": stage.rule.count}
