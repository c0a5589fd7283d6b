"""One row that cannot be read, or fails again and again, is put aside; all others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update

from bot.domain.errors import DraftGone, UnreadableRow
from bot.domain.launch import State
from bot.domain.people import Person
from bot.domain.preset import Preset
from bot.domain.workflow import WorkflowRef
from bot.store.cards import CardKind
from bot.store.database import LEASE, Clock
from bot.store.inbox import NotedInteraction
from bot.store.migrating import migrate
from bot.store.opening import open_unlocked
from bot.store.quarantine import FORGOTTEN, TRIES, QuarantinedRow, RowKind
from bot.store.schema import cards, events, inbox, launches, presets
from bot.store.store import open_store
from tests.store.conftest import KEY, Shelf

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Executable


A_LEASE = LEASE.total_seconds() + 1
NEWER = {"$": "LaunchV2", "id": "poison"}
ADA = Person(team_id="T1", user_id="UADA")


async def execute(shelf: Shelf, *statements: Executable) -> None:
    """Do to the rows what another release, or a broken disk, does."""
    async with open_unlocked(shelf.url, Clock()) as database:
        for each in statements:
            await database.run(lambda sql, each=each: sql.execute(each))  # type: ignore[misc]


async def body_of(shelf: Shelf, launch_id: str) -> Any:  # noqa: ANN401 - JSON
    async with open_unlocked(shelf.url, Clock()) as database:
        return await database.run(
            lambda sql: sql.scalar(select(launches.c.body).where(launches.c.id == launch_id))
        )


async def poison(shelf: Shelf, launch_id: str = "poison", body: object = NEWER) -> None:
    await execute(shelf, update(launches).where(launches.c.id == launch_id).values(body=body))


async def due(shelf: Shelf) -> set[str]:
    return {each.id for each in await shelf.store.launches.claim(limit=10)}


async def undelivered(shelf: Shelf) -> set[str]:
    return {each.launch.id for each in await shelf.store.outbox.claim(limit=10)}


async def aside(shelf: Shelf) -> list[str]:
    return [str(each.item) for each in await shelf.store.quarantine.page(limit=10)]


async def test_the_others_go_on_and_it_is_not_claimed_again(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("one", "poison", "two"):
        await shelf.put(name)
    await poison(shelf)
    assert await due(shelf) == {"one", "two"}
    assert await undelivered(shelf) == {"one", "two"}
    for _ in range(3):
        shelf.wait(A_LEASE)
        assert await due(shelf) == {"one", "two"}
        assert await undelivered(shelf) == {"one", "two"}
    assert await aside(shelf) == ["launch/poison"]
    assert await shelf.store.quarantine.count() == 1
    assert await body_of(shelf, "poison") == NEWER
    named = [each for each in caplog.records if "launch/poison" in each.getMessage()]
    assert len(named) == 1


async def test_the_announcer_that_meets_it_first_goes_on_too(shelf: Shelf) -> None:
    for name in ("one", "poison"):
        await shelf.put(name, due_in=900)
    await poison(shelf)
    assert await undelivered(shelf) == {"one"}
    assert await aside(shelf) == ["launch/poison"]


async def test_released_it_is_tried_again_at_once(shelf: Shelf) -> None:
    await shelf.put("poison")
    whole = await body_of(shelf, "poison")
    await poison(shelf)
    assert await due(shelf) == set()
    item = QuarantinedRow.named("launch/poison")
    assert await shelf.store.quarantine.release(item)
    assert await due(shelf) == set()
    assert await aside(shelf) == ["launch/poison"]  # nothing had changed
    await poison(shelf, body=whole)
    assert await shelf.store.quarantine.release(item)
    assert not await shelf.store.quarantine.release(item)
    assert await due(shelf) == {"poison"}
    assert await undelivered(shelf) == {"poison"}
    assert await aside(shelf) == []


async def test_whoever_reads_it_hears_what_to_do_and_its_reference(shelf: Shelf) -> None:
    await shelf.put("poison")
    await poison(shelf)
    with pytest.raises(UnreadableRow, match="launch/poison") as refused:
        await shelf.get("poison")
    assert "started and changed nothing" in refused.value.message


async def test_lists_leave_it_out_and_say_so(shelf: Shelf) -> None:
    for name in ("one", "poison"):
        await shelf.put(name)
    await poison(shelf)
    found = await shelf.store.launches.find(person=ADA, channel="COPS", only_open=True, limit=50)
    assert [each.launch.id for each in found.launches] == ["one"]
    assert found.unreadable == {"poison"}
    assert await shelf.store.launches.by_short_id("poi") == ("poison",)
    await execute(shelf, update(launches).values(started_at=shelf.store.now()))
    await poison(shelf, "one")
    assert await shelf.store.launches.last_run(person=ADA, workflow_id="wf-1") is None


async def test_a_run_whose_launch_cannot_be_read_keeps_its_place(shelf: Shelf) -> None:
    now = shelf.store.now()
    await shelf.put("poison", state=State.STARTING, starting_at=now)
    await poison(shelf)
    assert await due(shelf) == set()
    (found,) = await shelf.store.quarantine.page(limit=10)
    assert (found.state, found.may_run) == ("starting", True)
    line = await shelf.store.transact(lambda tx: tx.locks.of_runs())
    assert [each.launch_id for each in line.running] == ["poison"]


async def test_a_story_with_an_event_of_another_release_waits_and_its_launch_goes_on(shelf: Shelf) -> None:
    for name in ("one", "odd"):
        await shelf.put(name)
    await execute(shelf, update(events).where(events.c.launch_id == "odd").values(what="teleported"))
    for _ in range(2):
        assert await undelivered(shelf) == {"one"}
        shelf.wait(A_LEASE)
    assert await aside(shelf) == ["story/odd"]
    assert await due(shelf) == {"one", "odd"}
    await execute(shelf, update(events).where(events.c.launch_id == "odd").values(what="requested"))
    assert await shelf.store.quarantine.release(QuarantinedRow.named("story/odd"))
    assert "odd" in await undelivered(shelf)


async def posted(shelf: Shelf, name: str) -> None:
    """A launch with its home card, and a copy that is wanted."""
    await shelf.put(name)
    (telling,) = [each for each in await shelf.store.outbox.claim(limit=10) if each.launch.id == name]
    assert await shelf.store.outbox.remember_home(telling, channel="COPS", ts="1.1", version=1)
    assert await shelf.store.outbox.want_copies(telling, {"CAPP": CardKind.CHANNEL}, after=1)
    await shelf.store.outbox.told(telling, up_to=1, card=1)


async def test_a_card_of_a_kind_of_another_release_does_not_hold_up_the_others(shelf: Shelf) -> None:
    for name in ("one", "odd", "poison"):
        await posted(shelf, name)
    here = cards.c.target == "CAPP"
    await execute(
        shelf,
        update(cards).where(here).values(ts="2.2", channel="CAPP"),
        update(cards).where(here, cards.c.launch_id == "odd").values(kind="hologram"),
    )
    await poison(shelf)
    for _ in range(2):
        assert [each.launch.id for each in await shelf.store.copies.claim(limit=10)] == ["one"]
        shelf.wait(A_LEASE)
    assert set(await aside(shelf)) == {"card/odd/CAPP", "launch/poison"}
    await execute(shelf, update(cards).where(here).values(kind="channel"))
    assert await shelf.store.quarantine.release(QuarantinedRow.named("card/odd/CAPP"))
    assert {each.launch.id for each in await shelf.store.copies.claim(limit=10)} == {"one", "odd"}


async def test_so_does_a_note_that_is_no_interaction(shelf: Shelf) -> None:
    noted = [
        NotedInteraction(id=name, kind="action", name="approve", body={"a": 1}) for name in ("one", "odd")
    ]
    await shelf.store.inbox.note(noted)
    await execute(shelf, update(inbox).where(inbox.c.id == "odd").values(body=["no", "body"]))
    for _ in range(2):
        shelf.wait(A_LEASE)
        assert [each.id for each in await shelf.store.inbox.claim(limit=10)] == ["one"]
    assert await aside(shelf) == ["note/odd"]


async def test_a_preset_that_cannot_be_read_does_not_hide_the_others(shelf: Shelf) -> None:
    for name in ("one", "odd"):
        ref = WorkflowRef(id="wf", name="Patch")
        await shelf.store.presets.keep(Preset(id=name, owner=ADA, workflow=ref, name=name))
    await execute(shelf, update(presets).where(presets.c.id == "odd").values(body={"$": "Recipe"}))
    for _ in range(2):
        found = await shelf.store.presets.find(person=ADA, channel_id="C")
        assert [each.id for each in found] == ["one"]
    assert await aside(shelf) == ["preset/odd"]
    with pytest.raises(UnreadableRow):
        await shelf.store.presets.read("odd")
    assert await shelf.store.quarantine.release(QuarantinedRow.named("preset/odd"))


async def test_a_draft_that_cannot_be_read_is_gone(shelf: Shelf) -> None:
    row = "'odd', 'T1/UADA', 'wf', '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 0, '{}'"
    columns = "id, owner, workflow_id, changed_at, expires_at, revision, body"
    await execute(shelf, text(f"INSERT INTO drafts ({columns}) VALUES ({row})"))  # noqa: S608 - the test's own
    with pytest.raises(DraftGone):
        await shelf.store.transact(lambda tx: tx.drafts.read("odd", person=ADA))


async def test_what_fails_waits_longer_each_time_and_is_put_aside_in_the_end(shelf: Shelf) -> None:
    await shelf.put("odd")
    pauses = []
    for _ in range(TRIES):
        (claimed,) = await shelf.store.launches.claim(limit=10)
        await shelf.store.quarantine.back_off(
            QuarantinedRow(kind=RowKind.LAUNCH, key="odd", fence=claimed.fence), RuntimeError("no")
        )
        until = await due_at(shelf)
        if until is not None:
            pauses.append((until - shelf.store.now()).total_seconds())
            shelf.wait(pauses[-1] + 1)
    assert pauses == sorted(pauses)
    assert len(pauses) == TRIES - 1
    assert pauses[0] < 20
    assert pauses[-1] > 300
    assert await aside(shelf) == ["launch/odd"]
    shelf.wait(10_000)
    assert await due(shelf) == set()
    (found,) = await shelf.store.quarantine.page(limit=1)
    assert (found.tries, found.why) == (TRIES, "RuntimeError: no")
    assert found.reference
    assert await shelf.store.quarantine.release(found.item)
    assert await due(shelf) == {"odd"}


async def due_at(shelf: Shelf) -> datetime | None:
    async with open_unlocked(shelf.url, shelf.clock) as database:
        return await database.run(lambda sql: sql.scalar(select(launches.c.due_at)))


async def test_a_failure_long_ago_counts_no_more(shelf: Shelf) -> None:
    await shelf.put("odd")
    for _ in range(TRIES + 2):
        shelf.wait(FORGOTTEN.total_seconds() + 1)
        (claimed,) = await shelf.store.launches.claim(limit=10)
        await shelf.store.quarantine.back_off(
            QuarantinedRow(kind=RowKind.LAUNCH, key="odd", fence=claimed.fence), ValueError("no")
        )
    assert await aside(shelf) == []


async def test_a_row_that_somebody_else_claimed_meanwhile_is_left_to_them(shelf: Shelf) -> None:
    await shelf.put("odd")
    (claimed,) = await shelf.store.launches.claim(limit=10)
    for _ in range(2):
        shelf.wait(A_LEASE)
        assert await due(shelf) == {"odd"}
    await shelf.store.quarantine.back_off(
        QuarantinedRow(kind=RowKind.LAUNCH, key="odd", fence=claimed.fence), ValueError("no")
    )
    shelf.wait(A_LEASE)
    assert await due(shelf) == {"odd"}


async def test_json_that_was_cut_is_one_such_row(tmp_path: Path) -> None:
    """PostgreSQL lets no such text in."""
    url, clock = f"sqlite:///{tmp_path / 'bot.sqlite3'}", Clock()
    await migrate(url)
    async with open_store(url, clock=clock, sealing_keys=[KEY]) as store:
        shelf = Shelf(store=store, clock=clock, url=url)
        for name in ("one", "cut", "told"):
            await shelf.put(name)
        await execute(
            shelf,
            text("UPDATE launches SET body = substr(body, 1, 40) WHERE id = 'cut'"),
            text("UPDATE events SET detail = '{' WHERE launch_id = 'told'"),
        )
        assert await due(shelf) == {"one", "told"}
        assert await undelivered(shelf) == {"one"}
        assert set(await aside(shelf)) == {"launch/cut", "story/told"}
