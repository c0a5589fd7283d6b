"""Menus: which workflows each person may pick, worked out from list and policy before any keystroke."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.service.workflow_search import WorkflowIndex, folded, list_of, search

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from bot.domain.people import Membership, Place
    from bot.domain.policy import Policy
    from bot.domain.workflow import WorkflowSummary

_MENUS = 500  # kept, one for each combination of audiences that was seen lately
_SEARCHES = 500  # kept: what one types, others type

Value = TypeVar("Value")


class _Recent(Generic[Value]):
    """A cache of what was used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        if key in self._held:
            self._held.move_to_end(key)
            return self._held[key]
        made = self._held[key] = make()
        if len(self._held) > self._most:
            self._held.popitem(last=False)
        return made


@dataclass(frozen=True, kw_only=True)
class Menus:
    """One list under one policy. What a person may pick is a bit set for each audience they belong to."""

    listing: WorkflowIndex
    policy: Policy
    _by_audience: Mapping[int, int]  # bit n: the list's entry n may be run by this audience
    _shows: _Recent[bytes] = field(default_factory=lambda: _Recent(_MENUS))
    _found: _Recent[tuple[WorkflowSummary, ...]] = field(default_factory=lambda: _Recent(_SEARCHES))

    def find(
        self, words: str, *, who: Membership, place: Place | None, limit: int
    ) -> tuple[WorkflowSummary, ...]:
        """The workflows this person may run here that fit the words best."""
        audiences, asked = self.policy.index.audiences_with(who, place), folded(words)
        return self._found.get(
            (audiences, asked, limit),
            lambda: search(self.listing, self._shown_to(audiences), asked, limit=limit),
        )

    def _shown_to(self, audiences: frozenset[int]) -> bytes:
        """For each entry of the list whether one of the audiences may run it: `1` or `0`."""
        return self._shows.get(audiences, lambda: self._joined(audiences))

    def _joined(self, audiences: frozenset[int]) -> bytes:
        bits = 0
        for each in audiences:
            bits |= self._by_audience.get(each, 0)
        return f"{bits:0{len(self.listing.entries)}b}".encode()[::-1]


def renewed(former: Menus, workflows: tuple[WorkflowSummary, ...], policy: Policy) -> Menus:
    """The menus for this list and policy; the former ones, with all they remember, if neither has changed.

    To be done in a thread: 5,000 workflows under 2,000 rules take it some tenths of a second.
    """
    same = former.listing.told == workflows
    if same and former.policy is policy:
        return former
    return menus_of(former.listing if same else list_of(workflows), policy)


def menus_of(listing: WorkflowIndex, policy: Policy) -> Menus:
    """Ask the policy's index once for each folder, and join workflows that the same rules cover."""
    index, in_folder = policy.index, dict[str, frozenset[int]]()
    alike: dict[frozenset[int], bytearray] = defaultdict(lambda: bytearray(len(listing.entries) // 8 + 1))
    for number, entry in enumerate(listing.entries):
        workflow = entry.workflow
        if not workflow.can_execute:
            continue
        if workflow.folder not in in_folder:
            in_folder[workflow.folder] = index.in_folder(workflow.folder)
        rules = in_folder[workflow.folder] | index.by_itself(workflow)
        alike[rules][number // 8] |= 1 << number % 8
    by_audience: dict[int, int] = defaultdict(int)
    for rules, bits in alike.items():
        for audience in index.audiences_of(rules):
            by_audience[audience] |= int.from_bytes(bits, "little")
    return Menus(listing=listing, policy=policy, _by_audience=dict(by_audience))
