"""Objects of Orchestrator's inventory: found while somebody types, and looked up again before a start."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from bot.domain.errors import NothingSent, ObjectGone, OrchestratorError
from bot.domain.forms.found import FormAnswers
from bot.domain.values import Composite, Properties, SdkObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bot.domain.execution import Argument
    from bot.domain.values import Value
    from bot.orchestrator.client import Orchestrator

log = logging.getLogger(__name__)

PATIENCE = 2.5  # seconds a menu waits for the catalogue: Slack gives it three
PAUSE = 0.12  # seconds without another key before the catalogue is asked
LOOKING = 2.0  # seconds a start waits for its objects to be looked up
_CAP = 200  # objects of one search
_DEAF_CAP = 2_000  # objects of a type whose plug-in takes no notice of words: the search is made here
_FRESH = 30.0  # seconds in which a search is not made again
_DEAF = 600.0  # seconds in which a type is taken for deaf
_MOST = 200  # searches kept
_CHECKED = 50  # objects of one launch that are looked up


@dataclass(frozen=True, kw_only=True)
class _Search:
    """What a search found; `whole` when there is no more."""

    until: float
    objects: tuple[SdkObject, ...]
    whole: bool


class Inventory:
    """Answers from memory where it can, else with one capped call however many ask the same."""

    def __init__(self, *, orchestrator: Orchestrator, clock: Callable[[], float] = time.monotonic) -> None:
        self._orchestrator = orchestrator
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], _Search] = OrderedDict()  # by type and folded words
        self._deaf: dict[str, float] = {}  # types whose plug-ins take no notice of words, until when
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._latest: dict[str, object] = {}  # by asker, the search that was asked for last

    async def find(
        self, kind: str, words: str, *, limit: int = 100, asker: str = ""
    ) -> tuple[SdkObject, ...]:
        """The objects of a type whose name or path holds all the words, best first.

        `asker` names the menu somebody types into: of its searches only the last one is made, the others find
        nothing. Raises OrchestratorError, or TimeoutError when the catalogue takes too long.
        """
        folded = " ".join(words.casefold().split())
        found = self._remembered(kind, folded)
        if found is None and asker and not await self._still_wanted(asker):
            return ()
        if found is None:
            async with asyncio.timeout(PATIENCE), self._lock(kind, folded):
                found = self._remembered(kind, folded) or await self._search(kind, folded)
        return _best(found.objects, folded)[:limit]

    async def look_up(self, kind: str, ids: Iterable[str]) -> FormAnswers:
        """The objects of these ids; what is not there, or cannot be told in time, is left out."""
        known = {each.id: each for each in self._known(kind)}
        wanted = list(dict.fromkeys(ids))
        try:
            async with asyncio.timeout(PATIENCE):
                asked = [self._orchestrator.object(kind, each) for each in wanted if each not in known]
                looked = await asyncio.gather(*asked, return_exceptions=True)
        except TimeoutError:
            looked = []
        fresh = {each.id: each for each in looked if isinstance(each, SdkObject)}
        both = known | fresh
        return FormAnswers(objects=tuple(both[each] for each in wanted if each in both))

    async def _still_wanted(self, asker: str) -> bool:
        """Wait for another key; False when there was one."""
        mark = self._latest[asker] = object()
        await asyncio.sleep(PAUSE)
        if self._latest.get(asker) is not mark:
            return False
        del self._latest[asker]
        return True

    def _lock(self, kind: str, words: str) -> asyncio.Lock:
        lock = self._locks.get((kind, words))
        if lock is None:
            lock = self._locks[kind, words] = asyncio.Lock()
        return lock

    def _remembered(self, kind: str, words: str) -> _Search | None:
        """A search for these words, or a whole one for the beginning of them, that is still fresh."""
        for end in (len(words), *range(len(words) - 1, -1, -1)):
            search = self._kept.get((kind, words[:end]))
            if search and self._clock() < search.until and (search.whole or end == len(words)):
                return search
        return None

    def _known(self, kind: str) -> Iterator[SdkObject]:
        for (of, _), search in self._kept.items():
            if of == kind and self._clock() < search.until:
                yield from search.objects

    async def _search(self, kind: str, words: str) -> _Search:
        if self._clock() < self._deaf.get(kind, -1.0):
            return self._remembered(kind, "") or await self._read(kind, "", cap=_DEAF_CAP)
        search = await self._read(kind, words, cap=_CAP)
        if words and not all(_longest(words) in each.name.casefold() for each in search.objects):
            self._deaf[kind] = self._clock() + _DEAF
            if not search.whole:
                return await self._read(kind, "", cap=_DEAF_CAP)
        return search

    async def _read(self, kind: str, words: str, *, cap: int) -> _Search:
        objects = await self._orchestrator.objects(kind, _longest(words), limit=cap)
        search = _Search(until=self._clock() + _FRESH, objects=objects, whole=len(objects) < cap)
        self._kept[kind, words] = search
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return search


def _longest(words: str) -> str:
    """The word the catalogue is asked for: that it heeds several is not known of any plug-in."""
    return max(words.split(), key=len, default="")


def _best(objects: Sequence[SdkObject], words: str) -> tuple[SdkObject, ...]:
    """Those that hold all the words, names that begin with them first."""
    wanted = words.split()
    texts = ((each, f"{each.name}\n{each.path}".casefold()) for each in objects)
    fitting = [each for each, text in texts if all(word in text for word in wanted)]
    return tuple(sorted(fitting, key=lambda each: (not each.name.casefold().startswith(words), each.name)))


# before a start


async def check_objects(
    orchestrator: Orchestrator, arguments: Iterable[Argument], *, labels: Mapping[str, str]
) -> None:
    """ObjectGone if an object these arguments name is provably no longer there.

    What cannot be told in time is left to the workflow; NothingSent is raised, as the start would not leave.
    """
    named = [(each.name, thing) for each in arguments for thing in _objects_in(each.value)][:_CHECKED]
    if not named:
        return
    try:
        async with asyncio.timeout(LOOKING):
            looking = (_is_there(orchestrator, thing) for _, thing in named)
            there = await asyncio.gather(*looking, return_exceptions=True)
    except TimeoutError:
        log.warning("the objects of a launch could not be looked up in time")
        return
    for (name, thing), known in zip(named, there, strict=True):
        if isinstance(known, BaseException):
            raise known
        if not known:
            place = labels.get(name, name)
            raise ObjectGone(
                f"“{thing.name or thing.id}”, given for “{place}”, is no longer in the inventory."
            )


async def _is_there(orchestrator: Orchestrator, thing: SdkObject) -> bool:
    """Whether it is in the catalogue; some types are listed there but not to be had by their id."""
    try:
        if await orchestrator.object(thing.type, thing.id) is not None:
            return True
        listed = await orchestrator.objects(thing.type, "", limit=_CAP)
    except NothingSent:
        raise
    except OrchestratorError as error:
        log.info("an object could not be looked up: %s", type(error).__name__)
        return True
    return any(each.id == thing.id for each in listed)


def _objects_in(value: Value) -> Iterator[SdkObject]:
    match value:
        case SdkObject():
            yield value
        case tuple():
            for each in value:
                yield from _objects_in(each)
        case Properties(entries=pairs) | Composite(members=pairs):
            for _, each in pairs:
                yield from _objects_in(each)
        case _:
            return
