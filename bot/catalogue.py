"""The workflows people may pick: fetched in the background, kept in memory, filtered by policy."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from bot.domain.errors import NotVisible, OrchestratorError, UnknownWorkflow, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.domain.people import Place, Standing
    from bot.domain.policy import Policy
    from bot.domain.workflow import Workflow, WorkflowSummary
    from bot.orchestrator.client import Orchestrator

log = logging.getLogger(__name__)

REFRESH_SECONDS = 120
_LIKELY = 400  # workflows whose trigrams fit best, from which the closest are chosen
_CLOSE_ENOUGH = 60  # of 100
_REMEMBERED = 500  # searches: what one types, others type


@dataclass(frozen=True, kw_only=True)
class _Entry:
    workflow: WorkflowSummary
    name: str  # folded for comparison, as are the next
    text: str


@dataclass(frozen=True, kw_only=True)
class _Index:
    entries: tuple[_Entry, ...] = ()
    by_id: dict[str, WorkflowSummary] = field(default_factory=dict)
    by_trigram: dict[str, list[int]] = field(default_factory=dict)


class Catalogue:
    """Finds workflows by words; answers from memory only."""

    def __init__(self, *, orchestrator: Orchestrator, policy: Callable[[], Policy]) -> None:
        self._orchestrator = orchestrator
        self._policy = policy
        self._index = _Index()
        self._trouble: OrchestratorError | None = Unreachable("The list of workflows is still being read.")
        self._read_at: datetime | None = None
        self._relevant: tuple[Policy, _Index, tuple[tuple[_Entry, frozenset[int]], ...]] | None = None
        self._open: dict[frozenset[int], list[_Entry]] = {}  # by the rules that count, in order
        self._found: dict[tuple[frozenset[int], str, int], tuple[WorkflowSummary, ...]] = {}  # and by words

    async def refresh(self) -> None:
        """Read Orchestrator's list anew; on failure the former list stays and the trouble is remembered."""
        try:
            found = await self._orchestrator.workflows()
        except OrchestratorError as error:
            since = (
                f"the one of {self._read_at:%F %T} UTC stays in force" if self._read_at else "there is none"
            )
            log.warning("the list of workflows could not be read, %s: %s", since, error.message)
            self._trouble = error
            return
        self._index = await asyncio.to_thread(_index, found)
        self._trouble, self._read_at = None, datetime.now(UTC)

    async def run(self) -> None:
        """Refresh for ever."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_SECONDS if self._trouble is None else 10)

    @property
    def is_read(self) -> bool:
        """Whether there is a list to answer from."""
        return bool(self._index.entries) or self._trouble is None

    def find(
        self, words: str, *, who: Standing, place: Place | None, limit: int = 100
    ) -> tuple[WorkflowSummary, ...]:
        """The workflows this person may run that fit the words best; all of them for no words."""
        if not self.is_read and self._trouble is not None:
            raise self._trouble
        rules, allowed = self._allowed(who, place)
        folded = " ".join(words.casefold().split())
        found = self._found.get((rules, folded, limit))
        if found is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            found = self._found[rules, folded, limit] = self._best(folded, allowed, limit=limit)
        return found

    def _best(self, words: str, allowed: list[_Entry], *, limit: int) -> tuple[WorkflowSummary, ...]:
        fitting = allowed
        for word in words.split():
            fitting = [each for each in fitting if word in each.text]
        if not fitting and words:
            return self._closest(words, allowed, limit=limit)
        if words:
            fitting = sorted(fitting, key=lambda each: _rank(each, words))  # each rank stays in order
        return tuple(each.workflow for each in fitting[:limit])

    def pick(self, words: str, *, who: Standing, place: Place | None) -> tuple[WorkflowSummary, ...]:
        """What `/vro run words` means: the one with that id, those of exactly that name, else what fits."""
        known = self._index.by_id.get(words.strip())
        if known is not None:
            allowed = self._policy().find(workflow=known, who=who, place=place) is not None
            return (known,) if allowed else ()
        found = self.find(words, who=who, place=place)
        exact = tuple(each for each in found if each.name.casefold() == words.strip().casefold())
        return exact or found

    def named(self, words: str) -> tuple[WorkflowSummary, ...]:
        """Every workflow of exactly that name, or that id, whoever may run it."""
        wanted = words.strip()
        known = self._index.by_id.get(wanted)
        if known is not None:
            return (known,)
        return tuple(each.workflow for each in self._index.entries if each.name == wanted.casefold())

    async def definition(self, workflow_id: str) -> Workflow:
        """The workflow as Orchestrator describes it now; UnknownWorkflow if it is gone."""
        try:
            told = await self._orchestrator.workflow(workflow_id)
        except NotVisible as gone:
            raise UnknownWorkflow(
                "This workflow is no longer there, or the bot's account may not see it. Nothing was started."
            ) from gone
        listed = self._index.by_id.get(workflow_id)
        return replace(told, tags=listed.tags) if listed else told

    def _allowed(self, who: Standing, place: Place | None) -> tuple[frozenset[int], list[_Entry]]:
        policy = self._policy()
        open_rules = policy.rules_for(who=who, place=place)
        covered = self._covered(policy)
        if open_rules not in self._open:
            open_ = (entry for entry, rules in covered if not rules.isdisjoint(open_rules))
            self._open[open_rules] = sorted(open_, key=lambda each: (each.name, each.workflow.folder))
        return open_rules, self._open[open_rules]

    def _covered(self, policy: Policy) -> tuple[tuple[_Entry, frozenset[int]], ...]:
        """The workflows any rule speaks of, with those rules; worked out once per list and policy."""
        if self._relevant is None or self._relevant[0] is not policy or self._relevant[1] is not self._index:
            runnable = (each for each in self._index.entries if each.workflow.can_execute)
            spoken_of = ((each, policy.rules_on(each.workflow)) for each in runnable)
            self._relevant = (policy, self._index, tuple(each for each in spoken_of if each[1]))
            self._open.clear()
            self._found.clear()
        return self._relevant[2]

    def _closest(self, words: str, allowed: Sequence[_Entry], *, limit: int) -> tuple[WorkflowSummary, ...]:
        """For words with typing errors: the best by trigrams, of these the closest by name."""
        hits: dict[int, int] = defaultdict(int)
        for trigram in _trigrams(words):
            for number in self._index.by_trigram.get(trigram, ()):
                hits[number] += 1
        likely = {
            self._index.entries[number].workflow.id
            for number in sorted(hits, key=hits.__getitem__)[-_LIKELY:]
        }
        names = {at: each.name for at, each in enumerate(allowed) if each.workflow.id in likely}
        best = process.extract(words, names, scorer=fuzz.WRatio, limit=limit, score_cutoff=_CLOSE_ENOUGH)
        return tuple(allowed[at].workflow for _, _, at in best)


def _index(workflows: Sequence[WorkflowSummary]) -> _Index:
    entries = tuple(
        _Entry(
            workflow=each,
            name=each.name.casefold(),
            text=f"{each.name}\n{each.folder}\n{each.id}\n{' '.join(each.tags)}".casefold(),
        )
        for each in workflows
    )
    by_trigram: dict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        for trigram in set(_trigrams(entry.name)):
            by_trigram[trigram].append(number)
    return _Index(entries=entries, by_id={each.id: each for each in workflows}, by_trigram=dict(by_trigram))


def _trigrams(text: str) -> Iterator[str]:
    return (text[at : at + 3] for at in range(max(1, len(text) - 2)))


def _rank(entry: _Entry, words: str) -> int:
    """Names that begin with the words first, then names that hold them, then the rest."""
    if entry.name.startswith(words):
        return 0
    return 1 if words in entry.name else 2
