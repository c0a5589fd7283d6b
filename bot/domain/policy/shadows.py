"""What rules do to each other: those that can never decide, and those that let others past an approval."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import merge
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from bot.domain.policy.group import Group

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.domain.policy.rule import ArgumentTest, Rule, StageRule

Workflows: TypeAlias = tuple[str, str]  # which kind of selector, and what it says

_ANYWHERE: Workflows = ("folder", "**")  # the index key of patterns whose first folder is a wildcard


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
    index: dict[Workflows, list[int]] = {}  # numbers of earlier rules, ascending
    for number, rule in enumerate(rules):
        behind: set[int] = set()
        for part in product(_workflows(rule), _people(rule.run), rule.channels or {None}):
            candidates = merge(index.get(_index_key(part[0]), ()), index.get(_ANYWHERE, ()))
            covering = next((each for each in candidates if _decides_first(rules[each], rule, *part)), None)
            if covering is None:
                break
            behind.add(covering)
        else:
            yield Shadow(number=number, behind=tuple(sorted(behind)))
        for key in {_index_key(each) for each in _workflows(rule)}:
            index.setdefault(key, []).append(number)


def _index_key(workflows: Workflows) -> Workflows:
    """What a selector shares with all that could cover it, but for those of _ANYWHERE.

    Comparing each rule with each earlier one takes seconds for a few thousand rules.
    """
    kind, said = workflows
    if kind != "folder":
        return workflows
    first = _parts(said)[0]
    return _ANYWHERE if first in {"*", "**"} else (kind, first)


def _decides_first(earlier: Rule, rule: Rule, workflows: Workflows, who: Group, channel: str | None) -> bool:
    return _covers(earlier, workflows, who, channel) and _holds_whenever(earlier.when, rule.when)


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


def ways_past(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Rules that ask for approval, each with a later one that asks the people it does not name for less.

    Whoever the first is not for, by person or channel, falls through to the second. Only what is sure to be
    the same workflow counts, unless their arguments keep them apart.
    """
    for number, strict in enumerate(rules):
        for lax in rules[number + 1 :]:
            asks_less = _approvals(lax) < _approvals(strict)
            if asks_less and _meet(strict, lax) and not _inside(lax, strict):
                yield strict, lax


def falls_through(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Approval rules with `when`, each with a laxer later one without, which takes all their other values."""
    for number, strict in enumerate(rules):
        lax = next((each for each in rules[number + 1 :] if _takes_the_rest(each, strict)), None)
        if strict.when and strict.approve and lax is not None:
            yield strict, lax


def _takes_the_rest(lax: Rule, strict: Rule) -> bool:
    return not lax.when and _approvals(lax) < _approvals(strict) and _meet(strict, lax)


def runs_for_all(rules: Sequence[Rule]) -> Iterator[Rule]:
    """Rules by which everybody may run everything, without approval."""
    for rule in rules:
        is_all = any(_parts(pattern) == ["**"] for pattern in rule.folders)
        if is_all and rule.run.everyone and not (rule.approve or rule.channels or rule.when):
            yield rule


def only_self_approves(rules: Sequence[Rule]) -> Iterator[Rule]:
    """Rules with a stage that the one person who may run them would have to approve alone."""
    for rule in rules:
        if len(rule.run.users) == 1 and rule.run == Group(users=rule.run.users):
            yield from [rule] * any(_is_left_to(rule.run, stage) for stage in rule.approve)


def _is_left_to(runner: Group, stage: StageRule) -> bool:
    return stage.by == runner and (stage.escalate is None or stage.escalate == runner)


def _approvals(rule: Rule) -> int:
    return sum(stage.count for stage in rule.approve)


def _meet(first: Rule, second: Rule) -> bool:
    workflows = any(_selects(second, each) for each in _workflows(first)) or any(
        _selects(first, each) for each in _workflows(second)
    )
    return workflows and not any(_apart(one, two) for one in first.when for two in second.when)


def _apart(one: ArgumentTest, two: ArgumentTest) -> bool:
    """Whether no argument can meet both; False where that is hard to tell."""
    if one.name != two.name:
        return False
    if one.values and two.values:
        return one.values.isdisjoint(two.values)
    low = max((each.minimum for each in (one, two) if each.minimum is not None), default=None)
    high = min((each.maximum for each in (one, two) if each.maximum is not None), default=None)
    return low is not None and high is not None and low > high


def _inside(inner: Rule, outer: Rule) -> bool:
    """Whether it is for no other people and channels."""
    here = not outer.channels or (bool(inner.channels) and inner.channels <= outer.channels)
    return here and outer.run.holds(inner.run)
