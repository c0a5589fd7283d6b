"""How the parts of a policy are said, so that whoever never saw the file understands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.policy.arguments import plain
from bot.domain.policy.rule import ConfirmBy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from bot.domain.policy.freezes import Freeze
    from bot.domain.policy.group import Group
    from bot.domain.policy.rule import ArgumentTest, InputRule, StageRule


_HOW = {
    ConfirmBy.CLICK: "",
    ConfirmBy.DIALOG: " in the window that shows all of it",
    ConfirmBy.CODE: " with a one-time code",
}


@dataclass(frozen=True, kw_only=True)
class Names:
    """How to call whom the policy knows by Slack id alone."""

    person: Callable[[str], str] = str
    group: Callable[[str], str] = "user group {}".format
    channel: Callable[[str], str] = "channel {}".format


def people(group: Group, names: Names) -> str:
    """`“operators” (Ada, Ben or user group ops)`."""
    if group.everyone:
        return "every full member of this workspace"
    members = either(
        [
            *map(names.person, sorted(group.users)),
            *map(names.group, sorted(group.groups)),
            *(f"whoever has a confirmed address at {domain}" for domain in sorted(group.domains)),
        ]
    )
    if not group.called:
        return members
    return f"{either(f'“{name}”' for name in group.called)} ({members})"


def either(parts: Iterable[str]) -> str:
    """`a, b or c`."""
    *first, last = list(parts) or ["nobody"]
    return f"{', '.join(first)} or {last}" if first else last


def asked(test: ArgumentTest) -> str:
    """What a rule asks of an argument: `environment is prod or test`, `sizeGb is at least 500`."""
    among = either(sorted(test.values)) if test.values else _bounds(test.minimum, test.maximum)
    return f"{test.name} is {among}"


def limits(extra: InputRule) -> str:
    """What an input may hold: `it has to be at most 500, and of the form [0-9]+`."""
    parts = ["given"] if extra.required else []
    parts += [either(extra.choices)] if extra.choices else []
    if (extra.minimum, extra.maximum) != (None, None):
        parts.append(f"{_bounds(extra.minimum, extra.maximum)} (for a text: characters)")
    parts += [f"of the form {extra.pattern}"] if extra.pattern else []
    return f"it has to be {', and '.join(parts)}"


def _bounds(minimum: float | None, maximum: float | None) -> str:
    low, high = (min(plain(bound or 0)) for bound in (minimum, maximum))
    if maximum is None:
        return f"at least {low}"
    return f"at most {high}" if minimum is None else f"between {low} and {high}"


def lasting(time: timedelta) -> str:
    """`2 days`, `4 hours`, `30 minutes`: the largest unit that fits evenly."""
    units = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
    for unit, length in units:
        if time and not time % length:
            number = time // length
            return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    return f"{time.total_seconds():g} seconds"


def until(freeze: Freeze, end: datetime) -> str:
    """The end of a freeze by the clock it is written for: `Mon 2027-01-04 08:00 (Europe/Berlin)`."""
    return f"{end.astimezone(ZoneInfo(freeze.zone)):%a %Y-%m-%d %H:%M} ({freeze.zone})"


def stage(each: StageRule, names: Names) -> str:
    """`2 different people of … have to approve within 4 hours`."""
    who, how = people(each.by, names), _HOW[each.confirmation]
    if each.count == 1:
        return f"One of {who} has to approve{how} within {lasting(each.within)}"
    return f"{each.count} different people of {who} have to approve{how} within {lasting(each.within)}"
