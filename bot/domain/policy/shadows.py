"""Rules that can never decide, because earlier ones cover all they speak of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from bot.domain.policy.group import Group

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.domain.policy.rule import ArgumentTest, Rule

Workflows: TypeAlias = tuple[str, str]  # which kind of selector, and what it says


@dataclass(frozen=True, kw_only=True)
class Shadow:
    """A rule, by its position, and the earlier ones that leave nothing to it."""

    number: int
    behind: tuple[int, ...]


def unreachable(rules: Sequence[Rule]) -> Iterator[Shadow]:
    """Compare what the rules say, without knowing any workflow or person; in doubt a rule can be reached.

    A rule is taken apart into one selector, one user, group or domain, and one channel each. It cannot be
    reached if for each of these parts some earlier rule covers it, whatever the arguments.
    """
    for number, rule in enumerate(rules):
        earlier = [each for each in range(number) if _holds_whenever(rules[each].when, rule.when)]
        behind: list[int] = []
        for part in product(_workflows(rule), _people(rule.run), rule.channels or {None}):
            covering = next((each for each in earlier if _covers(rules[each], *part)), None)
            if covering is None:
                break
            behind.append(covering)
        else:
            yield Shadow(number=number, behind=tuple(sorted(set(behind))))


def _workflows(rule: Rule) -> list[Workflows]:
    named = (("id", rule.ids), ("name", rule.names), ("folder", rule.folders), ("tag", rule.tags))
    return [(kind, each) for kind, members in named for each in sorted(members)]


def _people(group: Group) -> list[Group]:
    if group.everyone:
        return [group]
    return [
        *(Group(users=frozenset({each})) for each in sorted(group.users)),
        *(Group(groups=frozenset({each})) for each in sorted(group.groups)),
        *(Group(domains=frozenset({each})) for each in sorted(group.domains)),
    ]


def _covers(rule: Rule, workflows: Workflows, who: Group, channel: str | None) -> bool:
    if rule.channels and channel not in rule.channels:
        return False
    return rule.run.holds(who) and _selects(rule, workflows)


def _selects(rule: Rule, workflows: Workflows) -> bool:
    if any(_parts(pattern) == ["**"] for pattern in rule.folders):
        return True
    match workflows:
        case "id", each:
            return each in rule.ids
        case "name", each:
            return each in rule.names
        case "tag", each:
            return each in rule.tags
        case _, folder:
            return any(_within(_parts(folder), _parts(pattern)) for pattern in rule.folders)


def _parts(pattern: str) -> list[str]:
    return pattern.strip("/").split("/")


def _within(inner: list[str], outer: list[str]) -> bool:
    """Whether every folder of the inner pattern is one of the outer's; False where that is hard to tell."""
    if inner == outer:
        return True
    if outer[-1] == "**":
        outer, inner = outer[:-1], inner[: len(outer) - 1]
    if len(inner) != len(outer):
        return False
    return all(
        mine == theirs or (theirs == "*" and "**" not in mine)
        for mine, theirs in zip(inner, outer, strict=True)
    )


def _holds_whenever(earlier: Sequence[ArgumentTest], later: Sequence[ArgumentTest]) -> bool:
    """Whether the earlier tests hold, or end in a no, wherever the later ones hold."""
    return all(any(_implies(test, each) for test in later) for each in earlier)


def _implies(test: ArgumentTest, other: ArgumentTest) -> bool:
    if test.name != other.name or bool(test.values) != bool(other.values):
        return False
    if test.values:
        return test.values <= other.values
    above = other.minimum is None or (test.minimum is not None and test.minimum >= other.minimum)
    below = other.maximum is None or (test.maximum is not None and test.maximum <= other.maximum)
    return above and below
