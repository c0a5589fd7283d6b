"""What has happened and is not told yet: in order, at least once, and by one teller at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.launch import Happening, State
from bot.domain.people import Place
from bot.domain.steps import Due
from bot.store.cards import CardKind
from bot.store.database import LEASE

if TYPE_CHECKING:
    from bot.store.outbox import Telling
    from tests.store.conftest import Shelf

A_LEASE = LEASE.total_seconds()


async def claim(shelf: Shelf) -> Telling:
    (telling,) = await shelf.store.outbox.claim(limit=10)
    return telling


async def is_quiet(shelf: Shelf) -> bool:
    return await shelf.store.outbox.claim(limit=10) == ()


def told_of(telling: Telling) -> list[Happening]:
    return [event.what for event in telling.events]


async def test_events_are_told_in_the_order_in_which_they_happened(shelf: Shelf) -> None:
    launch = await shelf.put("one", state=State.STARTING)
    await shelf.save(launch.move(State.RUNNING, execution_id="e1"), Happening.STARTED, Happening.WAITING)
    telling = await claim(shelf)
    assert told_of(telling) == [Happening.REQUESTED, Happening.STARTED, Happening.WAITING]
    assert [event.seq for event in telling.events] == [1, 2, 3]


async def test_what_was_told_is_not_told_again(shelf: Shelf) -> None:
    launch = await shelf.put("one")
    telling = await claim(shelf)
    assert await shelf.store.outbox.told(telling, up_to=1, card=launch.version)
    assert await is_quiet(shelf)
    await shelf.save(launch.move(State.WITHDRAWN), Happening.WITHDRAWN)
    assert told_of(await claim(shelf)) == [Happening.WITHDRAWN]


async def test_what_happens_while_it_is_told_is_told_next(shelf: Shelf) -> None:
    launch = await shelf.put("one")
    telling = await claim(shelf)
    await shelf.save(launch.move(State.WITHDRAWN), Happening.WITHDRAWN)
    assert await is_quiet(shelf)
    await shelf.store.outbox.told(telling, up_to=1, card=launch.version)
    assert told_of(await claim(shelf)) == [Happening.WITHDRAWN]


async def test_what_leads_to_the_next_step_at_once_is_told_with_it(shelf: Shelf) -> None:
    launch = await shelf.put("one")
    await shelf.store.outbox.told(await claim(shelf), up_to=1, card=launch.version)
    launch = await shelf.save(launch, Happening.APPROVED, due=Due.CLAIMED)
    assert await is_quiet(shelf)
    await shelf.save(launch.move(State.STARTING).move(State.RUNNING), Happening.STARTED)
    assert told_of(await claim(shelf)) == [Happening.APPROVED, Happening.STARTED]


async def test_what_waits_for_a_slow_next_step_is_told_without_it(shelf: Shelf) -> None:
    launch = await shelf.put("one")
    await shelf.store.outbox.told(await claim(shelf), up_to=1, card=launch.version)
    await shelf.save(launch, Happening.APPROVED, due=Due.CLAIMED)
    shelf.wait(1)
    assert told_of(await claim(shelf)) == [Happening.APPROVED]


async def test_what_was_to_be_told_already_does_not_wait_for_the_next_step(shelf: Shelf) -> None:
    launch = await shelf.put("one")
    await shelf.save(launch, Happening.APPROVED, due=Due.CLAIMED)
    assert told_of(await claim(shelf)) == [Happening.REQUESTED, Happening.APPROVED]


async def test_a_teller_that_died_is_followed_by_one_that_looks_first(shelf: Shelf) -> None:
    await shelf.put("one")
    dead = await claim(shelf)
    assert not dead.tried_before
    assert await is_quiet(shelf)
    shelf.wait(A_LEASE + 1)
    next_one = await claim(shelf)
    assert next_one.tried_before
    assert told_of(next_one) == [Happening.REQUESTED]
    assert not await shelf.store.outbox.remember_told(dead, up_to=1)
    assert not await shelf.store.outbox.remember_home(dead, channel="C", ts="1.2", version=1)
    assert not await shelf.store.outbox.want_copies(dead, {"U0BEN": CardKind.DIRECT}, after=1)
    assert not await shelf.store.outbox.told(dead, up_to=1, card=1)
    assert await shelf.store.outbox.want_copies(next_one, {"U0BEN": CardKind.DIRECT}, after=1)
    assert await shelf.store.outbox.remember_told(next_one, up_to=1)


async def test_what_was_told_before_a_death_stays_told(shelf: Shelf) -> None:
    await shelf.put("one")
    dead = await claim(shelf)
    await shelf.store.outbox.remember_home(dead, channel="COPS", ts="1.2", version=1)
    await shelf.store.outbox.remember_told(dead, up_to=1)
    shelf.wait(A_LEASE + 1)
    next_one = await claim(shelf)
    assert next_one.events == ()
    assert next_one.home is not None
    assert (next_one.home.channel, next_one.home.ts) == ("COPS", "1.2")


async def test_a_refusal_that_posted_nothing_leaves_no_doubt_and_a_lost_answer_does(shelf: Shelf) -> None:
    await shelf.put("one")
    soon = timedelta(seconds=5)
    await shelf.store.outbox.tell_later(await claim(shelf), after=soon)
    assert await is_quiet(shelf)
    shelf.wait(6)
    telling = await claim(shelf)
    assert not telling.tried_before
    await shelf.store.outbox.tell_later(telling, after=soon, in_doubt=True)
    shelf.wait(6)
    telling = await claim(shelf)
    assert telling.tried_before
    await shelf.store.outbox.tell_later(telling, after=soon)
    shelf.wait(6)
    assert (await claim(shelf)).tried_before


async def posted(shelf: Shelf, name: str) -> Telling:
    """A claimed launch whose home card is posted and current."""
    await shelf.put(name)
    telling = await claim(shelf)
    await shelf.store.outbox.remember_home(telling, channel="COPS", ts=name, version=1)
    return telling


async def test_what_slack_refuses_waits_and_its_events_and_card_stay_due(shelf: Shelf) -> None:
    telling = await posted(shelf, "one")
    assert await shelf.store.outbox.lose(telling)
    assert await shelf.store.outbox.remember_direct(telling, up_to=1)
    assert await shelf.store.outbox.refused(telling, after=timedelta(minutes=1), card=1)
    assert await is_quiet(shelf)
    shelf.wait(61)
    again = await claim(shelf)
    assert told_of(again) == [Happening.REQUESTED]
    assert not again.tried_before
    assert again.lost.direct_seq == 1
    since = again.lost.since
    assert since is not None
    await shelf.store.outbox.refused(again, after=timedelta(minutes=1), card=1, in_doubt=True)
    shelf.wait(61)
    third = await claim(shelf)
    assert third.lost.since == since
    assert third.tried_before
    await shelf.store.outbox.told(third, up_to=1, card=1)
    await shelf.save(await shelf.get("one"), Happening.APPROVED)
    assert (await claim(shelf)).lost.since is None


async def test_a_card_that_was_never_posted_is_noted_as_lost_and_posted_later(shelf: Shelf) -> None:
    await shelf.put("one")
    await shelf.store.outbox.refused(await claim(shelf), after=timedelta(minutes=1), card=0)
    shelf.wait(61)
    telling = await claim(shelf)
    assert telling.home is None
    assert telling.lost.since is not None
    assert await shelf.store.outbox.remember_home(telling, channel="COPS", ts="1.2", version=1)
    assert await shelf.store.outbox.told(telling, up_to=1, card=1)
    await shelf.save(await shelf.get("one"), Happening.APPROVED)
    again = await claim(shelf)
    assert again.home is not None
    assert again.lost.since is None


async def test_what_is_lost_in_a_channel_is_woken_when_the_channel_takes_a_card(shelf: Shelf) -> None:
    for telling in [await posted(shelf, name) for name in ("one", "two")]:
        await shelf.store.outbox.refused(telling, after=timedelta(hours=1), card=1)
    await shelf.put("elsewhere", place=Place(channel_id="COTHER"))
    await shelf.store.outbox.refused(await claim(shelf), after=timedelta(hours=1), card=0)
    assert await is_quiet(shelf)
    await posted(shelf, "three")
    woken = await shelf.store.outbox.claim(limit=10)
    assert {each.launch.id for each in woken} == {"one", "two"}


async def test_what_rests_is_taken_up_again_when_something_happens(shelf: Shelf) -> None:
    await shelf.store.outbox.refused(await posted(shelf, "one"), after=None, card=1)
    shelf.wait(1_000_000)
    assert await is_quiet(shelf)
    await shelf.save(await shelf.get("one"), Happening.APPROVED)
    assert told_of(await claim(shelf)) == [Happening.REQUESTED, Happening.APPROVED]


async def test_a_card_that_was_deleted_as_surplus_counts_as_not_posted(shelf: Shelf) -> None:
    telling = await posted(shelf, "one")
    await shelf.store.outbox.redraw("one", removed="another")
    assert not await shelf.store.outbox.told(telling, up_to=1, card=1)
    kept = await claim(shelf)
    assert kept.home is not None
    assert kept.tried_before
    await shelf.store.outbox.redraw("one", removed="one")
    assert (await claim(shelf)).home is None
