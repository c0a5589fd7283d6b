"""A person asks, others decide: votes, reminders, and the end of a request that nobody decided in time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.domain.approval import Approval, Stage, Vote, right_to_vote
from bot.domain.digest import short
from bot.domain.errors import AlreadyDecided, NotAllowed, NotAMember, OwnRequest, TooLate
from bot.domain.launch import Happening, Launch, Review, State, WorkflowRef
from bot.domain.policy import OnExpiry
from bot.domain.steps.step import Due, Step, Told

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.approval import Voter
    from bot.domain.draft import Draft, Wishes
    from bot.domain.execution import Argument
    from bot.domain.people import Person, Standing
    from bot.domain.policy import Group, Rule
    from bot.domain.policy.ruling import Ruling
    from bot.domain.workflow import Workflow


def requested(
    draft: Draft,
    *,
    who: Standing,
    ruling: Ruling,
    rule: Rule,
    arguments: tuple[Argument, ...],
    wishes: Wishes,
    digest: str,
    now: datetime,
) -> Step:
    """The launch of a submitted draft: waiting for approval where the rule asks for it, else due at once."""
    approval = asked_by(ruling, now=now)
    launch = Launch(
        id=draft.id,
        workflow=reference(draft.workflow),
        arguments=arguments,
        requester=who.person,
        requester_email=who.email,
        place=draft.place,
        rule=rule.name,
        requested_at=now,
        state=State.AWAITING_APPROVAL if approval else State.APPROVED,
        digest=digest,
        approval=approval,
        start_at=wishes.start_at,
        break_glass=wishes.break_glass,
        safe_to_repeat=rule.safe_to_repeat,
        audited=rule.audited,
        risk=rule.risk,
        hidden=rule.hidden,
    )
    told = [Told(what=Happening.REQUESTED, by=who.person, email=who.email)]
    if wishes.break_glass:
        loud = Told(what=Happening.BREAK_GLASS, by=who.person, email=who.email, note=wishes.break_glass)
        told.append(loud)
    return Step(launch=launch, told=tuple(told), due=next_look(launch) if approval else now)


def reference(workflow: Workflow) -> WorkflowRef:
    """What a launch keeps of the workflow it runs."""
    return WorkflowRef(
        id=workflow.id,
        name=workflow.name,
        version=workflow.version,
        folder=workflow.folder,
        tags=workflow.tags,
    )


def asked_as_now(launch: Launch, ruling: Ruling, *, now: datetime) -> Step:
    """The request as the policy has it now; where that asks for another approval, earlier votes are void.

    A policy that no longer asks for any, or no longer allows the launch, changes nothing here: what was asked
    for stays asked for, and the start is refused when it comes to it.
    """
    if launch.state is not State.AWAITING_APPROVAL or not ruling.allowed:
        return Step(launch=launch)
    approval = asked_by(ruling, now=now)
    if approval is None or asks_the_same(launch, ruling):
        return Step(launch=launch)
    why = "The policy now asks for another approval."
    return asked_anew(launch, approval, why=why, workflow=launch.workflow, digest=launch.digest)


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


# somebody decides


def check_vote(
    launch: Launch, voter: Voter, *, seen: str, now: datetime
) -> tuple[Approval, Stage, Person | None]:
    """What this person can decide now and in whose name; a Refusal says why they cannot.

    `seen` is the short digest of the request they looked at, where that is known.
    """
    approval = launch.approval
    if launch.state is not State.AWAITING_APPROVAL or approval is None or approval.stage is None:
        raise AlreadyDecided(f"This launch is already {launch.state.value}. Your click changed nothing.")
    if approval.stage.expires_at is None or approval.stage.expires_at <= now:
        raise AlreadyDecided("This request has expired. Your click changed nothing; nothing was started.")
    if seen and seen != short(launch.digest):
        raise TooLate(
            "This request has changed since you looked at it, so your click changed nothing. "
            "Please look at it as it is now."
        )
    right = right_to_vote(approval, approval.stage, voter, requester=launch.humans, editors=launch.editors)
    return approval, approval.stage, right


def approved(launch: Launch, voter: Voter, *, comment: str, seen: str, now: datetime) -> Step:
    """One more yes: the last that is needed approves the launch and claims it for the start."""
    approval, stage, right = check_vote(launch, voter, seen=seen, now=now)
    vote = _vote(launch, voter, right, approved=True, comment=comment, now=now)
    number = approval.stages.index(stage)
    after = approval.with_stage(number, replace(stage, votes=(*stage.votes, vote)))
    last = after.is_passed
    told = Told(
        what=Happening.APPROVED if last else Happening.VOTED,
        by=vote.by,
        email=vote.email,
        note=comment,
        detail=_counted(after, number) | _named(vote),
    )
    if last:
        return Step(launch=launch.move(State.APPROVED, approval=after), told=(told,), due=Due.CLAIMED)
    if after.number == number:
        moved = replace(launch, approval=after)
        return Step(launch=moved, told=(told,), due=next_look(moved))
    return _next_stage(launch, after, told, now=now)


def _next_stage(launch: Launch, approval: Approval, told: Told, *, now: datetime) -> Step:
    number = approval.number or 0
    opened = approval.with_stage(number, approval.stages[number].opened(now))
    moved = replace(launch, approval=opened)
    opening = Told(what=Happening.STAGE_OPENED, detail=_counted(opened, number))
    return Step(launch=moved, told=(told, opening), due=next_look(moved))


def rejected(launch: Launch, voter: Voter, *, reason: str, seen: str, now: datetime) -> Step:
    """One no ends it, with the reason the requester will read."""
    approval, stage, right = check_vote(launch, voter, seen=seen, now=now)
    vote = _vote(launch, voter, right, approved=False, comment=reason, now=now)
    number = approval.stages.index(stage)
    after = approval.with_stage(number, replace(stage, votes=(*stage.votes, vote)))
    told = Told(what=Happening.REJECTED, by=vote.by, email=vote.email, note=reason, detail=_named(vote))
    return Step(launch=launch.move(State.REJECTED, approval=after, ended_at=now), told=(told,))


def vote_withdrawn(launch: Launch, *, who: Standing, now: datetime) -> Step:
    """Somebody takes their yes back, or one given in their name: possible until the start leaves."""
    if launch.approval is None or launch.state not in {State.AWAITING_APPROVAL, State.APPROVED}:
        raise TooLate(f"This launch is {launch.state.value}, so no decision can be taken back any more.")
    theirs = tuple(vote for vote in launch.approval.votes if who.person in {vote.by, vote.right})
    if not theirs:
        raise TooLate("There is no decision of yours that counts here. Your click changed nothing.")
    told = Told(what=Happening.VOTE_WITHDRAWN, by=who.person, email=who.email)
    return reopened(launch, theirs, told, now=now)


def reopened(launch: Launch, votes: tuple[Vote, ...], told: Told, *, now: datetime) -> Step:
    """The request without these votes, waiting for others."""
    if launch.approval is None:
        raise TooLate
    approval = launch.approval.without(votes, now=now)
    counted = replace(told, detail={**_counted(approval, approval.number or 0), **told.detail})
    return _waiting(launch, approval, counted)


def _waiting(launch: Launch, approval: Approval, told: Told, **changes: Any) -> Step:  # noqa: ANN401 - fields of Launch
    if launch.state is State.AWAITING_APPROVAL:
        moved = replace(launch, approval=approval, **changes)
    else:
        moved = launch.move(State.AWAITING_APPROVAL, approval=approval, hold=None, **changes)
    return Step(launch=moved, told=(told,), due=next_look(moved))


def asked_anew(launch: Launch, approval: Approval, *, why: str, workflow: WorkflowRef, digest: str) -> Step:
    """What would run, or who has to approve it, is not what was approved: every vote is void."""
    before = (
        {"digest": short(launch.digest), "now": short(digest), "void": len(launch.approval.votes)}
        if launch.approval
        else {}
    )
    told = Told(what=Happening.ASKED_ANEW, note=why, detail=before)
    return _waiting(launch, approval, told, workflow=workflow, digest=digest)


def _vote(
    launch: Launch, voter: Voter, right: Person | None, *, approved: bool, comment: str, now: datetime
) -> Vote:
    return Vote(
        by=voter.who.person,
        at=now,
        approved=approved,
        comment=comment,
        digest=launch.digest,
        email=voter.who.email,
        stands_in_for=right,
    )


def _counted(approval: Approval, number: int) -> dict[str, Any]:
    stage = approval.stages[number]
    counted = {"stage": number + 1, "stages": len(approval.stages)}
    return counted | {"have": len(stage.standing), "need": stage.rule.count}


def _named(vote: Vote) -> dict[str, Any]:
    named = {"stands_in_for": vote.stands_in_for.user_id} if vote.stands_in_for else {}
    return named | {"digest": vote.digest}


# nobody decides


def waited(launch: Launch, *, now: datetime) -> Step:
    """Remind, ask a second group, or end the request, whichever is due."""
    approval, number = launch.approval, launch.approval.number if launch.approval else None
    if approval is None or number is None:
        return Step(launch=launch.move(State.EXPIRED, ended_at=now), told=(Told(what=Happening.EXPIRED),))
    stage = approval.stages[number]
    if stage.opened_at is None or stage.expires_at is None:
        return _with_stage(launch, number, stage.opened(now), ())
    if stage.expires_at <= now:
        return _expired(launch, approval, number, now=now)
    told: tuple[Told, ...] = ()
    late = sum(stage.opened_at + after <= now for after in stage.rule.remind)
    if late > stage.reminded:
        told = (Told(what=Happening.REMINDED, detail=_counted(approval, number)),)
        stage = replace(stage, reminded=late)
    if stage.asks_others_at is not None and stage.asks_others_at <= now:
        told = (Told(what=Happening.ESCALATED, detail=_counted(approval, number)),)
        stage = replace(stage, escalated_at=now)
    return _with_stage(launch, number, stage, told)


def _expired(launch: Launch, approval: Approval, number: int, *, now: datetime) -> Step:
    stage = approval.stages[number]
    if approval.on_expiry is OnExpiry.ESCALATE and stage.rule.escalate and not stage.escalated_at:
        longer = replace(stage, escalated_at=now, expires_at=now + stage.rule.within)
        told = Told(what=Happening.ESCALATED, detail=_counted(approval, number))
        return _with_stage(launch, number, longer, (told,))
    ended = launch.move(State.EXPIRED, ended_at=now)
    return Step(launch=ended, told=(Told(what=Happening.EXPIRED, detail=_counted(approval, number)),))


def _with_stage(launch: Launch, number: int, stage: Stage, told: tuple[Told, ...]) -> Step:
    if launch.approval is None:
        raise TooLate
    moved = replace(launch, approval=launch.approval.with_stage(number, stage))
    return Step(launch=moved, told=told, due=next_look(moved))


# it passed the barriers for a written reason; somebody looks at that afterwards


def reviewed(launch: Launch, *, who: Standing, reviewers: Group, comment: str, now: datetime) -> Step:
    """Somebody who may, and who did not ask for it, says that they looked."""
    if not launch.wants_review:
        raise TooLate("There is nothing to review here any more. Your click changed nothing.")
    if not who.is_member:
        raise NotAMember
    if launch.humans & {who.person.user_id, who.email.casefold()}:
        raise OwnRequest("You asked for this launch, so somebody else has to review it.")
    if not reviewers.has(who):
        raise NotAllowed("You are not among those who review this. Your click changed nothing.")
    told = Told(what=Happening.REVIEWED, by=who.person, email=who.email, note=comment)
    return Step(launch=replace(launch, review=Review(by=who.person, at=now, comment=comment)), told=(told,))
