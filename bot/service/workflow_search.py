"""Full-text search in the list of workflows: by words, and by trigrams for words with typing errors."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import compress, islice
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bot.domain.workflow import WorkflowSummary

_WORD = re.compile(r"\w+")
_LONGEST = 100  # characters of a search that count
_WORDS = 12  # words of a search that count: each is looked for in every name
_LIKELY = 200  # workflows whose trigrams fit best, from which the closest are chosen
_HITS = 10_000  # places of trigrams looked at for one search, those of rare ones first: 1 ms
_COMPARED = 50  # characters of a search that are compared with names
_CLOSE_ENOUGH = 60  # of 100
SHOWN = ord("1")  # in a menu's `shows`


@dataclass(frozen=True, kw_only=True)
class SearchEntry:
    """A workflow, with its texts folded for comparison."""

    workflow: WorkflowSummary
    name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class WorkflowIndex:
    """Orchestrator's list of workflows, by name, ready to be searched."""

    told: tuple[WorkflowSummary, ...] = ()  # in Orchestrator's order
    entries: tuple[SearchEntry, ...] = ()
    by_id: Mapping[str, WorkflowSummary]
    by_name: Mapping[str, Sequence[WorkflowSummary]]  # folded
    by_trigram: Mapping[str, Sequence[int]]  # of the name; positions among the entries


def list_of(workflows: tuple[WorkflowSummary, ...]) -> WorkflowIndex:
    """Prepare the list for searches; to be done in a thread."""
    entries = tuple(sorted(map(_entry, workflows), key=lambda each: f"{each.name}\0{each.workflow.folder}"))
    by_trigram: dict[str, list[int]] = defaultdict(list)
    by_name: dict[str, list[WorkflowSummary]] = defaultdict(list)
    for number, entry in enumerate(entries):
        by_name[entry.name].append(entry.workflow)
        for trigram in set(_trigrams(entry.name)):
            by_trigram[trigram].append(number)
    return WorkflowIndex(
        told=workflows,
        entries=entries,
        by_id={each.id: each for each in workflows},
        by_name=dict(by_name),
        by_trigram=dict(by_trigram),
    )


def _entry(workflow: WorkflowSummary) -> SearchEntry:
    tags = " ".join(workflow.tags)
    text = f"{workflow.name}\n{workflow.folder}\n{workflow.id}\n{tags}".casefold()
    return SearchEntry(workflow=workflow, name=workflow.name.casefold(), text=text)


def folded(words: str) -> str:
    """The words as they are compared: free of case and of needless blanks."""
    return " ".join(words[:_LONGEST].casefold().split()[:_WORDS])


def is_named_by(workflow: WorkflowSummary, words: str) -> bool:
    """Whether each of the words is a whole word of the workflow's name or folder.

    A search finds what is similar as well; only what is named may be opened without asking: “delete
    snapshot” must not open “Create snapshot”, nor “patch cluster” open “Unpatch cluster”.
    """
    whole = set(_WORD.findall(f"{workflow.folder}/{workflow.name}".casefold()))
    asked = _WORD.findall(words.casefold())
    return bool(asked) and whole.issuperset(asked)


def search(listing: WorkflowIndex, shows: bytes, words: str, *, limit: int) -> tuple[WorkflowSummary, ...]:
    """Those of the list that `shows` marks and the folded words fit best; all of them for no words."""
    shown = compress(listing.entries, map(SHOWN.__eq__, shows))
    if not words:
        return tuple(each.workflow for each in islice(shown, limit))
    fitting = list(shown)
    for word in sorted(set(words.split()), key=len, reverse=True):  # the longest leaves the fewest
        fitting = [each for each in fitting if word in each.text]
    if not fitting:
        return _closest(listing, shows, words, limit=limit)
    return tuple(each.workflow for each in islice(_ranked(fitting, words), limit))


def _ranked(entries: Sequence[SearchEntry], words: str) -> Iterator[SearchEntry]:
    """Names that begin with the words first, then names that hold them, then the rest; each in order."""
    rest: list[SearchEntry] = []
    holding: list[SearchEntry] = []
    for entry in entries:
        if entry.name.startswith(words):
            yield entry
        else:
            (holding if words in entry.name else rest).append(entry)
    yield from holding
    yield from rest


def _closest(listing: WorkflowIndex, shows: bytes, words: str, *, limit: int) -> tuple[WorkflowSummary, ...]:
    """The best by trigrams, of these the closest by name."""
    words = words[:_COMPARED]
    hits: dict[int, int] = defaultdict(int)
    for number in islice(_places(listing, set(_trigrams(words))), _HITS):
        if shows[number] == SHOWN:
            hits[number] += 1
    likely = sorted(sorted(hits, key=lambda number: (-hits[number], number))[:_LIKELY])
    names = {number: listing.entries[number].name for number in likely}
    best = process.extract(words, names, scorer=fuzz.WRatio, limit=limit, score_cutoff=_CLOSE_ENOUGH)
    return tuple(listing.entries[number].workflow for _, _, number in best)


def _places(listing: WorkflowIndex, trigrams: Iterable[str]) -> Iterator[int]:
    """Where the trigrams stand, the rare ones first, because they tell more."""
    found = [listing.by_trigram.get(each, ()) for each in trigrams]
    return (number for places in sorted(found, key=len) for number in places)


def _trigrams(text: str) -> Iterator[str]:
    return (text[at : at + 3] for at in range(max(1, len(text) - 2)))
