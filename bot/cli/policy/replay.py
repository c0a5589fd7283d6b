"""`policy replay`: which past requests another policy would have decided otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from bot.cli.policy.source import policy_source
from bot.domain.people import Membership
from bot.domain.policy import Names
from bot.domain.policy.explaining import refusal
from bot.domain.policy.wording import stage
from bot.policy_file import read_policy
from bot.settings import read_settings
from bot.wiring.store import store_beside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from bot.cli.policy.source import PolicySource
    from bot.domain.launch import Launch
    from bot.domain.people import Person
    from bot.domain.policy import Policy, Ruling
    from bot.store.store import Store

_PAGE = 500  # launches read at a time


async def replay(*, settings: Path | None, policy: Path, since: datetime, out: TextIO) -> int:
    """Hold each request since then against the bot's policy and against this one; 0 whatever differs.

    People are taken as they are today, workflows as they were when they were asked for. PolicyError or
    SettingsError says what is wrong.
    """
    source = await policy_source(settings_file=settings, policy_file=None)
    read = read_settings(file=settings)
    groups = source.workspace.groups if source.workspace else None
    proposed = read_policy(policy, secrets=frozenset(read.named_secrets()), groups=groups)
    tally = ReplayTally(present=Judge.of(source, source.policy), proposed=Judge.of(source, proposed))
    async with store_beside(read) as store:
        async for launch in _requests(store, since):
            out.writelines(f"{line}\n" for line in await tally.compare(launch))
    out.writelines(f"{line}\n" for line in (*tally.lines(since), *source.notes))
    return 0


async def _requests(store: Store, since: datetime) -> AsyncIterator[Launch]:
    after = (since, "")
    while page := await store.launches.requested_after(after, limit=_PAGE):
        for launch in page:
            yield launch
        after = (page[-1].requested_at, page[-1].id)


@dataclass(frozen=True, kw_only=True)
class Judge:
    """One policy, and who people are where that policy is asked."""

    policy: Policy
    look_up: Callable[[Person], Awaitable[Membership]] | None
    _known: dict[Person, Membership] = field(default_factory=dict)

    @classmethod
    def of(cls, source: PolicySource, policy: Policy) -> Judge:
        """The policy with the workspace's people, where Slack can be asked."""
        there = source.workspace
        return cls(policy=policy, look_up=there.people(policy).membership if there else None)

    async def decide(self, launch: Launch) -> Ruling | None:
        """What this policy says of the request; None if that hangs on what nobody can tell."""
        who = await self._membership(launch.requester)
        if not who.is_certain:
            return None
        return self.policy.decide(
            workflow=launch.workflow,
            who=who,
            place=launch.place,
            arguments=launch.arguments,
            at=launch.requested_at,
            break_glass=launch.break_glass,
        )

    async def _membership(self, person: Person) -> Membership:
        if person not in self._known:
            if self.look_up is not None:
                self._known[person] = await self.look_up(person)
            else:
                self._known[person] = Membership(person=person, is_member=True, unread=self.policy.groups)
        return self._known[person]


@dataclass(kw_only=True)
class ReplayTally:
    """What was compared, and how much of it came out otherwise."""

    present: Judge
    proposed: Judge
    seen: int = 0
    otherwise: int = 0
    still_open: int = 0
    in_doubt: int = 0

    async def compare(self, launch: Launch) -> tuple[str, ...]:
        """The lines about a request that would be decided otherwise; none about any other."""
        self.seen += 1
        before, after = await self.present.decide(launch), await self.proposed.decide(launch)
        if before is None or after is None:
            self.in_doubt += 1
            return ()
        if _essence(before) == _essence(after):
            return ()
        self.otherwise += 1
        self.still_open += not launch.state.is_end
        is_open = "" if launch.state.is_end else f"  open: {launch.state.value}"
        who = f"{launch.requester.team_id}/{launch.requester.user_id}"
        return (
            f"{launch.id[:8]}  {launch.requested_at:%Y-%m-%d %H:%M}  {who}  {launch.workflow.name}{is_open}",
            f"    present: {_in_words(before)}",
            f"    new:     {_in_words(after)}",
        )

    def lines(self, since: datetime) -> tuple[str, ...]:
        """The sum of it."""
        those = f"{self.seen} {'request' if self.seen == 1 else 'requests'} since {since:%Y-%m-%d}"
        doubt = f"{self.in_doubt} could not be told: Slack did not say who their requester is today."
        return (
            f"Of {those}, {self.otherwise} would be decided otherwise; {self.still_open} of these are open.",
            *([doubt] if self.in_doubt else []),
            "People are taken as they are today, workflows as they were when they were asked for.",
        )


def _essence(ruling: Ruling) -> tuple[object, ...]:
    """What makes a difference to people: the name of a rule alone does not."""
    lock = ruling.rule.one_at_a_time if ruling.rule and ruling.lock else ""
    return ruling.outcome, _stages(ruling), ruling.freeze and ruling.freeze.name, lock


def _stages(ruling: Ruling) -> tuple[str, ...]:
    return tuple(stage(each, Names()) for each in ruling.approve)


def _in_words(ruling: Ruling) -> str:
    if not ruling.allowed:
        return f"refused. {refusal(ruling).message}"
    rule = f"by “{ruling.rule.name}”" if ruling.rule else ""
    parts = [*_stages(ruling)] or ["nobody has to approve"]
    parts += [f"it waits for the end of the freeze “{ruling.freeze.name}”"] if ruling.freeze else []
    parts += [f"one at a time by {ruling.rule.one_at_a_time}"] if ruling.rule and ruling.lock else []
    return f"allowed {rule}: {'; '.join(parts)}"
