"""The paths of workflow folders, asked for one by one and remembered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import unquote

from bot.domain.errors import Declined, NotSupported, OrchestratorError, UnreadableAnswer
from bot.orchestrator.reading import last_segment, read
from bot.orchestrator.transport import ApiCall
from bot.orchestrator.wire import CategoryAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bot.orchestrator.transport import Transport
    from bot.orchestrator.wire import WireLine, WorkflowAnswer

_FRESH = 3600.0  # seconds a path is believed; folders are renamed and moved
_UNREAD = 300.0  # seconds in which one whose answer made no sense is not asked for again
_AT_ONCE = 6  # folders asked for at a time


class Folders:
    """Finds the path of a folder by its id, such as `Library/Mail`."""

    def __init__(self, transport: Transport, *, clock: Callable[[], float], seconds: float) -> None:
        self._transport = transport
        self._clock = clock
        self._seconds = seconds
        self._known: dict[str, tuple[float, str]] = {}  # a folder that is not to be seen has an empty path

    async def paths(self, folders: Iterable[str]) -> Mapping[str, str]:
        """The paths of the folders that answer in time; the others are asked for again next time."""
        now = self._clock()
        asked = dict.fromkeys(folder for folder in folders if folder)
        unknown = [folder for folder in asked if folder not in self._known or self._known[folder][0] <= now]
        await self._learn(unknown)
        return {folder: self._known[folder][1] for folder in asked if folder in self._known}

    async def path(self, folder: str) -> str:
        """The path of one folder, as far as it is known; empty if it is not to be seen."""
        return (await self.paths([folder])).get(folder, "")

    async def path_now(self, folder: str) -> str:
        """The same, asked for at this moment, because folders are moved as well; OrchestratorError."""
        if not folder:
            return ""
        try:
            path = await self._ask(folder)
        except Declined:
            path = ""
        self._known[folder] = (self._clock() + _FRESH, path)
        return path

    async def _learn(self, unknown: list[str]) -> None:
        waiting = iter(unknown)
        try:
            async with asyncio.timeout(self._seconds), asyncio.TaskGroup() as group:
                for _ in range(min(_AT_ONCE, len(unknown))):
                    group.create_task(self._work(waiting))
        except TimeoutError:
            return  # what is missing is learnt at the next refresh

    async def _work(self, waiting: Iterable[str]) -> None:
        """Ask for folder after folder, as long as asking makes sense."""
        for folder in waiting:
            try:
                path = await self._ask(folder)
            except NotSupported:
                return
            except Declined:
                path = ""
            except UnreadableAnswer:  # costs this folder only, and keeps the path known before
                _, path = self._known.get(folder, (0.0, ""))
                self._known[folder] = (self._clock() + _UNREAD, path)
                continue
            except OrchestratorError:
                return
            self._known[folder] = (self._clock() + _FRESH, path)

    async def _ask(self, folder: str) -> str:
        answer = await self._transport.send(ApiCall(path=("categories", folder)))
        return await read(answer, CategoryAnswer, _path)


def _path(told: CategoryAnswer) -> str:
    if not (told.path or told.name):
        raise UnreadableAnswer
    return (told.path or told.name).strip("/")


def folder_path(paths: Mapping[str, str], folder: str) -> str:
    """The path of a folder, for the list and for a workflow's own description alike; empty: not known."""
    return paths.get(folder, "")


def folder_id(link: WireLine) -> str:
    """The id of the folder a listed workflow is in."""
    return link.attributes.get("categoryId") or last_segment(link.attributes.get("categoryHref", ""))


def folder_of(answer: WorkflowAnswer) -> str:
    """The id of the folder a workflow is in, by its own word or its `up` link; empty on old servers."""
    above = (
        link.href for link in answer.relations.links if link.rel == "up" and "WorkflowCategory/" in link.href
    )
    return answer.category_id or last_segment(next(above, ""))


def inventory_path(answer: WorkflowAnswer) -> str:
    """The path in a workflow's `up` link, the only place where old servers tell it; quoted twice there."""
    for link in answer.relations.links:
        _, found, path = link.href.partition("/inventory/System/Workflows/")
        if link.rel == "up" and found:
            return unquote(unquote(path)).strip("/")
    return ""
