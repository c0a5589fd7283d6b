"""Launches of a release that knew one group and one decision become launches with stages, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from sqlalchemy import column, insert, select, table, text

import bot.store.migrating
from bot.domain.launch import Launch, State
from bot.domain.people import Person
from bot.domain.policy import Group, StageRule
from bot.store import codec
from bot.store.database import Clock
from bot.store.opening import open_database
from bot.store.schema import launches

if TYPE_CHECKING:
    from sqlalchemy import Connection

FOLDER = Path(bot.store.migrating.__file__).parent / "migrations"
NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
COLUMNS = {
    "state": "awaiting approval",
    "workflow_id": "wf-1",
    "requester": "T1/U1",
    "channel": "C1",
    "cancel_asked": False,
    "version": 1,
    "fence": 0,
    "tell_fence": 0,
    "tell_tries": 0,
    "last_seq": 1,
    "told_seq": 0,
}


def moment(at: datetime) -> dict[str, str]:
    return {"$": "datetime", "is": at.isoformat()}


def person(name: str) -> dict[str, str]:
    return {"$": "Person", "team_id": "T1", "user_id": name}


def body(state: str, **more: object) -> dict[str, object]:
    """A launch as the former release wrote it."""
    return {
        "$": "Launch",
        "id": "1",
        "workflow": {"$": "WorkflowRef", "id": "wf-1", "name": "Patch", "version": "1.0.0"},
        "arguments": [],
        "requester": person("U1"),
        "place": {"$": "Place", "channel_id": "C1"},
        "rule": "patching",
        "requested_at": moment(NOW),
        "state": {"$": "State", "is": state},
    } | more


APPROVAL = {
    "$": "Approval",
    "users": {"$": "set", "is": ["U2"]},
    "groups": {"$": "set", "is": ["S1"]},
    "expires_at": moment(NOW + timedelta(hours=4)),
}
DECISION = {"$": "Decision", "by": person("U2"), "at": moment(NOW), "approved": False, "reason": "Not today."}
BODIES = {
    "waiting": body("awaiting approval", approval=APPROVAL),
    "rejected": body("rejected", approval=APPROVAL, decision=DECISION),
    "unasked": body("approved"),
}


def config(connection: Connection) -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connection
    return made


def keep_them(connection: Connection) -> None:
    command.upgrade(config(connection), "0003")
    rows = table("launches", *map(column, [*COLUMNS, "id", "body", "requested_at"]))
    at = str(NOW) if connection.dialect.name == "sqlite" else NOW
    for name, each in BODIES.items():
        row: dict[str, object] = COLUMNS | {"id": name, "body": json.dumps(each), "requested_at": at}
        connection.execute(insert(rows), row)


def read(connection: Connection) -> dict[str, Launch]:
    command.upgrade(config(connection), "head")
    return {
        row.id: codec.load(row.body) for row in connection.execute(select(launches.c.id, launches.c.body))
    }


def raw(connection: Connection) -> dict[str, Any]:
    command.downgrade(config(connection), "0003")
    rows = connection.execute(text("SELECT id, body FROM launches")).all()
    return {row.id: json.loads(row.body) if isinstance(row.body, str) else row.body for row in rows}


async def test_what_one_group_had_to_approve_waits_for_it_still(database: str) -> None:
    async with open_database(database, Clock()) as opened:
        await opened.run(keep_them)
        found = await opened.run(read)
    waiting = found["waiting"]
    assert waiting.state is State.AWAITING_APPROVAL
    assert waiting.approval is not None
    stage = waiting.approval.stage
    assert stage is not None
    assert stage.rule == StageRule(by=Group(users=frozenset({"U2"}), groups=frozenset({"S1"})))
    assert stage.expires_at == NOW + timedelta(hours=4)
    assert found["unasked"].approval is None
    assert found["unasked"].digest == ""


async def test_a_decision_becomes_a_vote(database: str) -> None:
    async with open_database(database, Clock()) as opened:
        await opened.run(keep_them)
        found = await opened.run(read)
    approval = found["rejected"].approval
    assert approval is not None
    assert approval.votes == ()
    assert approval.rejection is not None
    assert approval.rejection.by == Person(team_id="T1", user_id="U2")
    assert approval.rejection.comment == "Not today."


async def test_going_back_a_release_finds_group_and_decision_again(database: str) -> None:
    async with open_database(database, Clock()) as opened:
        await opened.run(keep_them)
        await opened.run(read)
        assert await opened.run(raw) == BODIES
