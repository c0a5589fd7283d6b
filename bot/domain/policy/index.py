"""An index of the rules: which speak of a workflow, and which are for a person, without reading them all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from bot.domain.policy.folders import above

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.domain.people import Membership, Place
    from bot.domain.policy.group import Group
    from bot.domain.policy.rule import AnyWorkflow, Rule

Holder: TypeAlias = tuple[str, str]  # kind and id of what makes somebody a member: a user, group or domain
Key = TypeVar("Key")
Item = TypeVar("Item")

_ANYWHERE, _EVERYONE = "anywhere", ("everyone", "")


@dataclass(frozen=True, kw_only=True)
class RuleAudience:
    """For whom rules are, and in which channels; many rules share one."""

    run: Group
    channels: frozenset[str]

    def has(self, who: Membership, place: Place | None) -> bool:
        """Whether this person is meant here; `place` None: anywhere."""
        here = place is None or not self.channels or place.channel_id in self.channels
        return here and self.run.has(who)


class RuleIndex:
    """Built once per policy, in time that grows with its rules; asked in time that grows with the answer.

    It only narrows down what is looked at. Whether a rule covers a workflow is `Rule.covers` to say, and
    whether somebody belongs to a group `Group.has`.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._by_id = _gathered((each, at) for at, rule in enumerate(rules) for each in rule.ids)
        self._by_name = _gathered((each, at) for at, rule in enumerate(rules) for each in rule.names)
        self._by_tag = _gathered((each, at) for at, rule in enumerate(rules) for each in rule.tags)
        self._by_tags = frozenset(at for at, rule in enumerate(rules) if rule.tags)
        patterns = [(pattern, at) for at, rule in enumerate(rules) for pattern in rule.folder_patterns]
        for pattern, _ in patterns:
            pattern.prepare()
        self._exact = _gathered((each.literal, at) for each, at in patterns if each.is_exact)
        self._below = _gathered((each.anchor, at) for each, at in patterns if each.is_subtree)
        globs = _gathered(
            (each.anchor, (each, at)) for each, at in patterns if not (each.is_exact or each.is_subtree)
        )
        self._globs = {
            anchor: _gathered((each.inner, (each, at)) for each, at in here) for anchor, here in globs.items()
        }
        numbers: dict[RuleAudience, int] = {}
        self._audience_of = tuple(
            numbers.setdefault(RuleAudience(run=rule.run, channels=rule.channels), len(numbers))
            for rule in rules
        )
        self._audiences = tuple(numbers)
        self._by_holder = _gathered(
            ((holder, channel), number)
            for audience, number in numbers.items()
            for holder in _holders(audience.run)
            for channel in (_ANYWHERE, *(audience.channels or {None}))
        )

    # of a workflow

    def in_folder(self, folder: str) -> frozenset[int]:
        """The numbers of the rules that cover whatever is in this folder."""
        found = set(self._exact.get(folder, ()))
        names = {None, *folder.split("/")}
        for each in above(folder):
            found.update(self._below.get(each, ()))
            if each in self._globs:
                near = (self._globs[each].get(name, ()) for name in names)
                found.update(at for pairs in near for pattern, at in pairs if pattern.fits(folder))
        return frozenset(found)

    def by_itself(self, workflow: AnyWorkflow) -> frozenset[int]:
        """The numbers of the rules that cover this workflow by its id, its name or its tags."""
        by_tag = (self._by_tag.get(tag, ()) for tag in workflow.tags or ())
        return frozenset().union(
            self._by_id.get(workflow.id, ()), self._by_name.get(workflow.name, ()), *by_tag
        )

    def concerning(self, workflow: AnyWorkflow) -> list[int]:
        """The numbers of the rules to look at, in order; all that go by tags, where those are not known."""
        doubtful = self._by_tags if workflow.tags is None else frozenset[int]()
        return sorted(self.in_folder(workflow.folder) | self.by_itself(workflow) | doubtful)

    # of a person

    def audiences_of(self, rules: Iterable[int]) -> frozenset[int]:
        """The numbers of the audiences of these rules."""
        return frozenset(self._audience_of[at] for at in rules)

    def audiences_with(self, who: Membership, place: Place | None) -> frozenset[int]:
        """The numbers of the audiences this person belongs to here; `place` None: anywhere."""
        if not who.is_member:
            return frozenset()
        channels = (_ANYWHERE,) if place is None else (None, place.channel_id)
        near = {
            number
            for holder in _holdings(who)
            for channel in channels
            for number in self._by_holder.get((holder, channel), ())
        }
        return frozenset(number for number in near if self._audiences[number].has(who, place))


def _gathered(pairs: Iterable[tuple[Key, Item]]) -> dict[Key, list[Item]]:
    found: dict[Key, list[Item]] = defaultdict(list)
    for key, item in pairs:
        found[key].append(item)
    return dict(found)


def _holders(group: Group) -> Iterator[Holder]:
    """What makes somebody a member of the group."""
    if group.everyone:
        yield _EVERYONE
    for kind, members in (("user", group.users), ("group", group.groups), ("domain", group.domains)):
        yield from ((kind, each) for each in members)


def _holdings(who: Membership) -> Iterator[Holder]:
    """What may make this person a member of a group."""
    yield _EVERYONE
    yield "user", who.person.user_id
    yield from (("group", each) for each in who.groups)
    yield "domain", who.email.rpartition("@")[2].casefold()
