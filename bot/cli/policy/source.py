"""Which policy is meant: a file by itself, or the bot's own with what the settings and Slack know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.errors import BotError
from bot.domain.people import Membership, Person
from bot.domain.policy import Names
from bot.policy_file import read_policy
from bot.settings import read_settings
from bot.slack.approvers import Approvers
from bot.slack.groups import workspace_groups
from bot.slack.people import People
from bot.slack.tokens import client_of, read_bot_token
from bot.store.database import Clock
from bot.wiring.slack import teams_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bot.domain.policy import Group, Policy
    from bot.settings import Settings


_COUNTED = 100  # people of a group whose profiles are read; the rest count as full members


@dataclass(frozen=True, kw_only=True)
class WorkspaceFacts:
    """What Slack can be asked."""

    team_id: str
    people: Callable[[Policy], People]
    groups: Mapping[str, str] | None  # names by id; None: Slack does not list them


@dataclass(frozen=True, kw_only=True)
class PolicySource:
    """A policy, where it stands, and how to learn who people are."""

    file: Path
    policy: Policy
    workspace: WorkspaceFacts | None = None
    notes: tuple[str, ...] = field(default=())

    async def membership(self, user: str) -> Membership | None:
        """Who this is, as Slack says; None without Slack."""
        there = self.workspace
        if there is None:
            return None
        people = there.people(self.policy)
        return await people.membership(Person(team_id=there.team_id, user_id=user))

    async def count(self, group: Group) -> int | None:
        """How many full members a group has now; None without Slack, or where they cannot be counted."""
        there = self.workspace
        if there is None or group.domains:
            return None
        approvers = Approvers(people=there.people(self.policy))
        able = await approvers.of(group, team_id=there.team_id, excluded=frozenset(), limit=_COUNTED)
        return len(able.users) + able.untold if able is not None and able.is_certain else None

    def names(self, who: Membership) -> Names:
        """How to call people and user groups where that is known."""
        called = (self.workspace.groups if self.workspace else None) or {}
        return Names(
            person=lambda user: who.name if who.name and user == who.person.user_id else user,
            group=lambda group: f"user group {called.get(group, group)}",
        )


async def policy_source(*, settings_file: Path | None, policy_file: Path | None) -> PolicySource:
    """A file named here is read by itself; else the settings name one, and Slack is asked if it answers.

    PolicyError or SettingsError says what is wrong.
    """
    if policy_file is not None:
        note = "neither Slack nor the settings were asked: whether its user groups and secrets exist is open"
        return PolicySource(file=policy_file, policy=read_policy(policy_file, secrets=None), notes=(note,))
    settings = read_settings(file=settings_file)
    workspace, notes = await _workspace(settings)
    policy = read_policy(
        settings.policy_file,
        secrets=frozenset(settings.named_secrets()),
        groups=workspace.groups if workspace else None,
    )
    return PolicySource(file=settings.policy_file, policy=policy, workspace=workspace, notes=notes)


async def _workspace(settings: Settings) -> tuple[WorkspaceFacts | None, tuple[str, ...]]:
    token, api_url = settings.slack_bot_token.get_secret_value(), settings.slack_api_url
    try:
        found = await read_bot_token(token, api_url=api_url, proxy=settings.slack_proxy)
    except BotError as error:
        return None, (f"Slack could not be asked: {error.message}",)
    client = client_of(token, api_url, proxy=settings.slack_proxy)
    groups = await workspace_groups(client)
    notes = () if groups is not None else ("Slack does not list its user groups, so they were not compared",)
    teams = teams_of(settings, found.team_id)

    def people(policy: Policy) -> People:
        return People(client=client, policy=lambda: policy, teams=teams, now=Clock().now)

    return WorkspaceFacts(team_id=found.team_id, people=people, groups=groups), notes
