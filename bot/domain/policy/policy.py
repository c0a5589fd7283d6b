"""The policy and its decision: the first rule in file order that fits decides, and doubt counts as a no."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from bot.domain.policy.arguments import Fit, fit, lock_of
from bot.domain.policy.bounds import out_of_bounds
from bot.domain.policy.explaining import refusal
from bot.domain.policy.freezes import frozen
from bot.domain.policy.index import RuleIndex
from bot.domain.policy.rule import InFreeze, Notify
from bot.domain.policy.ruling import Reason, Ruling, Why, Wish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.domain.execution import Argument
    from bot.domain.people import Membership, Place
    from bot.domain.policy.freezes import Freeze
    from bot.domain.policy.group import Group
    from bot.domain.policy.rule import AnyWorkflow, Rule

log = logging.getLogger(__name__)

LONGEST_DELEGATION = timedelta(days=90)
_PASSED_OVER = (  # the last is nearest to a yes
    Why.OTHER_PEOPLE,
    Why.OTHER_CHANNELS,
    Why.NOT_IN_CHANNEL,
    Why.OTHER_ARGUMENTS,
)


@dataclass(frozen=True, kw_only=True)
class BreakGlass:
    """Who may pass a freeze or an approval with a written reason, and who reviews that afterwards."""

    by: Group
    review: Group
    notify: Notify = field(default_factory=Notify)
    least_reason: int = 1  # characters, blanks aside
    review_first: bool = False  # nobody does so again while one of theirs awaits its review

    def wrong_reason(self, reason: str) -> str:
        """What is wrong with a written reason, as its field says it; empty if nothing is."""
        if len("".join(reason.split())) >= self.least_reason:
            return ""
        return f"Write down why it cannot wait, in {self.least_reason} letters or more: everybody reads it."


@dataclass(frozen=True, kw_only=True)
class DelegationLimits:
    """Who may decide in somebody else's name, and for how long."""

    to: Group | None = None  # None: any full member
    longest: timedelta = LONGEST_DELEGATION


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The whole file."""

    rules: tuple[Rule, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    break_glass: BreakGlass | None = None
    delegation: DelegationLimits = field(default_factory=DelegationLimits)
    pause: Group | None = None  # who may pause and resume launches
    at_most: int | None = None  # open runs on this Orchestrator
    assignees: tuple[tuple[str, Group], ...] = ()  # who those are that Orchestrator's questions name
    is_read: bool = (
        True  # False: nobody knows what the file means, so nothing may, and nothing is refused for good
    )

    def decide(
        self,
        *,
        workflow: AnyWorkflow,
        who: Membership,
        place: Place | None,
        arguments: tuple[Argument, ...] | None = None,
        at: datetime | None = None,
        break_glass: str = "",
    ) -> Ruling:
        """What holds for this wish, and why; anything that cannot be told for sure is a no.

        Before the arguments are known (None), a rule that goes by arguments counts as one that may decide.
        Without a moment (None), freezes are left aside; without a place (None), so are channels.
        """
        return judge(
            self,
            Wish(
                workflow=workflow,
                who=who,
                place=place,
                arguments=arguments,
                at=at,
                break_glass=break_glass,
            ),
        )

    def find(self, *, workflow: AnyWorkflow, who: Membership, place: Place | None) -> Rule | None:
        """The first rule under which this person may run this workflow here; `place` None: anywhere."""
        ruling = self.decide(workflow=workflow, who=who, place=place)
        return ruling.rule if ruling.allowed else None

    def may_see(self, *, workflow: AnyWorkflow, who: Membership) -> bool:
        """Whether some rule on this workflow names this person, to run it anywhere or to decide about it."""
        if not who.is_member:
            return False
        rules = (self.rules[number] for number in self.index.concerning(workflow))
        return any(
            rule.covers(workflow) and any(group.has(who) for group in (rule.run, *_deciders_of(rule)))
            for rule in rules
        )

    @cached_property
    def index(self) -> RuleIndex:
        """The rules by what they speak of; building it takes long enough to be done in a thread."""
        return RuleIndex(self.rules)

    def rules_on(self, workflow: AnyWorkflow) -> frozenset[int]:
        """The numbers of the rules that speak of this workflow."""
        return self.index.in_folder(workflow.folder) | self.index.by_itself(workflow)

    def prepare(self) -> None:
        """Work out what grows with the number of rules; in a thread, so that it holds nobody up."""
        _ = self.index, self.groups, self.deciders

    def allow(
        self,
        *,
        workflow: AnyWorkflow,
        who: Membership,
        place: Place,
        arguments: tuple[Argument, ...] | None = None,
        at: datetime | None = None,
    ) -> Rule:
        """The rule that decides, if it says yes; NotAMember, NotAllowed or NotHere says why not."""
        ruling = self.decide(workflow=workflow, who=who, place=place, arguments=arguments, at=at)
        if ruling.allowed and ruling.rule is not None:
            return ruling.rule
        raise refusal(ruling)

    @cached_property
    def groups(self) -> frozenset[str]:
        """Every Slack user group the policy names."""
        return frozenset().union(*(group.groups for group in self._people()))

    @cached_property
    def goes_by_tags(self) -> bool:
        """Whether any rule does, so that a workflow's tags have to be known."""
        return any(rule.tags for rule in self.rules)

    @cached_property
    def deciders(self) -> frozenset[str]:
        """Every user the policy names as an approver or reviewer."""
        return frozenset().union(*(group.users for group in self._deciders()))

    @cached_property
    def channels(self) -> frozenset[str]:
        """Every channel some rule is for alone."""
        return frozenset().union(*(rule.channels for rule in self.rules))

    @property
    def notified(self) -> frozenset[str]:
        """Every channel in which approvers or reviewers are asked."""
        stages = (stage.notify.channels for rule in self.rules for stage in rule.approve)
        glass = (self.break_glass.notify.channels,) if self.break_glass else ()
        return frozenset().union(*stages, *glass)

    @property
    def secrets(self) -> frozenset[str]:
        """Every named secret some rule allows."""
        return frozenset().union(*(rule.secrets for rule in self.rules))

    def _people(self) -> Iterator[Group]:
        yield from (rule.run for rule in self.rules)
        yield from self._deciders()
        yield from (group for _, group in self.assignees)
        if self.break_glass:
            yield self.break_glass.by
        if self.delegation.to:
            yield self.delegation.to
        if self.pause:
            yield self.pause

    def _deciders(self) -> Iterator[Group]:
        yield from (group for rule in self.rules for group in _deciders_of(rule))
        if self.break_glass:
            yield self.break_glass.review


def _deciders_of(rule: Rule) -> Iterator[Group]:
    for stage in rule.approve:
        yield stage.by
        if stage.escalate:
            yield stage.escalate


def judge(policy: Policy, wish: Wish) -> Ruling:
    """Look at the rules that may concern the workflow, one by one until one decides."""
    if not wish.who.is_member:
        return _no(wish, None, (Reason(why=Why.NOT_A_MEMBER),))
    if not policy.is_read:
        return _no(wish, None, (Reason(why=Why.NO_POLICY),))
    passed: list[Reason] = []
    for rule in (policy.rules[number] for number in policy.index.concerning(wish.workflow)):
        try:
            found = _look(rule, wish)
            if found is not None and found.why not in _PASSED_OVER:
                return _settle(policy, rule, wish, (*passed, found))
        except Exception:  # whatever goes wrong in evaluating, the answer is no
            log.exception("the policy rule %s could not be evaluated", rule.name)
            return _no(wish, rule, (*passed, Reason(why=Why.FAILED, rule=rule)))
        passed += [found] if found else []
    nearest = max(passed, key=lambda each: _PASSED_OVER.index(each.why)).rule if passed else None
    return _no(wish, nearest, (*passed, Reason(why=Why.NO_RULE)))


def _no(wish: Wish, rule: Rule | None, reasons: tuple[Reason, ...]) -> Ruling:
    return Ruling(allowed=False, wish=wish, rule=rule, reasons=reasons)


def _look(rule: Rule, wish: Wish) -> Reason | None:
    """What one rule says of the wish; None if it is for other workflows."""
    unknown_tags = bool(rule.tags) and wish.workflow.tags is None
    covers = rule.covers(wish.workflow)
    if not covers and not unknown_tags:
        return None
    theirs = rule.run.has(wish.who)
    in_doubt = rule.run.is_in_doubt(wish.who)
    if not theirs and not in_doubt:
        return Reason(why=Why.OTHER_PEOPLE, rule=rule)
    where = _look_at_place(rule, wish)
    if where is not None and where in _PASSED_OVER:
        return Reason(why=where, rule=rule)
    if in_doubt or not covers:
        return Reason(why=Why.NO_MEMBERS if in_doubt else Why.NO_TAGS, rule=rule)
    return Reason(why=where, rule=rule) if where is not None else _look_at_arguments(rule, wish)


def _look_at_place(rule: Rule, wish: Wish) -> Why | None:
    """Why a rule that is for some channels is not for this wish; None: it is, or is for any place."""
    if wish.place is None or not rule.channels:
        return None
    channel = wish.place.channel_id
    if channel not in rule.channels:
        return Why.OTHER_CHANNELS
    if channel in wish.who.outside:
        return Why.NOT_IN_CHANNEL
    return Why.NO_CHANNEL if channel in wish.who.unread_channels else None


def _look_at_arguments(rule: Rule, wish: Wish) -> Reason:
    """Whether the rule is for these arguments: one surely different passes it over, else doubt is a no."""
    if wish.arguments is None:
        return Reason(why=Why.MAY_DECIDE if rule.when else Why.DECIDES, rule=rule)
    tried = [(test, fit(test, wish.arguments)) for test in rule.when]
    for test, found in sorted(tried, key=lambda each: each[1] is not Fit.NO):
        if found is Fit.NO:
            return Reason(why=Why.OTHER_ARGUMENTS, rule=rule, argument=test.name, fit=found)
        if found is not Fit.YES:
            return Reason(why=Why.NO_ANSWER, rule=rule, argument=test.name, fit=found)
    outside = out_of_bounds(rule, wish.arguments)
    if outside is not None:
        return Reason(why=Why.OUT_OF_BOUNDS, rule=rule, argument=outside)
    if rule.one_at_a_time and lock_of(rule, wish.arguments) is None:
        return Reason(why=Why.NO_LOCK, rule=rule)
    return Reason(why=Why.DECIDES, rule=rule)


def _settle(policy: Policy, rule: Rule, wish: Wish, reasons: tuple[Reason, ...]) -> Ruling:
    """The answer of the rule that decides."""
    if reasons[-1].why not in {Why.DECIDES, Why.MAY_DECIDE}:
        return _no(wish, rule, reasons)
    lock, at_most = lock_of(rule, wish.arguments or ()) or "", policy.at_most
    if wish.break_glass:
        theirs = policy.break_glass is not None and policy.break_glass.by.has(wish.who)
        reasons = (*reasons, Reason(why=Why.GLASS_BROKEN if theirs else Why.GLASS_NOT_THEIRS, rule=rule))
        return Ruling(allowed=theirs, wish=wish, rule=rule, reasons=reasons, lock=lock, at_most=at_most)
    free = Ruling(
        allowed=True,
        wish=wish,
        rule=rule,
        reasons=reasons,
        approve=rule.approve,
        lock=lock,
        at_most=at_most,
    )
    held = frozen(policy.freezes, wish.at) if wish.at and rule.in_freeze is not InFreeze.RUN else None
    return free if held is None else _freeze(free, rule, *held)


def _freeze(free: Ruling, rule: Rule, freeze: Freeze, until: datetime) -> Ruling:
    """What would hold outside the freeze, made to wait for its end or refused."""
    waits = rule.in_freeze is InFreeze.WAIT
    why = Why.FREEZE_WAITS if waits else Why.FREEZE_REFUSES
    reason = Reason(why=why, rule=rule, freeze=freeze, until=until)
    return replace(free, allowed=waits, reasons=(*free.reasons, reason), freeze=freeze, until=until)
