"""An approval: its stages in order, who decided in each, and whether that is enough."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.errors import AlreadyVoted, MembersUnknown, NotAllowed, OwnRequest, not_a_member
from bot.domain.people import identities_of
from bot.domain.policy.rule import OnExpiry

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from bot.domain.people import Membership, Person
    from bot.domain.policy import Group, StageRule
    from bot.domain.preset import Editor


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """Somebody decides in somebody else's name for a while."""

    by: Person
    to: Person
    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at that moment."""
        return self.since <= at < self.until


@dataclass(frozen=True, kw_only=True)
class Voter:
    """Who clicks, and those in whose name they may decide as well."""

    who: Membership
    stands_in_for: tuple[Membership, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Vote:
    """What one person decided, on exactly the request that `digest` seals."""

    by: Person
    at: datetime
    approved: bool
    comment: str = ""
    digest: str = ""
    email: str = ""
    stands_in_for: Person | None = None  # whose right it was, where not their own
    other_email: str = ""  # of whom they stand in for
    withdrawn_at: datetime | None = None

    @property
    def identities(self) -> frozenset[str]:
        """What everybody whom this vote uses up is one human by."""
        return identities_of(self.by, self.email) | identities_of(self.right, self.other_email)

    @property
    def right(self) -> Person:
        """Whose right to decide it rests on."""
        return self.stands_in_for or self.by


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage: what the policy asked for, how far it is, and every vote cast in it."""

    rule: StageRule
    opened_at: datetime | None = None  # None: its turn has not come
    expires_at: datetime | None = None
    reminded: int = 0  # reminders told so far
    escalated_at: datetime | None = None
    votes: tuple[Vote, ...] = ()  # in order of time, withdrawn ones too
    short_since: datetime | None = None  # since when too few are left who could pass it

    @property
    def membership(self) -> tuple[Vote, ...]:
        """The votes that count."""
        return tuple(vote for vote in self.votes if vote.approved and vote.withdrawn_at is None)

    @property
    def is_passed(self) -> bool:
        """Whether enough people said yes."""
        return len(self.membership) >= self.rule.count

    @property
    def missing(self) -> int:
        """How many more votes it takes."""
        return max(0, self.rule.count - len(self.membership))

    @property
    def voters(self) -> Group:
        """Who may decide now."""
        second = self.rule.escalate if self.escalated_at else None
        return self.rule.by | second if second else self.rule.by

    @property
    def due_at(self) -> datetime | None:
        """When somebody is to be reminded or asked as well, or the time is over: whichever is next."""
        if self.opened_at is None or self.expires_at is None:
            return None
        reminders = [self.opened_at + after for after in self.rule.remind[self.reminded :]]
        escalation = [self.asks_others_at] if self.asks_others_at else []
        return min([*reminders, *escalation, self.expires_at])

    @property
    def asks_others_at(self) -> datetime | None:
        """When a second group may decide as well; None if there is none, or it may already."""
        after = self.rule.escalate_after
        if not (self.opened_at and self.rule.escalate and after) or self.escalated_at:
            return None
        return self.opened_at + after

    def opened(self, now: datetime) -> Stage:
        """The stage with its time running anew; whoever was asked as well stays asked."""
        return replace(self, opened_at=now, expires_at=now + self.rule.within, reminded=0)


@dataclass(frozen=True, kw_only=True)
class Approval:
    """The stages a request has to pass, sealed to exactly that request."""

    stages: tuple[Stage, ...]
    editors_may_not: bool = False  # whoever's preset it was filled in with may not decide it
    on_expiry: OnExpiry = OnExpiry.END

    @property
    def number(self) -> int | None:
        """The index of the stage whose turn it is; None if all are passed."""
        return next((number for number, stage in enumerate(self.stages) if not stage.is_passed), None)

    @property
    def stage(self) -> Stage | None:
        """The stage whose turn it is; None if all are passed."""
        return None if self.number is None else self.stages[self.number]

    @property
    def is_passed(self) -> bool:
        """Whether every stage is."""
        return self.number is None

    @property
    def votes(self) -> tuple[Vote, ...]:
        """The votes that count, stage by stage."""
        return tuple(vote for stage in self.stages for vote in stage.membership)

    @property
    def rejection(self) -> Vote | None:
        """The no that ended it."""
        return next((vote for stage in self.stages for vote in stage.votes if not vote.approved), None)

    def asks_as(self, rules: tuple[StageRule, ...], *, editors_may_not: bool) -> bool:
        """Whether these stages ask the same of the same people."""
        asked = tuple(_demand(stage.rule) for stage in self.stages)
        return asked == tuple(map(_demand, rules)) and self.editors_may_not == editors_may_not

    def with_stage(self, number: int, stage: Stage) -> Approval:
        """The approval with one stage replaced."""
        return replace(self, stages=(*self.stages[:number], stage, *self.stages[number + 1 :]))

    def lapsed(
        self, memberships: Mapping[Person, Membership], delegations: Collection[Delegation], *, digest: str
    ) -> tuple[Vote, ...]:
        """The votes that no longer count: whoever cast them lost the right, or they were for another request.

        Whoever is not among `memberships` has lost it, and so has who stands in for somebody without one of
        the `delegations`, which are those in force.
        """
        return tuple(
            vote
            for stage in self.stages
            for vote in stage.membership
            if vote.digest != digest or not _still_may(vote, stage.voters, memberships, delegations)
        )

    def without(self, votes: tuple[Vote, ...], *, now: datetime) -> Approval:
        """Withdraw these votes; a stage that needs votes again gets its time anew."""
        stages = tuple(
            replace(
                stage,
                votes=tuple(
                    replace(vote, withdrawn_at=now) if vote in votes else vote for vote in stage.votes
                ),
            )
            for stage in self.stages
        )
        left = replace(self, stages=stages)
        if left.number is None or left.number == self.number:
            return left
        return left.with_stage(left.number, left.stages[left.number].opened(now))


def right_to_vote(
    approval: Approval,
    stage: Stage,
    voter: Voter,
    *,
    requester: frozenset[str],
    editors: tuple[Editor, ...],
    rule: str,
) -> Membership | None:
    """In whose name this person may decide, None for their own; a Refusal says why they may not.

    `requester` are the Slack id and the e-mail of who asked, `rule` is the name of the one that asks.
    """
    who = voter.who
    if not who.is_member:
        raise not_a_member(is_known=who.is_known)
    if requester & who.identities:
        raise OwnRequest
    edited = frozenset[str]().union(*(each.identities for each in editors if approval.editors_may_not))
    if edited & who.identities:
        theirs = [each for each in editors if each.identities & who.identities]
        what = "your preset" if any(each.preset for each in theirs) else "the values of a launch of yours"
        raise NotAllowed(
            f"This was filled in with {what}, so by the rule “{rule}” somebody else has to decide it. "
            "Your click changed nothing."
        )
    used = frozenset().union(*(vote.identities for vote in approval.votes))
    if used & who.identities:
        raise AlreadyVoted
    if stage.voters.has(who):
        return None
    excluded = requester | edited | used
    for other in voter.stands_in_for if stage.rule.delegable else ():
        if other.is_member and stage.voters.has(other) and not excluded & other.identities:
            return other
    if any(stage.voters.is_in_doubt(each) for each in (who, *voter.stands_in_for)):
        raise MembersUnknown
    raise NotAllowed(
        f"You are not among the approvers whom the rule “{rule}” names. Your click changed nothing."
    )


def _still_may(
    vote: Vote,
    voters: Group,
    memberships: Mapping[Person, Membership],
    delegations: Collection[Delegation],
) -> bool:
    by, right = memberships.get(vote.by), memberships.get(vote.right)
    if by is None or right is None or not stands_in(vote, delegations):
        return False
    return by.is_member and right.is_member and voters.has(right)


def stands_in(vote: Vote, delegations: Collection[Delegation]) -> bool:
    """Whether whoever voted in another's name still stands in for them, by one of those in force."""
    names = (vote.stands_in_for, vote.by)
    return vote.stands_in_for is None or any((each.by, each.to) == names for each in delegations)


def _demand(rule: StageRule) -> tuple[Group, int, Group | None, str, bool]:
    return rule.by, rule.count, rule.escalate, rule.confirm_by, rule.delegable
