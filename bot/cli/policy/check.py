"""`policy check`: whether the policy can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from bot.cli.policy.source import policy_source
from bot.domain.policy.shadows import ways_past

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.policy import Policy, Rule


async def check(*, settings: Path | None, policy: Path | None, out: TextIO) -> int:
    """Say what the policy holds; PolicyError lists what is wrong with it."""
    source = await policy_source(settings_file=settings, policy_file=policy)
    out.write(f"{source.file} is in order: {_holds(source.policy)}.\n")
    ways = [_way(strict, lax) for strict, lax in ways_past(source.policy.rules)]
    out.writelines(f"Note: {note}.\n" for note in (*source.notes, *ways))
    return 0


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
