"""Whoever lost a claim, to a lease that ran out, writes nothing under it: somebody else works on the row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import TooManySubscriptions
from bot.domain.people import Person
from bot.domain.subscription import Happened, Interest, RunNews, Subscription
from bot.store.cards import CardKind
from bot.store.database import LEASE
from bot.store.subscriptions import MOST_OF_TARGET
from tests.dumping import rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.store.outbox import Outbox, Telling
    from bot.store.subscriptions import Look, SubscriptionTable
    from tests.store.conftest import Shelf

A_MINUTE = timedelta(minutes=1)
ADA = Person(team_id="T1", user_id="UADA")
_SINCE = datetime(2026, 1, 1, tzinfo=UTC)

TELLING: dict[str, Callable[[Outbox, Telling], Awaitable[bool]]] = {
    "remember_home": lambda it, lost: it.remember_home(lost, channel="COPS", ts="1.2", version=1),
    "remember_told": lambda it, lost: it.remember_told(lost, up_to=1),
    "want_copies": lambda it, lost: it.want_copies(lost, {"CELSE": CardKind.CHANNEL}, after=0),
    "told": lambda it, lost: it.told(lost, up_to=1, card=1),
    "lose": lambda it, lost: it.lose(lost),
    "remember_direct": lambda it, lost: it.remember_direct(lost, up_to=1),
    "refused": lambda it, lost: it.refused(lost, after=A_MINUTE, card=1),
    "tell_later": lambda it, lost: it.tell_later(lost, after=A_MINUTE, card=1),
}
LOOKING: dict[str, Callable[[SubscriptionTable, Look], Awaitable[bool]]] = {
    "looked": lambda it, lost: it.looked(lost, [news()], after=A_MINUTE),
    "lapse": lambda it, lost: it.lapse(lost),
}


def news() -> RunNews:
    return RunNews(happened=Happened.ENDED, workflow_id="wf-1", workflow_name="Restart", execution_id="e1")


def subscription(number: int = 1) -> Subscription:
    return Subscription(
        id=f"s{number}",
        owner=ADA,
        target="COPS",
        workflow_id=f"wf-{number}",
        name="Restart",
        interest=Interest.ENDED,
        since=_SINCE,
    )


async def another_takes_it(shelf: Shelf) -> None:
    """The lease runs out."""
    shelf.wait(LEASE.total_seconds() + 1)


@pytest.mark.parametrize("write", TELLING)
async def test_nothing_is_noted_of_what_another_tells_by_now(shelf: Shelf, write: str) -> None:
    await shelf.put("one")
    (lost,) = await shelf.store.outbox.claim(limit=1)
    await another_takes_it(shelf)
    assert len(await shelf.store.outbox.claim(limit=1)) == 1
    before = await rows(shelf.url)
    assert not await TELLING[write](shelf.store.outbox, lost)
    assert await rows(shelf.url) == before


@pytest.mark.parametrize("write", LOOKING)
async def test_nothing_is_kept_of_a_look_that_another_takes_by_now(shelf: Shelf, write: str) -> None:
    await shelf.store.subscriptions.add(subscription())
    (lost,) = await shelf.store.subscriptions.claim_looks(limit=1)
    await another_takes_it(shelf)
    assert len(await shelf.store.subscriptions.claim_looks(limit=1)) == 1
    before = await rows(shelf.url)
    assert not await LOOKING[write](shelf.store.subscriptions, lost)
    assert await rows(shelf.url) == before


async def test_news_that_another_tells_by_now_is_neither_done_nor_put_off(shelf: Shelf) -> None:
    table = shelf.store.subscriptions
    await table.add(subscription())
    (look,) = await table.claim_looks(limit=1)
    assert await table.looked(look, [news()], after=A_MINUTE)
    (lost,) = await table.claim_news(limit=1)
    await another_takes_it(shelf)
    (again,) = await table.claim_news(limit=1)
    assert again.tried_before
    before = await rows(shelf.url)
    assert not await table.told(lost)
    assert not await table.tell_later(lost, after=A_MINUTE)
    assert await rows(shelf.url) == before
    assert await table.tell_later(again, after=A_MINUTE)
    assert await table.claim_news(limit=1) == ()


async def test_a_place_that_hears_of_enough_takes_no_more(shelf: Shelf) -> None:
    for number in range(MOST_OF_TARGET):
        await shelf.store.subscriptions.add(subscription(number))
    with pytest.raises(TooManySubscriptions):
        await shelf.store.subscriptions.add(subscription(MOST_OF_TARGET))
