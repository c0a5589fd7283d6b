"""`policy check`: whether the policy can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from bot.cli.policy.source import policy_source
from bot.domain.policy import Names
from bot.domain.policy.shadows import falls_through, only_self_approves, runs_for_all, ways_past
from bot.domain.policy.wording import people
from bot.slack.delivery.audience import MOST_PEOPLE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bot.cli.policy.source import PolicySource
    from bot.domain.policy import Policy, Rule, StageRule


async def check(*, settings: Path | None, policy: Path | None, out: TextIO) -> int:
    """Say what the policy holds; PolicyError lists what is wrong with it."""
    source = await policy_source(settings_file=settings, policy_file=policy)
    out.write(f"{source.file} is in order: {_holds(source.policy)}.\n")
    out.writelines([f"Asks: {line}.\n" async for line in _told(source)])
    out.writelines(f"Note: {note}.\n" for note in (*source.notes, *_notes(source.policy)))
    return 0


async def _told(source: PolicySource) -> AsyncIterator[str]:
    """For each stage who is told of a request, and how many that are where Slack can be asked."""
    for rule in source.policy.rules:
        for number, stage in enumerate(rule.approve, start=1):
            which = f", stage {number} of {len(rule.approve)}" if len(rule.approve) > 1 else ""
            yield f"“{rule.name}”{which}: {_places(stage, await source.count(stage.by))}"


def _places(stage: StageRule, count: int | None) -> str:
    who = people(stage.by, Names()) if count is None else f"{count} people" if count != 1 else "1 person"
    direct = f"direct messages to {who}"
    if count is not None and count > MOST_PEOPLE:
        direct += f", of whom {MOST_PEOPLE} get one"
    channels = [f"channel {each}" for each in sorted(stage.notify.channels)]
    if channels:
        return " and ".join([*channels, direct] if stage.notify.direct else channels)
    if stage.notify.direct:
        return direct
    if stage.by.domains and not (stage.by.users or stage.by.groups):
        return "the channel it is asked for in alone, so it cannot be asked for in direct messages"
    return f"the channel it is asked for in if enough of them are there, else {direct}"


def _notes(policy: Policy) -> Iterator[str]:
    for rule in runs_for_all(policy.rules):
        yield f"by “{rule.name}” every full member may run every workflow without approval"
    for rule in only_self_approves(policy.rules):
        yield (
            f"“{rule.name}” can never be approved for whoever runs it alone: nobody approves their own "
            "request, and nobody else is named"
        )
    for strict, lax in ways_past(policy.rules):
        yield _way(strict, lax)
    for strict, lax in falls_through(policy.rules):
        yield (
            f"with other values than “{strict.name}” names in `when`, the same people may run the same by "
            f"“{lax.name}” with fewer approvals"
        )


def _way(strict: Rule, lax: Rule) -> str:
    return (
        f"whoever “{strict.name}” does not name, or who is in another channel, may run the same by "
        f"“{lax.name}” with fewer approvals"
    )


def _holds(policy: Policy) -> str:
    parts = [_count(len(policy.rules), "rule"), _count(len(policy.freezes), "freeze")]
    parts += [f"at most {_count(policy.at_most, 'open run')}"] if policy.at_most else []
    parts += ["the glass may be broken"] if policy.break_glass else []
    return ", ".join(parts) if policy.rules else "without a rule nobody may run anything"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
