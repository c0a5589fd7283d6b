"""Cards of the first release, which were columns of their launch, move to the table of cards and back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy import column, insert, table, text

import bot.store.migrating
from bot.store.cards import CardKind, homes
from bot.store.database import Clock
from bot.store.opening import open_database

if TYPE_CHECKING:
    from sqlalchemy import Connection

FOLDER = Path(bot.store.migrating.__file__).parent / "migrations"
NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
LAUNCH = {
    "state": "running",
    "workflow_id": "wf-1",
    "requester": "T1/U1",
    "channel": "C1",
    "requested_at": NOW,
    "cancel_asked": False,
    "body": {},
    "version": 4,
    "fence": 0,
    "tell_fence": 0,
    "tell_tries": 0,
    "last_seq": 2,
    "told_seq": 2,
}
CARDS = {
    "told": ("C1", "1762.5", 4),
    "in a direct message": ("D1", "1762.6", 3),
    "not posted": (None, None, 0),
}


def config(connection: Connection) -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connection
    return made


def launch_it(connection: Connection) -> None:
    names = [*LAUNCH, "id", "card_channel", "card_ts", "card_version"]
    launches = table("launches", *map(column, names))
    command.upgrade(config(connection), "0002")
    for name, (channel, ts, version) in CARDS.items():
        row: dict[str, object] = LAUNCH | {
            "id": name,
            "card_channel": channel,
            "card_ts": ts,
            "card_version": version,
        }
        body = {"body": "{}", "requested_at": str(NOW) if connection.dialect.name == "sqlite" else NOW}
        connection.execute(insert(launches), row | body)


def cards_before(connection: Connection) -> dict[str, tuple[str | None, str | None, int]]:
    rows = connection.execute(text("SELECT id, card_channel, card_ts, card_version FROM launches")).all()
    return {row.id: (row.card_channel, row.card_ts, row.card_version) for row in rows}


async def test_a_posted_card_is_kept_where_it_is_with_what_it_shows(database: str) -> None:
    async with open_database(database, Clock()) as opened:
        await opened.run(launch_it)
        await opened.run(lambda sql: command.upgrade(config(sql), "head"))
        found = await opened.run(lambda sql: homes(sql, CARDS))
    kept = {name: (card.channel, card.ts, card.version) for name, card in found.items()}
    assert kept == {name: card for name, card in CARDS.items() if name != "not posted"}
    assert {(card.kind, card.target) for card in found.values()} == {(CardKind.HOME, "C1")}


async def test_going_back_a_release_finds_the_cards_again(database: str) -> None:
    async with open_database(database, Clock()) as opened:
        await opened.run(launch_it)
        await opened.run(lambda sql: command.upgrade(config(sql), "0003"))
        await opened.run(lambda sql: command.downgrade(config(sql), "0002"))
        assert await opened.run(cards_before) == CARDS
