"""The policy: its rules in the order of the file, and what holds for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from bot.domain.policy.explaining import refusal
from bot.domain.policy.index import RuleIndex
from bot.domain.policy.judging import judge
from bot.domain.policy.rule import Notify
from bot.domain.policy.ruling import Wish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.domain.execution import Argument
    from bot.domain.people import Membership, Place
    from bot.domain.policy.freezes import Freeze
    from bot.domain.policy.group import Group
    from bot.domain.policy.rule import AnyWorkflow, Rule
    from bot.domain.policy.ruling import Ruling


@dataclass(frozen=True, kw_only=True)
class BreakGlass:
    """Who may pass a freeze or an approval with a written reason, and who reviews that afterwards."""

    by: Group
    review: Group
    notify: Notify = field(default_factory=Notify)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The whole file."""

    rules: tuple[Rule, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    break_glass: BreakGlass | None = None
    at_most: int | None = None  # open runs on this Orchestrator
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
    def deciders(self) -> frozenset[str]:
        """Every user the policy names as an approver or reviewer."""
        return frozenset().union(*(group.users for group in self._deciders()))

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
        if self.break_glass:
            yield self.break_glass.by

    def _deciders(self) -> Iterator[Group]:
        for stage in (stage for rule in self.rules for stage in rule.approve):
            yield stage.by
            if stage.escalate:
                yield stage.escalate
        if self.break_glass:
            yield self.break_glass.review
