"""A store on each database, and launches to put into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.launch import Happening, Launch, State
from bot.domain.people import Person, Place
from bot.domain.steps import Due, NewEvent, Step
from bot.domain.workflow import WorkflowRef
from bot.store.database import Clock
from bot.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.store import Store

KEY = "0lmXbLhtmVTVbLlkkpVtDUkNmdCM2zTm6zlEmKJd0VU="


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """An open store, its clock, and how to put launches on it."""

    store: Store
    clock: Clock
    url: str

    def wait(self, seconds: float) -> None:
        """Move the clock on."""
        self.clock.offset += timedelta(seconds=seconds)

    async def put(self, name: str, *, due_in: float = 0, **fields: Any) -> Launch:  # noqa: ANN401 - a launch's
        """A launch that is due in so many seconds, with one event."""
        now = self.store.now()
        given: dict[str, Any] = {
            "id": name,
            "workflow": WorkflowRef(id="wf-1", name="Restart a VM"),
            "arguments": (),
            "requester": Person(team_id="T1", user_id="UADA"),
            "place": Place(channel_id="COPS"),
            "rule": "everybody",
            "requested_at": now,
            "state": State.APPROVED,
        }
        step = Step(
            launch=Launch(**given | fields),
            told=(NewEvent(what=Happening.REQUESTED),),
            due=now + timedelta(seconds=due_in),
        )
        return await self.store.transact(lambda tx: tx.add(step))

    async def get(self, name: str) -> Launch:
        """It, as it is now."""
        return await self.store.transact(lambda tx: tx.launch(name))

    async def save(self, launch: Launch, *what: Happening, due: Due | None = None) -> Launch:
        """Write it with what happened."""
        told = tuple(NewEvent(what=each) for each in what)
        return await self.store.transact(lambda tx: tx.save(Step(launch=launch, told=told, due=due)))


@pytest.fixture
async def shelf(migrated: str) -> AsyncIterator[Shelf]:
    clock = Clock()
    async with open_store(migrated, clock=clock, sealing_keys=[KEY]) as store:
        yield Shelf(store=store, clock=clock, url=migrated)
