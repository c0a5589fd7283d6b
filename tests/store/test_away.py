"""When the database goes away: what people read, what is kept, and that nothing is started twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text

from bot.demo.orchestrator.faults import ArmedFault
from bot.domain.errors import CommitLost, DatabaseLost
from bot.domain.launch import State
from bot.service.drafts.drafts import CHECK_COUNTS
from bot.store.database import Clock
from bot.store.migrating import migrate
from bot.store.opening import open_database
from bot.store.postgresql import SERVING
from bot.store.schema import sealed
from bot.store.sealing import Sealer
from bot.store.store import Store
from tests.postgres import Postgres, a_postgres
from tests.wiring.test_safety import POLICY, launch_id_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from bot.demo.slack.driver.person import PretendPerson
    from tests.world import World

DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
WAY_BACK = "run the workflow again and choose “Where you left off”"
AWAY = "database does not answer. Nothing was started or changed."

pytestmark = pytest.mark.policy(POLICY)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with a_postgres() as made:
        yield made


@pytest.fixture
async def migrated(server: Postgres) -> str:
    async with open_database(server.url, Clock()) as database:
        await database.run(lambda sql: sql.execute(text("DROP SCHEMA public CASCADE")))
        await database.run(lambda sql: sql.execute(text("CREATE SCHEMA public")))
    await migrate(server.url)
    return server.url


@pytest.fixture
def ada(world: World) -> PretendPerson:
    return world.person("ada")


async def cut_off(server: Postgres) -> None:
    await asyncio.to_thread(server.cut_off)


async def back(server: Postgres) -> None:
    await asyncio.to_thread(server.start)


async def test_a_click_while_it_is_away_changes_nothing_and_counts_when_it_is_back(
    world: World, server: Postgres, ada: PretendPerson
) -> None:
    card = await world.launch(ada, "delete virtual machine", DELETE)
    grace = world.person("grace")
    await cut_off(server)
    await world.press(grace, "Approve", card=card)
    assert AWAY in grace.reads(grace.ephemerals("ops")[-1])
    assert not world.orchestrator.starts
    await back(server)
    await world.press(grace, "Approve", card=card)
    assert len(world.orchestrator.starts) == 1
    await world.until_told("Succeeded", card=card)


async def test_a_form_that_is_sent_while_it_is_away_keeps_what_was_typed(
    world: World, server: Postgres, ada: PretendPerson
) -> None:
    await world.fill(ada, "delete virtual machine", DELETE)
    await cut_off(server)
    sent = await ada.submit()
    assert any(AWAY in said for said in sent.errors.values())
    await back(server)
    assert (await world.send(ada)).ok
    await world.tick()
    assert (await world.the_launch(launch_id_of(world.card()))).arguments[0].value == "web-01"


async def test_a_review_that_is_sent_while_it_is_away_stays_and_can_be_sent_again(
    world: World, server: Postgres, ada: PretendPerson
) -> None:
    await world.fill(ada, "delete virtual machine", DELETE)
    await world.turn(ada)
    await cut_off(server)
    sent = await ada.submit()
    assert any(AWAY in said for said in sent.errors.values())
    assert "web-01" in ada.reads()
    await back(server)
    assert (await world.send(ada)).closed


async def test_a_form_whose_window_is_lost_to_it_tells_the_way_back(
    world: World, server: Postgres, ada: PretendPerson
) -> None:
    await world.fill(ada, "import certificate", {"Certificate": b"-----BEGIN CERTIFICATE-----"})
    await world.turn(ada)
    await world.enter(ada, {"Host names": "shop.example.com"})
    await _send_to_a_check_that_loses_it(world, server, ada)
    assert WAY_BACK in ada.reads()
    await back(server)
    await ada.close_view()
    await world.fill(ada, "import certificate", {})
    (left,) = (each for each in ada.options("start_from") if each.startswith("Where you left off"))
    await world.enter(ada, {"start_from": (left,)})
    assert (await world.send(ada)).closed
    await world.tick()
    await world.until_told("Succeeded")


async def test_a_review_whose_window_is_lost_to_it_tells_the_way_back(
    world: World, server: Postgres, ada: PretendPerson
) -> None:
    await world.fill(ada, "import certificate", {"Certificate": b"-----BEGIN CERTIFICATE-----"})
    await world.turn(ada)
    await world.enter(ada, {"Host names": "shop.example.com"})
    await world.turn(ada)
    world.clock.offset += CHECK_COUNTS
    await _send_to_a_check_that_loses_it(world, server, ada)
    assert WAY_BACK in ada.reads()
    await back(server)


async def _send_to_a_check_that_loses_it(world: World, server: Postgres, ada: PretendPerson) -> None:
    """Send the form, and let the database go away while Orchestrator checks it."""
    check = world.orchestrator.fault("POST */evaluations", ArmedFault.SLOW)
    assert (await ada.submit()).ok
    async with asyncio.timeout(5):
        await check.holding()
    await cut_off(server)
    check.release()
    await ada.until(lambda: AWAY in ada.reads())


async def test_a_command_while_it_is_away_is_told_so(
    world: World, server: Postgres, ada: PretendPerson
) -> None:
    await cut_off(server)
    answer = await ada.slash("/vro", "status", channel="ops")
    await world.bot.dispatcher.drain(seconds=5)
    whispers = [ada.reads(each) for each in ada.ephemerals("ops")]
    assert AWAY in "\n".join([answer.text, *whispers])
    await back(server)


async def test_a_card_posted_as_it_went_away_is_not_posted_twice(
    world: World, server: Postgres, ada: PretendPerson
) -> None:
    await world.fill(ada, "wait for replication", {})
    assert (await world.turn(ada)).ok
    world.slack.faults.slow("chat.postMessage", seconds=1)
    telling = asyncio.create_task(world.bot.announcer.tick())
    await world.slack.until(lambda: world.slack.calls_of("chat.postMessage"), timeout=20)
    await cut_off(server)
    await world.slack.until(lambda: world.slack.messages("ops"), timeout=20)
    await back(server)
    await telling
    for _ in range(4):
        await world.pass_time(seconds=30)
    (card,) = world.slack.messages("ops")
    assert "Wait for replication" in ada.reads(card)


async def test_it_is_not_ready_while_the_database_is_away(world: World, server: Postgres) -> None:
    await cut_off(server)
    assert not (await world.bot.ready())["database"]
    await back(server)
    assert (await world.bot.ready())["database"]


async def test_a_run_whose_number_came_while_it_was_away_is_not_in_doubt(
    world: World, server: Postgres, ada: PretendPerson
) -> None:
    await world.fill(ada, "wait for replication", {})
    fault = world.orchestrator.fault("POST */executions", ArmedFault.SLOW)
    assert (await world.turn(ada)).ok
    round_ = asyncio.create_task(world.bot.tracker.tick())
    async with asyncio.timeout(5):
        await fault.holding()
    await cut_off(server)
    fault.release()
    await back(server)
    await round_
    await world.tick()
    launch = await world.the_launch(launch_id_of(world.card()))
    assert launch.state is State.RUNNING
    assert len(world.orchestrator.starts) == 1


async def test_a_commit_that_was_cut_off_is_in_doubt(server: Postgres) -> None:
    def cut_off_at_the_end(sql: Connection) -> None:
        sql.execute(text("SELECT 1"))
        server.cut_off()

    async with open_database(server.url, Clock()) as database:
        with pytest.raises(CommitLost):
            await database.run(cut_off_at_the_end)
        await back(server)
        await database.run(lambda sql: sql.execute(text("SELECT 1")))


async def test_a_server_that_is_silent_counts_as_away(server: Postgres) -> None:
    short = replace(SERVING, answer=timedelta(seconds=0.2))
    async with open_database(server.url, Clock(), patience=short) as database:
        with pytest.raises(DatabaseLost):
            await database.run(lambda sql: sql.execute(text("SELECT pg_sleep(20)")))
        await database.run(lambda sql: sql.execute(text("SELECT 1")))


async def test_a_full_disk_is_the_same_and_is_over_once_there_is_room(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(url)

    def pages(count: int) -> Callable[[Connection], object]:
        return lambda sql: sql.exec_driver_sql(f"PRAGMA max_page_count = {count}")

    def fill(sql: Connection) -> None:
        row = {"owner": "launch", "slot": "slot", "ciphertext": b"x" * 100_000}
        sql.execute(insert(sealed), row)

    async with open_database(url, Clock()) as database:
        await database.run(pages(1))  # SQLite takes the size the file has
        with pytest.raises(DatabaseLost):
            await database.run(fill)
        await database.run(pages(10_000))
        await database.run(fill)


async def test_a_ping_leaves_nothing_behind(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(url)
    async with open_database(url, Clock()) as database:
        await Store(database, Sealer(())).ping()
        assert await database.run(lambda sql: sql.execute(select(sealed)).all()) == []


async def test_a_server_that_only_lets_read_is_away(server: Postgres) -> None:
    await migrate(server.url)
    async with open_database(server.url, Clock(), size=1) as database:
        store = Store(database, Sealer(()))
        await store.ping()
        await database.run(lambda sql: sql.execute(text("SET SESSION default_transaction_read_only = on")))
        with pytest.raises(DatabaseLost):
            await store.ping()
