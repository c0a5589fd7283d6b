"""How the databases find what is asked for often: by an index that leads there, however many launches ended.

Times say little on a busy machine; what a statement walks through does. Each is explained as it is sent.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event, insert, text

from bot.domain.launch import Launch, State
from bot.domain.people import Person, Place
from bot.domain.workflow import WorkflowRef
from bot.store import codec
from bot.store.claims import release_all
from bot.store.database import Clock
from bot.store.opening import open_database
from bot.store.schema import audit, cards, events, launches
from bot.store.sealing import Sealer
from bot.store.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from sqlalchemy import Connection

    from bot.store.postgresql import PostgresDatabase
    from bot.store.sqlite import SqliteDatabase

ENDED = 12_000  # launches, with two records of the audit each
WALKED = 300  # rows: what a limited listing may look at; a walk through one person's or channel's is more
PEOPLE, CHANNELS, WORKFLOWS = 8, 4, 6
ADA = Person(team_id="T1", user_id="U3")
NOW = datetime.now(UTC)
BIG = ("launches", "audit", "events", "cards")


@dataclass(kw_only=True)
class Explained:
    """A store with many launches that ended, and what its statements walk through."""

    store: Store
    database: SqliteDatabase | PostgresDatabase
    statements: list[tuple[str, Any]] = field(default_factory=list)

    async def walks(self, ask: Callable[[Store], Awaitable[object]]) -> list[str]:
        """The steps of all statements sent for one question that read too much."""
        with self._listening():
            await ask(self.store)
        assert self.statements
        return [step for sent in self.statements for step in await self._steps(*sent)]

    @contextmanager
    def _listening(self) -> Iterator[None]:
        def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
            if re.match(r"SELECT|UPDATE|DELETE|WITH", statement.lstrip()):
                self.statements.append((statement, parameters))

        self.statements.clear()
        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    async def _steps(self, statement: str, parameters: Any) -> list[str]:  # noqa: ANN401 - the driver's
        if not self.database.locks_rows:
            rows = await self._asked("EXPLAIN QUERY PLAN " + statement, parameters)
            return [row[3] for row in rows if re.match(rf"SCAN ({'|'.join(BIG)})\b", row[3])]
        rows = await self._asked("EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) " + statement, parameters)
        plan = rows[0][0] if isinstance(rows[0][0], list) else json.loads(rows[0][0])
        return list(_too_much(plan[0]["Plan"]))

    async def _asked(self, statement: str, parameters: Any) -> list[Any]:  # noqa: ANN401 - the driver's
        def ask(sql: Connection) -> list[Any]:
            nested = sql.begin_nested()
            try:
                return list(sql.exec_driver_sql(statement, parameters).all())
            finally:
                nested.rollback()

        return await self.database.run(ask)


def _too_much(plan: dict[str, Any]) -> Iterator[str]:
    """The steps of a PostgreSQL plan that read more rows than a listing may."""
    loops = plan.get("Actual Loops", 1)
    read = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * loops
    if plan.get("Relation Name") in BIG and read > WALKED:
        yield f"{plan['Node Type']} of {plan['Relation Name']} by {plan.get('Index Name')}: {read} rows"
    for inner in plan.get("Plans", ()):
        yield from _too_much(inner)


def _body(launch_id: str) -> Any:  # noqa: ANN401 - JSON
    return codec.dump(
        Launch(
            id=launch_id,
            workflow=WorkflowRef(id="wf-1", name="Restart a VM"),
            arguments=(),
            requester=ADA,
            place=Place(channel_id="C1"),
            rule="everybody",
            requested_at=NOW,
            state=State.SUCCEEDED,
        )
    )


def _id(number: int) -> str:
    """Scattered, as real ones are."""
    return f"{number * 7919:08x}-0000-4000-8000-{number:012x}"


def _rows() -> Iterator[dict[str, Any]]:
    blank = json.dumps(_body("blank"))
    for number in range(ENDED + 20):
        is_open = number >= ENDED
        yield {
            "id": _id(number),
            "state": (State.APPROVED if is_open else State.SUCCEEDED).value,
            "workflow_id": f"wf-{number // PEOPLE % WORKFLOWS}",
            "execution_id": None if is_open else f"run-{number}",
            "requester": f"T1/U{number % PEOPLE}",
            "channel": f"C{number % CHANNELS}",
            "requested_at": NOW - timedelta(days=ENDED - number),
            "started_at": None if is_open else NOW,
            "cancel_asked": False,
            "body": json.loads(blank.replace("blank", _id(number))),
            "version": 1,
            "due_at": NOW if is_open else None,
            "fence": 0,
            "tell_at": NOW if is_open else None,
            "tell_fence": 0,
            "tell_tries": 0,
            "last_seq": 1,
            "delivered_seq": 0 if is_open else 1,
        }


def _fill(sql: Connection) -> None:
    rows = list(_rows())
    sql.execute(insert(launches), rows)
    happened = {"seq": 1, "what": "requested", "at": NOW, "by_team": None, "by_user": None}
    sql.execute(
        insert(events), [{"launch_id": row["id"], **happened, "note": "", "detail": {}} for row in rows]
    )
    card = {"kind": "home", "channel": "C", "ts": "1.1", "version": 1, "due_at": None, "fence": 0, "tries": 0}
    sql.execute(
        insert(cards),
        [{"launch_id": row["id"], "target": row["channel"], **card, "delivered_seq": 1} for row in rows],
    )
    record = {"at": NOW, "team_id": "", "user_id": "", "email": "", "detail": "{}", "before": "", "hash": ""}
    sql.execute(
        insert(audit),
        [
            {"number": number, "what": "ended" if number > 1 else "policy", "launch_id": "", **record}
            for number in range(1, 2 * ENDED)
        ],
    )
    if sql.dialect.name == "postgresql":  # as autovacuum does; SQLite has to do without
        sql.execute(text("ANALYZE"))


@pytest.fixture
async def explained(migrated: str) -> AsyncIterator[Explained]:
    async with open_database(migrated, Clock()) as opened:
        await opened.run(_fill)
        yield Explained(store=Store(opened, Sealer(())), database=opened)


async def test_what_is_asked_often_is_found_by_an_index_among_many_that_ended(explained: Explained) -> None:
    some = _id(5)[:8]
    asked: dict[str, Callable[[Store], Awaitable[object]]] = {
        "due": lambda store: store.launches.claim(limit=64),
        "runs": lambda store: store.runs.claim(limit=100),
        "outbox": lambda store: store.outbox.claim(limit=32),
        "copies": lambda store: store.copies.claim(limit=32),
        "inbox": lambda store: store.inbox.claim(limit=32),
        "listed": lambda store: store.launches.find(person=ADA, channel="C1", only_open=False, limit=20),
        "listed open": lambda store: store.launches.find(person=ADA, channel="C1", only_open=True, limit=20),
        "by short id": lambda store: store.launches.by_short_id(some),
        "last success": lambda store: store.launches.last_success(person=ADA, workflow_id="wf-3"),
        "never run": lambda store: store.launches.last_run(person=ADA, workflow_id="wf-none"),
        "latest runs": lambda store: store.launches.latest_runs("wf-3", limit=40),
        "last of a kind": lambda store: store.transact(lambda tx: tx.audit.last("policy")),
        "none of a kind": lambda store: store.transact(lambda tx: tx.audit.last("refused policy")),
        "others' runs": lambda store: store.transact(
            lambda tx: tx.others_claiming([f"run-{each}" for each in range(100)], besides="")
        ),
        "open runs": lambda store: store.transact(lambda tx: tx.locks.of_runs()),
        "unanswered": lambda store: store.transact(lambda tx: tx.unanswered("wf-3", besides="")),
        "restart": lambda _: explained.database.run(lambda sql: release_all(sql, explained.database)),
    }
    walking = {name: await explained.walks(ask) for name, ask in asked.items()}
    assert {name: steps for name, steps in walking.items() if steps} == {}


async def test_a_short_id_finds_those_that_begin_with_it(explained: Explained) -> None:
    launch_id = _id(5)
    by_short_id = explained.store.launches.by_short_id
    for length in (8, 9, 12, len(launch_id)):
        assert await by_short_id(launch_id[:length].upper()) == (launch_id,)
    assert len(await by_short_id("0000")) == 2
    assert await by_short_id("%") == ()
    assert await by_short_id("0000_") == ()


async def test_a_listing_is_the_newest_first_whoever_asked_for_them(explained: Explained) -> None:
    found = await explained.store.launches.find(person=ADA, channel="C1", only_open=False, limit=25)
    numbers = [int(each.launch.id[-12:], 16) for each in found.launches]
    wanted = [number for number in range(ENDED + 20) if number % PEOPLE == 3 or number % CHANNELS == 1]
    assert numbers == wanted[::-1][: len(numbers)]
    assert len(numbers) >= 25
