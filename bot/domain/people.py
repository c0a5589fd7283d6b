"""Who acts, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Person:
    """A Slack user, as the signed payload names them."""

    team_id: str
    user_id: str


def identities_of(person: Person, email: str) -> frozenset[str]:
    """What somebody is one human by: the Slack id, which is one across workspaces, and the e-mail."""
    return frozenset({person.user_id, email.casefold()}) - {""}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a launch is told: a channel, or the requester's direct messages with the bot."""

    channel_id: str

    @property
    def is_direct(self) -> bool:
        """Whether this is somebody's direct messages."""
        return self.channel_id.startswith(("D", "U", "W"))


@dataclass(frozen=True, kw_only=True)
class Membership:
    """What is known of a person when rights are decided; gathered from Slack, never from a payload."""

    person: Person
    is_member: bool  # a full, active, human member of an allowed workspace
    groups: frozenset[str] = frozenset()  # Slack user groups they are in, of those the policy names
    unread: frozenset[str] = frozenset()  # those of which nobody can tell just now who is in them
    name: str = ""
    email: str = ""
    email_confirmed: bool = False  # by Slack: only then does its domain count
    outside: frozenset[str] = frozenset()  # channels they are not in, of those that were asked about
    unread_channels: frozenset[str] = frozenset()  # those of which nobody can tell just now
    is_known: bool = True  # False: Slack did not say who they are
    zone: str = "UTC"  # their time zone, an IANA name that exists

    @property
    def is_certain(self) -> bool:
        """Whether all was read that a no may rest on."""
        return self.is_known and not self.unread and not self.unread_channels

    @property
    def identities(self) -> frozenset[str]:
        """What they are one human by."""
        return identities_of(self.person, self.email)
