"""A set of people, as the policy names them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.people import Membership


@dataclass(frozen=True, kw_only=True)
class Group:
    """Users and user groups by Slack id, e-mail domains, or every full member."""

    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()  # in lower case; "example.com" is not "sub.example.com"
    everyone: bool = False
    called: tuple[str, ...] = field(default=(), compare=False)  # the named sets of the file it is made of

    def has(self, who: Membership) -> bool:
        """Whether this person belongs to it; an e-mail address counts only where Slack confirmed it."""
        return (
            self.everyone
            or who.person.user_id in self.users
            or bool(self.groups & who.groups)
            or (who.email_confirmed and who.email.rpartition("@")[2].casefold() in self.domains)
        )

    def is_in_doubt(self, who: Membership) -> bool:
        """Whether this person may belong to it by a user group of which Slack did not say who is in it."""
        return not self.has(who) and not self.groups.isdisjoint(who.unread)

    def holds(self, other: Group) -> bool:
        """Whether whoever is in the other is in this one too, whoever that may be."""
        return self.everyone or (
            not other.everyone
            and other.users <= self.users
            and other.groups <= self.groups
            and other.domains <= self.domains
        )

    def __or__(self, other: Group) -> Group:
        return Group(
            users=self.users | other.users,
            groups=self.groups | other.groups,
            domains=self.domains | other.domains,
            everyone=self.everyone or other.everyone,
            called=(*self.called, *other.called),
        )
