"""Sets of people as the policy file names them: who runs, who approves, who breaks the glass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from bot.domain.policy import BreakGlass, DelegationLimits, Group, Notify, StageRule
from bot.domain.policy.policy import LONGEST_DELEGATION
from bot.policy_file.fields import (
    Channel,
    Count,
    Domain,
    Duration,
    NamedPeople,
    Strict,
    User,
    UserGroup,
)

Named: TypeAlias = Mapping[str, Group]  # the section `people`


class NamedSet(Strict):
    """One entry of the section `people`."""

    users: list[User] = []
    groups: list[UserGroup] = []
    domains: list[Domain] = []

    @property
    def is_empty(self) -> bool:
        """Whether nobody is named."""
        return not (self.users or self.groups or self.domains)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.is_empty:
            raise ValueError("names nobody. Give it users, groups or domains")
        return self

    def named(self, name: str) -> Group:
        """The domain's word for it."""
        return Group(
            users=frozenset(self.users),
            groups=frozenset(self.groups),
            domains=frozenset(self.domains),
            called=(name,),
        )


class _People(Strict):
    """People named on the spot, or by a name of the section `people`."""

    users: list[User] = []
    groups: list[UserGroup] = []
    domains: list[Domain] = []
    people: list[NamedPeople] = []

    @property
    def is_empty(self) -> bool:
        """Whether nobody is named."""
        return not (self.users or self.groups or self.domains or self.people)

    def group(self, named: Named) -> Group:
        """The domain's word for it."""
        group = Group(
            users=frozenset(self.users), groups=frozenset(self.groups), domains=frozenset(self.domains)
        )
        for name in self.people:
            group |= named[name]
        return group


class Runners(_People):
    """Who may run."""

    everyone: bool = False

    @model_validator(mode="after")
    def _clear(self) -> Self:
        if self.everyone and not self.is_empty:
            raise ValueError("names people although it says everyone. Keep one of both")
        if not self.everyone and self.is_empty:
            raise ValueError("names nobody. Give it users, groups, domains or people, or everyone: true")
        return self

    def group(self, named: Named) -> Group:
        """The domain's word for it."""
        return Group(everyone=True) if self.everyone else super().group(named)


class Deciders(_People):
    """Who may decide or review."""

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.is_empty:
            raise ValueError("names nobody. Give it users, groups, domains or people")
        return self


class Escalation(Deciders):
    """Who may decide as well, and from when on."""

    after: Duration | None = None


class NotifyModel(Strict):
    """Where else a request is told."""

    channels: list[Channel] = []
    direct: bool = False

    def notify(self) -> Notify:
        """The domain's word for it."""
        return Notify(channels=frozenset(self.channels), direct=self.direct)


class StageFields(Deciders):
    """One stage of an approval."""

    count: Count = 1
    within: Duration = Field(default_factory=lambda: StageRule(by=Group()).within)
    remind: list[Duration] = []
    escalate: Escalation | None = None
    notify: NotifyModel = NotifyModel()
    confirm_by: Literal["click", "dialog", "code"] = "click"
    delegable: bool = True

    @model_validator(mode="after")
    def _can_be_passed(self) -> Self:
        only_users = not (self.groups or self.domains or self.people)
        if only_users and self.count > len(set(self.users)):
            raise ValueError(f"asks for {self.count} people but names {len(set(self.users))}")
        after = self.escalate.after if self.escalate else None
        if after is not None and after >= self.within:
            raise ValueError("escalates only when its time is over. Let `after` be shorter than `within`")
        if self.remind != sorted(set(self.remind)) or any(each >= self.within for each in self.remind):
            raise ValueError("has to remind at growing times, all of them shorter than `within`")
        return self

    def rule(self, named: Named) -> StageRule:
        """The domain's word for it."""
        return StageRule(
            by=self.group(named),
            count=self.count,
            within=self.within,
            remind=tuple(self.remind),
            escalate=self.escalate.group(named) if self.escalate else None,
            escalate_after=self.escalate.after if self.escalate else None,
            notify=self.notify.notify(),
            confirm_by=self.confirm_by,
            delegable=self.delegable,
        )


def _as_list(given: object) -> object:
    return [given] if isinstance(given, dict) else given


Stages = Annotated[list[StageFields], BeforeValidator(_as_list), Field(min_length=1, max_length=10)]


class BreakGlassModel(Deciders):
    """Who may pass a freeze or an approval, and who reviews that."""

    review: Deciders
    notify: NotifyModel = NotifyModel()
    least_reason: Annotated[int, Field(ge=1, le=500)] = 1
    review_first: bool = False

    def rule(self, named: Named) -> BreakGlass:
        """The domain's word for it."""
        return BreakGlass(
            by=self.group(named),
            review=self.review.group(named),
            notify=self.notify.notify(),
            least_reason=self.least_reason,
            review_first=self.review_first,
        )


class DelegationModel(Strict):
    """Who may decide in somebody else's name, and for how long."""

    to: Deciders | None = None
    longest: Duration = LONGEST_DELEGATION

    @model_validator(mode="after")
    def _within_bounds(self) -> Self:
        if self.longest > LONGEST_DELEGATION:
            raise ValueError("lasts longer than 90 days. Let `longest` be 90d or less")
        return self

    def limits(self, named: Named) -> DelegationLimits:
        """The domain's word for it."""
        return DelegationLimits(to=self.to.group(named) if self.to else None, longest=self.longest)
