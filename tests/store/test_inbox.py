"""What was acknowledged before it was carried out: kept until it is, and carried out once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import AlreadyHandled, NotAllowed
from bot.store.database import LEASE
from bot.store.inbox import NotedInteraction

if TYPE_CHECKING:
    from bot.store.transaction import Transaction
    from tests.store.conftest import Shelf

A_LEASE = LEASE.total_seconds()


def click(name: str) -> NotedInteraction:
    return NotedInteraction(
        id=name, kind="action", name="approve", body={"user": {"id": "UADA"}, "words": "é\n"}
    )


async def left(shelf: Shelf, *, limit: int = 10) -> list[str]:
    return [each.id for each in await shelf.store.inbox.claim(limit=limit)]


async def complete(shelf: Shelf, name: str) -> None:
    await shelf.store.transact(lambda tx: tx.complete(name))


async def test_whoever_noted_it_has_a_lease_to_carry_it_out(shelf: Shelf) -> None:
    await shelf.store.inbox.note([click("one"), click("two")])
    assert await left(shelf) == []
    shelf.wait(A_LEASE + 1)
    assert set(await left(shelf)) == {"one", "two"}
    assert await left(shelf) == []  # claimed for another lease
    shelf.wait(A_LEASE + 1)
    assert set(await left(shelf)) == {"one", "two"}


async def test_it_comes_back_as_it_was_noted(shelf: Shelf) -> None:
    await shelf.store.inbox.note([click("one")])
    shelf.wait(A_LEASE + 1)
    assert await shelf.store.inbox.claim(limit=1) == (click("one"),)


async def test_the_oldest_is_taken_up_first(shelf: Shelf) -> None:
    for name in ("first", "second", "third"):
        await shelf.store.inbox.note([click(name)])
        shelf.wait(1)
    shelf.wait(A_LEASE)
    assert [await left(shelf, limit=1) for _ in range(3)] == [["first"], ["second"], ["third"]]


async def test_two_that_look_at_once_do_not_take_up_the_same(shelf: Shelf) -> None:
    await shelf.store.inbox.note([click(str(number)) for number in range(8)])
    shelf.wait(A_LEASE + 1)
    hands = await asyncio.gather(*(left(shelf, limit=4) for _ in range(3)))
    claimed = [name for hand in hands for name in hand]
    assert len(claimed) == len(set(claimed))


async def test_it_is_carried_out_once(shelf: Shelf) -> None:
    await shelf.store.inbox.note([click("one"), click("two")])
    await complete(shelf, "one")
    with pytest.raises(AlreadyHandled):
        await complete(shelf, "one")
    shelf.wait(A_LEASE + 1)
    assert await left(shelf) == ["two"]


async def test_two_that_carry_it_out_at_once_leave_one_effect(shelf: Shelf) -> None:
    await shelf.store.inbox.note([click("one")])

    ended = await asyncio.gather(*(complete(shelf, "one") for _ in range(4)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in ended) == ["AlreadyHandled"] * 3 + ["NoneType"]


async def test_a_transaction_that_fails_leaves_it_to_be_carried_out(shelf: Shelf) -> None:
    await shelf.store.inbox.note([click("one")])

    def refused(tx: Transaction) -> None:
        tx.complete("one")
        raise NotAllowed

    with pytest.raises(NotAllowed):
        await shelf.store.transact(refused)
    await complete(shelf, "one")


async def test_what_was_not_noted_has_nothing_to_carry_out(shelf: Shelf) -> None:
    await complete(shelf, "")


async def test_what_is_not_to_be_carried_out_is_forgotten(shelf: Shelf) -> None:
    await shelf.store.inbox.note([click("one")])
    for _ in range(2):
        await shelf.store.inbox.forget("one")
    shelf.wait(A_LEASE + 1)
    assert await left(shelf) == []
