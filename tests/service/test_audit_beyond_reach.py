"""The audit is out of reach of whoever owns the database: keyed, complete, and shipped elsewhere."""

from __future__ import annotations

import asyncio
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import delete, insert, select, text, update

from bot.cli.audit import NotShipped, verify
from bot.domain.audit import START, seal
from bot.domain.errors import DraftGone, UnknownPreset
from bot.domain.people import Person, Place
from bot.domain.steps.asking import reference
from bot.runtime.sinks import NotTaken, sink_of
from bot.service.presets import Presets
from bot.slack.receivers.http import PATH
from bot.store.audit import _records, _row
from bot.store.database import Clock
from bot.store.migrating import migrate
from bot.store.opening import open_unlocked
from bot.store.schema import audit, audit_head, audit_shipments
from bot.store.shipments import LEASE
from bot.wiring.port import listening
from tests.dumping import whole
from tests.store.test_presets import EVERYWHERE
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from bot.domain.audit import AuditEntry
    from tests.world import World

KEY = "0lmXbLhtmVTVbLlkkpVtDUkNmdCM2zTm6zlEmKJd0VU="
OTHER = "mYl1ZxQkzl6fC6Jx8q2iJr0w3m0v8s0kq1bqHh1m3bA="
POLICY = """
rules:
  - name: ops
    workflows: {names: ["Send notice", "Health report", "Wait for replication"]}
    run: {users: [U0ADA]}
    audit: hashed
"""


@pytest.fixture
async def world(tmp_path: Path, database: str) -> AsyncIterator[World]:
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    await migrate(database)
    async with a_world(tmp_path, database=database, policy=policy) as made:
        yield made


async def restart(world: World, **settings: str) -> None:
    await world.stop()
    await world.start(**settings)


async def some_history(world: World) -> None:
    card = await world.launch(world.person("ada"), "wait for replication")
    await world.until_told("Succeeded", card=card)


async def said(world: World, **more: object) -> tuple[int, str]:
    out = io.StringIO()
    code = await verify(world.settings, anchor=None, out=out, **more)  # type: ignore[arg-type] # the shipped file
    return code, out.getvalue()


async def tamper(world: World, work: Callable[[Connection], object]) -> None:
    url = world.settings.database_url.get_secret_value()
    async with open_unlocked(url, Clock()) as database:
        await database.run(lambda sql: work(sql) and None)


def rewritten(
    change: Callable[[AuditEntry], AuditEntry], *, key: bytes | None, after: int = 0
) -> Callable[[Connection], None]:
    """What somebody with the database, and a key or none, makes of the chain: consistent throughout."""

    def work(sql: Connection) -> None:
        records = list(_records(sql.execute(select(audit).order_by(audit.c.number)).all()))
        before = records[after - 1].hash if after else START
        for record in records[after:]:
            entry = change(record.entry)
            made = seal(entry, number=record.number, at=record.at, before=before, key=key)
            row = _row(entry, number=record.number, at=record.at, before=before, sealed=made)
            sql.execute(delete(audit).where(audit.c.number == record.number))
            sql.execute(insert(audit), row)
            before = made
        sql.execute(update(audit_head).values(hash=before))

    return work


def by_mallory(entry: AuditEntry) -> AuditEntry:
    return replace(entry, user_id="U0MALLORY") if entry.user_id else entry


# a chain whose key the database does not hold


async def test_who_owns_the_database_cannot_write_the_chain_anew(world: World) -> None:
    await restart(world, AUDIT_KEYS=KEY)
    await some_history(world)
    assert (await said(world))[0] == 0
    assert KEY.encode() not in await whole(world.settings.database_url.get_secret_value())
    await tamper(world, rewritten(by_mallory, key=None))
    code, told = await said(world)
    assert code == 1
    assert "no record is sealed with an audit key" in told


@pytest.mark.parametrize("key", [None, OTHER.encode()])
async def test_nor_any_part_of_it(world: World, key: bytes | None) -> None:
    await restart(world, AUDIT_KEYS=KEY)
    await some_history(world)
    await tamper(world, rewritten(by_mallory, key=key, after=3))
    code, told = await said(world)
    assert code == 1
    assert "broken at record 4" in told


async def test_records_from_before_the_key_stay_verifiable_and_are_sealed_by_it(world: World) -> None:
    await some_history(world)
    before = len(await world.bot.store.audit.page())
    await restart(world, AUDIT_KEYS=KEY)
    assert (await said(world))[0] == 0
    await some_history(world)
    records = await world.bot.store.audit.page()
    assert records[before].entry.what == "audit key in force"
    assert (await said(world))[0] == 0
    await restart(world)
    assert len(await world.bot.store.audit.page()) == len(records), "said once, not at every start"
    await tamper(
        world, lambda sql: sql.execute(update(audit).where(audit.c.number == 2).values(email="x@y.z"))
    )
    assert "record 2 was changed" in (await said(world))[1]


async def test_a_key_can_be_replaced_while_former_records_stay_verifiable(world: World) -> None:
    await restart(world, AUDIT_KEYS=OTHER)
    await some_history(world)
    await restart(world, AUDIT_KEYS=f"{KEY},{OTHER}")
    await some_history(world)
    assert (await said(world))[0] == 0
    await restart(world, AUDIT_KEYS=KEY)
    assert (await said(world))[0] == 1, "whoever throws the former key away cannot prove its records"


async def test_without_the_key_verify_says_that_it_may_be_missing(world: World) -> None:
    await restart(world, AUDIT_KEYS=KEY)
    await some_history(world)
    world.given["AUDIT_KEYS"] = ""
    code, told = await said(world)
    assert code == 1
    assert "AUDIT_KEYS are not set here" in told


async def test_hashed_arguments_are_keyed_so_that_nobody_can_guess_them(world: World) -> None:
    await restart(world, AUDIT_KEYS=KEY)
    kept = []
    for _ in range(2):
        await world.launch(world.person("ada"), "send notice", {"Subject": "web", "Message": "Short"})
        records = await world.bot.store.audit.page()
        (latest,) = [each.entry for each in records if each.entry.what == "requested"][-1:]
        kept.append(latest.detail["arguments"])
    assert kept[0] == kept[1], "the same values can be told to be the same"
    for value in kept[0].values():
        assert re.fullmatch("hmac-sha256:[0-9a-f]{64}", value)


# every refusal


async def refusals(world: World) -> list[AuditEntry]:
    return [each.entry for each in await world.bot.store.audit.page() if each.entry.what == "refused"]


async def test_a_workflow_that_words_do_not_name_is_recorded_without_the_values(world: World) -> None:
    answer = await world.person("ada").slash("/vro", "run xyzzy plugh key=hunter2", channel="ops")
    assert "No workflow you may run here matches" in answer.text
    (entry,) = await refusals(world)
    assert (entry.user_id, entry.detail["wish"], entry.detail["workflow"]) == ("U0ADA", "run", "xyzzy plugh")
    assert "hunter2" not in str(entry.detail)


async def test_who_reaches_for_the_form_or_preset_of_another_is_recorded(world: World) -> None:
    ada = world.person("ada")
    await world.fill(ada, "send notice", {})
    assert ada.view is not None
    bot, draft_id = world.bot, ada.view["private_metadata"]
    team = bot.slack.identity.team_id
    ben = await bot.people.membership(Person(team_id=team, user_id="U0BEN"))
    with pytest.raises(DraftGone) as gone:
        await bot.drafts.read(draft_id, who=ben)
    assert str(gone.value) == str(DraftGone())
    hers = await bot.people.membership(Person(team_id=team, user_id="U0ADA"))
    presets = Presets(store=bot.store, places=EVERYWHERE)
    draft = await bot.drafts.read(draft_id, who=hers)
    kept = await presets.save(who=hers, workflow=reference(draft.workflow), name="Mine", arguments=())
    for reach in (
        presets.read(kept.id, who=ben, place=Place(channel_id="C0OPS")),
        presets.own(kept.id, who=ben),
        presets.change(kept.id, who=ben, name="Ours", channel_id="C0OPS"),
        presets.delete(kept.id, who=ben),
    ):
        with pytest.raises(UnknownPreset):
            await reach
    assert [(each.user_id, each.detail["wish"]) for each in await refusals(world)] == [
        ("U0BEN", "fill in the form"),
        ("U0BEN", "use a preset"),
        ("U0BEN", "change a preset"),
        ("U0BEN", "change a preset"),
        ("U0BEN", "delete a preset"),
    ]


async def test_what_nobody_signed_and_foreign_workspaces_are_counted_in_one_record_each(world: World) -> None:
    counts = world.bot.refusal_counts
    for number in range(200):
        counts.count("It is not signed by Slack, or it is not new.")
        counts.count("It comes from a workspace that this bot does not serve.", f"T{number}")
    await counts.record()
    await counts.record()
    signed, foreign = await refusals(world)
    assert signed.detail == {
        "wish": "reach the bot",
        "why": "It is not signed by Slack, or it is not new.",
        "count": 200,
    }
    assert foreign.detail["count"] == 200
    assert len(foreign.detail["from"]) == 21
    assert foreign.detail["from"]["others"] == 180


async def test_a_request_that_slack_did_not_sign_and_one_of_a_foreign_workspace_reach_the_audit(
    world: World,
) -> None:
    await world.person("ada").slash("/vro", "help", channel="ops")
    payload = world.slack.deliveries[-1].payload
    await world.slack.send("slash_commands", {**payload, "team_id": "T0FOREIGN"})
    async with (
        listening(world.settings, lambda: world.bot) as port,
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{port}{PATH}", data=payload) as answer,
    ):
        assert answer.status == 401
    await world.bot.refusal_counts.record()
    found = {each.detail["why"]: each.detail for each in await refusals(world)}
    assert found["It comes from a workspace that this bot does not serve."]["from"] == {"T0FOREIGN": 1}
    assert found["It is not signed by Slack, or it is not new."]["count"] == 1


# shipped elsewhere


async def ship(world: World) -> None:
    assert world.bot.audit_shipping is not None
    await world.bot.audit_shipping.ship()


async def test_the_audit_is_shipped_to_a_file_with_anchors_and_held_against_it(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "elsewhere.jsonl"
    await restart(world, AUDIT_KEYS=KEY, AUDIT_SHIP_TO=f"file://{file}")
    await some_history(world)
    await ship(world)
    lines = [json.loads(each) for each in file.read_text().splitlines()]
    records = await world.bot.store.audit.page()
    assert [each["number"] for each in lines if "number" in each] == [each.number for each in records]
    assert lines[-1]["anchor"] == f"{records[-1].number}:{records[-1].hash}"
    await ship(world)
    assert len(file.read_text().splitlines()) == len(lines), "nothing new, nothing sent"
    assert (await said(world, shipped=file))[0] == 0
    await tamper(world, rewritten(by_mallory, key=KEY.encode()))  # somebody who stole the key, too
    assert (await said(world))[0] == 0
    assert "is not the one the anchor names" in (await said(world, shipped=file))[1]


async def test_a_tail_that_was_cut_off_is_found_by_what_was_shipped(world: World, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.jsonl"
    await restart(world, AUDIT_KEYS=KEY, AUDIT_SHIP_TO=f"file://{file}")
    await some_history(world)
    await ship(world)

    def cut(sql: Connection) -> None:
        sql.execute(delete(audit).where(audit.c.number > 3))
        sql.execute(
            text("UPDATE audit_head SET number = 3, hash = (SELECT hash FROM audit WHERE number = 3)")
        )

    await tamper(world, cut)
    assert (await said(world))[0] == 0
    assert "its tail is missing" in (await said(world, shipped=file))[1]


async def test_what_is_no_shipped_file_is_said(world: World, tmp_path: Path) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_text("not json\n")
    with pytest.raises(NotShipped):
        await said(world, shipped=file)


async def test_a_collector_gets_every_record_at_least_once_whatever_it_answers(world: World) -> None:
    answers = [503, 500, 302, 200, 200, 200]
    got: list[int] = []
    tokens = set()

    async def collect(request: web.Request) -> web.Response:
        tokens.add(request.headers.get("Authorization"))
        status = answers.pop(0)
        if status == 200:
            lines = [json.loads(each) for each in (await request.text()).splitlines()]
            got.extend(each["number"] for each in lines if "number" in each)
        return web.Response(status=status, headers={"Location": "/"} if status == 302 else {})

    app = web.Application()
    app.router.add_post("/audit", collect)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/audit"
        await restart(world, AUDIT_SHIP_TO=url, AUDIT_SHIP_TOKEN="collector-token")
        await some_history(world)
        for _ in range(3):
            await ship(world)
            assert got == []
            world.clock.offset += LEASE
        await ship(world)
        whole_chain = [each.number for each in await world.bot.store.audit.page()]
        assert got == whole_chain
        await tamper(
            world, lambda sql: sql.execute(update(audit_shipments).values(number=2))
        )  # died before it noted
        world.clock.offset += LEASE
        await ship(world)
        assert got == whole_chain + whole_chain[2:], "twice rather than never"
        assert tokens == {"Bearer collector-token"}
    finally:
        await runner.cleanup()


async def test_a_syslog_server_gets_frames_with_a_record_each(world: World) -> None:
    received = bytearray()
    done = asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.extend(await reader.read())
        writer.close()
        done.set()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await restart(world, AUDIT_SHIP_TO=f"syslog://127.0.0.1:{port}")
        await some_history(world)
        await ship(world)
        await asyncio.wait_for(done.wait(), 10)
    numbers, rest = [], bytes(received)
    while rest:
        length, _, rest = rest.partition(b" ")
        frame, rest = rest[: int(length)].decode(), rest[int(length) :]
        assert frame.startswith("<110>1 ")
        data = json.loads(frame[frame.index("{") :])
        numbers += [data["number"]] if "number" in data else []
    assert numbers == [each.number for each in await world.bot.store.audit.page()]


@pytest.mark.parametrize(
    "address", ["syslog://127.0.0.1:9", "http://127.0.0.1:9/x", "file:///proc/nowhere/audit.jsonl"]
)
async def test_a_place_that_takes_nothing_says_so(address: str) -> None:
    with pytest.raises(NotTaken):
        await sink_of(address, token=None)(("{}",))


async def test_half_a_line_of_a_process_that_died_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    file.write_text('{"number": 1}\n{"numb')
    await sink_of(f"file://{file}", token=None)(('{"number": 2}',))
    assert file.read_text() == '{"number": 1}\n{"numb\n{"number": 2}\n'


async def test_two_replicas_do_not_ship_the_same_at_the_same_time(world: World) -> None:
    assert await world.bot.store.shipments.claim("x") == 0
    assert await world.bot.store.shipments.claim("x") is None
    assert await world.bot.store.shipments.claim("y") == 0
