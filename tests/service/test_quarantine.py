"""One launch that cannot be read, or that the bot fails at: everybody else's go on, and people hear of it."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import aiohttp
import asyncpg
import pytest
from sqlalchemy import insert, make_url, update

from bot.cli.quarantine import NotQuarantined, list_all, release, show
from bot.slack.inbox import Inbox
from bot.store.inbox import NotedInteraction
from bot.store.opening import open_unlocked
from bot.store.quarantine import TRIES
from bot.store.schema import events, launches
from bot.wiring.port import listening
from tests.slack.test_inbox import A_LEASE, BODY, KEY, Desk, nothing, raising
from tests.wiring.test_safety import launch_id_of, press

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from bot.slack.dispatcher import Call
    from tests.world import World

DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}


async def change(world: World, launch_id: str, **fields: object) -> None:
    """Write into a launch's body what only another release, or a fault of this one, would; it is due now."""
    url = world.settings.database_url.get_secret_value()
    if make_url(url).get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10)) as file, file:
            (body,) = file.execute("SELECT body FROM launches WHERE id = ?", [launch_id]).fetchone()
            new = json.dumps(json.loads(body) | fields)
            file.execute(
                "UPDATE launches SET body = ?, due_at = '2000-01-01 00:00:00.000000' WHERE id = ?",
                [new, launch_id],
            )
        return
    connection = await asyncpg.connect(url)
    try:
        body = await connection.fetchval("SELECT body::text FROM launches WHERE id = $1", launch_id)
        new = json.dumps(json.loads(body) | fields)
        await connection.execute(
            "UPDATE launches SET body = $2, due_at = '2000-01-01' WHERE id = $1", launch_id, new
        )
    finally:
        await connection.close()


async def write(world: World, *statements: Executable) -> None:
    url = world.settings.database_url.get_secret_value()
    async with open_unlocked(url, world.clock) as database:
        for each in statements:
            await database.run(lambda sql, each=each: sql.execute(each))  # type: ignore[misc]


async def poisoned(world: World, **fields: object) -> tuple[str, Any]:
    """A launch of Ada's that waits for approval, and that this release cannot read; its id and its card."""
    card = await world.launch(world.person("ada"), "delete virtual", DELETE)
    launch_id = launch_id_of(card)
    await change(world, launch_id, **fields or {"hold": {"$": "Pause", "since": 1}})
    return launch_id, card


async def test_others_launches_go_on_and_people_read_that_one_is_missing(world: World) -> None:
    launch_id, _ = await poisoned(world)
    ben = world.person("ben")
    await world.launch(ben, "health report")
    await world.pass_time(minutes=10)  # beyond its next look, too
    assert "*Succeeded*" in await world.until_told("*Succeeded*")
    await ben.slash("/vro", "status", channel="ops")
    await world.bot.dispatcher.drain(seconds=5)
    read = ben.reads(ben.ephemerals("ops")[-1])
    assert "1 more launch of yours or of this channel cannot be read" in read
    assert str((await world.bot.store.quarantine.page(limit=9))[0].item) == f"launch/{launch_id}"


async def test_a_click_on_it_changes_nothing_and_says_so_to_this_person_alone(world: World) -> None:
    launch_id, card = await poisoned(world)
    said = await press(world, world.person("grace"), "Approve", card)
    assert "cannot be read by this release" in said
    assert "started and changed nothing" in said
    assert f"launch/{launch_id}" in said
    answer = await world.person("ada").slash("/vro", f"cancel {launch_id[:8]}", channel="ops")
    assert f"launch/{launch_id}" in answer.text
    assert not world.orchestrator.starts


async def test_released_after_an_upgrade_it_goes_on_where_it_was(world: World) -> None:
    launch_id, card = await poisoned(world)
    await world.pass_time(minutes=10)
    await world.until_told("asked for this launch", card=card)
    await change(world, launch_id, hold=None)
    await world.bot.store.quarantine.release((await world.bot.store.quarantine.page(limit=1))[0].item)
    await press(world, world.person("grace"), "Approve", card)
    await world.until_told("*Succeeded*", card=card)
    assert len(world.orchestrator.starts) == 1


@pytest.mark.parametrize("wrong", [{"approval": {"$": "Approval", "stages": 5}}, {"approval": "yes"}])
async def test_a_launch_the_bot_fails_at_is_put_aside_after_some_tries_and_others_go_on(
    world: World, wrong: dict[str, object]
) -> None:
    launch_id, _ = await poisoned(world, **wrong)
    await world.launch(world.person("ben"), "health report")
    assert "*Succeeded*" in await world.until_told("*Succeeded*")
    for _ in range(TRIES * 4):
        await world.pass_time(minutes=11)
    aside = {str(each.item): each for each in await world.bot.store.quarantine.page(limit=9)}
    assert aside[f"launch/{launch_id}"].tries == TRIES
    assert aside[f"launch/{launch_id}"].reference


async def test_a_story_the_bot_fails_to_tell_is_put_aside_after_some_tries_and_others_are_told(
    world: World,
) -> None:
    launch_id, _ = await poisoned(world, mood="fine")  # a field it may ignore: the launch itself can be read
    then = world.bot.store.now()
    odd = {"launch_id": launch_id, "seq": 99, "what": "held", "at": then, "note": "", "detail": {}}
    await write(world, insert(events).values(odd), update(launches).values(last_seq=99, tell_at=then))
    await world.launch(world.person("ben"), "health report")
    assert "*Succeeded*" in await world.until_told("*Succeeded*")
    for _ in range(TRIES * 4):
        await world.pass_time(minutes=11)
    aside = {str(each.item): each for each in await world.bot.store.quarantine.page(limit=9)}
    assert aside[f"story/{launch_id}"].tries == TRIES


async def test_a_complaint_that_fails_is_not_tried_for_ever(world: World) -> None:
    desk = Desk(world, raising(*[PermissionError("not you")] * 100))
    tries: list[Exception] = []

    async def failing(_: Call, error: Exception) -> None:
        tries.append(error)
        raise OSError("Slack is away")

    inbox = Inbox(desk.deferred_interactions, store=world.bot.store, report_error=failing)
    await world.bot.store.inbox.note(
        [NotedInteraction(id=name, kind=KEY[0], name=KEY[1], body=BODY) for name in ("one", "two")]
    )
    world.clock.offset += A_LEASE
    for _ in range(TRIES * 4):
        await inbox.tick()
        world.clock.offset += A_LEASE * 30
    assert len(tries) == TRIES * 2
    assert await world.bot.store.quarantine.count() == 2


async def test_what_another_release_noted_is_put_aside_for_it(world: World) -> None:
    await world.bot.store.inbox.note([NotedInteraction(id="n-1", kind="action", name="of_tomorrow", body={})])
    world.clock.offset += A_LEASE
    await Desk(world, nothing).inbox.tick()
    (found,) = await world.bot.store.quarantine.page(limit=9)
    assert (str(found.item), "of_tomorrow" in found.why) == ("note/n-1", True)


async def test_readyz_says_how_many_and_stays_as_it_is(world: World) -> None:
    async with listening(world.settings, lambda: world.bot) as port, aiohttp.ClientSession() as session:

        async def ready() -> tuple[int, Any]:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                return answer.status, await answer.json()

        before, parts = await ready()
        assert parts["quarantined"] == 0
        await poisoned(world)
        await world.pass_time(minutes=10)
        after, parts = await ready()
    assert (after, parts["quarantined"]) == (before, 1)


async def test_the_command_lists_shows_and_releases(world: World) -> None:
    launch_id, _ = await poisoned(world)
    await world.pass_time(minutes=10)
    name = f"launch/{launch_id}"

    out = io.StringIO()
    await list_all(world.settings, out=out)
    assert name in out.getvalue()
    assert "In quarantine: 1." in out.getvalue()
    await show(world.settings, name=name, out=out)
    assert "'Pause'" in out.getvalue()
    assert "state of the launch: awaiting approval" in out.getvalue()
    await release(world.settings, name=name, all_of_them=False, out=out)
    assert f"{name} is tried again." in out.getvalue()
    for missing in (name, "launch", "elephant/1", ""):
        with pytest.raises(NotQuarantined):
            await release(world.settings, name=missing, all_of_them=False, out=out)
    with pytest.raises(NotQuarantined):
        await show(world.settings, name=name, out=out)
    await world.pass_time(minutes=1)
    assert await world.bot.store.quarantine.count() == 1
    await release(world.settings, name="", all_of_them=True, out=out)
    assert await world.bot.store.quarantine.count() == 0
    await list_all(world.settings, out=(empty := io.StringIO()))
    assert empty.getvalue() == "Nothing is in quarantine.\n"
