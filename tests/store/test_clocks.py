"""The database's clock: read again and again, and what becomes of leases when it is set back."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.store.database import LEASE, Clock, Reading
from bot.store.inbox import NotedInteraction

if TYPE_CHECKING:
    from tests.store.conftest import Shelf

AN_HOUR = timedelta(hours=1)
CLOSE = timedelta(seconds=30)  # a busy machine may take its time


async def test_a_lease_that_a_clock_set_back_left_far_ahead_is_shortened(shelf: Shelf) -> None:
    await shelf.put("one")
    await shelf.store.inbox.note([NotedInteraction(id="click", kind="action", name="stop", body={})])
    (claimed,) = await shelf.store.launches.claim(limit=1)
    assert len(await shelf.store.outbox.claim(limit=1)) == 1
    shelf.clock.offset -= AN_HOUR
    await shelf.store.read_clock()
    shelf.wait(LEASE.total_seconds() - 10)
    assert await shelf.store.launches.claim(limit=1) == ()  # its holder, too, may count on what it was given
    shelf.wait(11)
    assert [each.id for each in await shelf.store.launches.claim(limit=1)] == [claimed.id]
    assert len(await shelf.store.outbox.claim(limit=1)) == 1
    assert [each.id for each in await shelf.store.inbox.claim(limit=1)] == ["click"]


async def test_a_clock_that_goes_on_leaves_what_is_planned_for_later(shelf: Shelf) -> None:
    await shelf.put("one", due_in=3600)
    shelf.wait(60)
    await shelf.store.read_clock()
    shelf.wait(60)
    await shelf.store.read_clock()
    shelf.wait(LEASE.total_seconds() + 1)
    assert await shelf.store.launches.claim(limit=1) == ()


async def test_a_proof_tells_what_is_left_of_a_claim_and_whether_it_holds(shelf: Shelf) -> None:
    await shelf.put("one")
    (claimed,) = await shelf.store.launches.claim(limit=1)
    proof = await shelf.store.launches.prove(claimed)
    assert proof.holds
    assert proof.leaves(LEASE / 2)
    assert not proof.leaves(LEASE * 2)
    shelf.wait(15)
    assert not (await shelf.store.launches.prove(claimed)).leaves(LEASE / 2)
    shelf.wait(6)
    await shelf.store.launches.claim(limit=1)
    assert not (await shelf.store.launches.prove(claimed)).holds


def test_a_reading_is_right_again_once_the_clock_is_read_again() -> None:
    reading = Reading(Clock())
    true = reading.now() + AN_HOUR  # this machine was paused for so long
    assert not reading.note(true, asked_at=time.monotonic())
    assert abs(reading.now() - true) < CLOSE
    assert reading.note(true - AN_HOUR, asked_at=time.monotonic())
    assert abs(reading.now() - (true - AN_HOUR)) < CLOSE


def test_a_reading_goes_on_with_the_tests_clock() -> None:
    clock = Clock()
    reading = Reading(clock)
    before = reading.now()
    clock.offset += AN_HOUR
    assert AN_HOUR <= reading.now() - before < AN_HOUR + CLOSE


async def test_many_who_ask_at_once_cost_one_write(shelf: Shelf) -> None:
    await asyncio.gather(*(shelf.store.ping() for _ in range(50)))
    await shelf.store.ping()
