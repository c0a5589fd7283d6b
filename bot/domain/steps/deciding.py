"""Others decide: votes given and taken back, and the review of a broken glass."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.domain.approval import Approval, Stage, Vote, right_to_vote
from bot.domain.digest import short
from bot.domain.errors import (
    AlreadyDecided,
    CodeMissing,
    MembersUnknown,
    NeedsDialog,
    NotAllowed,
    OwnRequest,
    TooLate,
    not_a_member,
)
from bot.domain.launch import Happening, Launch, Review, State
from bot.domain.policy.rule import ConfirmBy
from bot.domain.steps.asking import counted, next_look, reopened
from bot.domain.steps.step import Due, NewEvent, Step

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.approval import Voter
    from bot.domain.people import Membership
    from bot.domain.policy import Group


def check_vote(
    launch: Launch, voter: Voter, *, seen: str, now: datetime
) -> tuple[Approval, Stage, Membership | None]:
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
    right = right_to_vote(
        approval,
        approval.stage,
        voter,
        requester=launch.identities,
        editors=launch.editors,
        rule=launch.rule,
    )
    return approval, approval.stage, right


def approved(
    launch: Launch, voter: Voter, *, by: ConfirmBy = ConfirmBy.CLICK, comment: str, seen: str, now: datetime
) -> Step:
    """One more yes: the last that is needed approves the launch and claims it for the start."""
    approval, stage, right = check_vote(launch, voter, seen=seen, now=now)
    _check_way(stage, by)
    vote = _vote(launch, voter, right, approved=True, comment=comment, now=now)
    number = approval.stages.index(stage)
    after = approval.with_stage(number, replace(stage, votes=(*stage.votes, vote)))
    last = after.is_passed
    told = NewEvent(
        what=Happening.APPROVED if last else Happening.VOTED,
        by=vote.by,
        email=vote.email,
        note=comment,
        detail=counted(after, number) | _named(vote) | _way(by),
    )
    if last:
        return Step(launch=launch.move(State.APPROVED, approval=after), told=(told,), due=Due.CLAIMED)
    if after.number == number:
        moved = replace(launch, approval=after)
        return Step(launch=moved, told=(told,), due=next_look(moved))
    return _next_stage(launch, after, told, now=now)


def _check_way(stage: Stage, by: ConfirmBy) -> None:
    asked = stage.rule.confirmation
    if not by.covers(asked):
        raise CodeMissing if asked is ConfirmBy.CODE else NeedsDialog


def _way(by: ConfirmBy) -> dict[str, Any]:
    """For the audit: how it was given, where that was more than a click."""
    return {} if by is ConfirmBy.CLICK else {"confirmed_by": by.value}


def _next_stage(launch: Launch, approval: Approval, told: NewEvent, *, now: datetime) -> Step:
    number = approval.number or 0
    opened = approval.with_stage(number, approval.stages[number].opened(now))
    moved = replace(launch, approval=opened)
    opening = NewEvent(what=Happening.STAGE_OPENED, detail=counted(opened, number))
    return Step(launch=moved, told=(told, opening), due=next_look(moved))


def rejected(launch: Launch, voter: Voter, *, reason: str, seen: str, now: datetime) -> Step:
    """One no ends it, with the reason the requester will read."""
    approval, stage, right = check_vote(launch, voter, seen=seen, now=now)
    vote = _vote(launch, voter, right, approved=False, comment=reason, now=now)
    number = approval.stages.index(stage)
    after = approval.with_stage(number, replace(stage, votes=(*stage.votes, vote)))
    told = NewEvent(what=Happening.REJECTED, by=vote.by, email=vote.email, note=reason, detail=_named(vote))
    return Step(launch=launch.move(State.REJECTED, approval=after, ended_at=now), told=(told,))


def vote_withdrawn(launch: Launch, *, who: Membership, now: datetime) -> Step:
    """Somebody takes their yes back, or one given in their name: possible until the start leaves."""
    if launch.approval is None or launch.state not in {State.AWAITING_APPROVAL, State.APPROVED}:
        raise TooLate(f"This launch is {launch.state.value}, so no decision can be taken back any more.")
    theirs = tuple(vote for vote in launch.approval.votes if vote.identities & who.identities)
    if not theirs:
        raise NotAllowed("There is no decision of yours that counts here. Your click changed nothing.")
    told = NewEvent(what=Happening.VOTE_WITHDRAWN, by=who.person, email=who.email)
    return reopened(launch, theirs, told, now=now)


def _vote(
    launch: Launch, voter: Voter, right: Membership | None, *, approved: bool, comment: str, now: datetime
) -> Vote:
    return Vote(
        by=voter.who.person,
        at=now,
        approved=approved,
        comment=comment,
        digest=launch.digest,
        email=voter.who.email,
        stands_in_for=right.person if right else None,
        other_email=right.email if right else "",
    )


def _named(vote: Vote) -> dict[str, Any]:
    named = {"stands_in_for": vote.stands_in_for.user_id} if vote.stands_in_for else {}
    return named | {"digest": vote.digest}


# it passed the barriers for a written reason; somebody looks at that afterwards


def reviewed(launch: Launch, *, who: Membership, reviewers: Group, comment: str, now: datetime) -> Step:
    """Somebody who may, and who did not ask for it, says that they looked."""
    if not launch.wants_review:
        raise TooLate("There is nothing to review here any more. Your click changed nothing.")
    if not who.is_member:
        raise not_a_member(is_known=who.is_known)
    if launch.identities & who.identities:
        raise OwnRequest("You asked for this launch, so somebody else has to review it.")
    if reviewers.is_in_doubt(who):
        raise MembersUnknown
    if not reviewers.has(who):
        raise NotAllowed("You are not among those who review this. Your click changed nothing.")
    told = NewEvent(what=Happening.REVIEWED, by=who.person, email=who.email, note=comment)
    return Step(launch=replace(launch, review=Review(by=who.person, at=now, comment=comment)), told=(told,))
