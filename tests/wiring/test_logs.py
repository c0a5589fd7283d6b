"""What the log tells of a launch: each happening in one line with its keys, and nothing that people typed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from bot.runtime.logging import JsonLines, keys_of
from tests.wiring.test_safety import POLICY
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from tests.world import World

DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}


class Kept(logging.Handler):
    """Formats each record when it is logged, as the handler of a running bot does."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.keys: list[tuple[str, str, Mapping[str, object]]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(JsonLines().format(record))
        self.keys.append((record.name, record.getMessage(), keys_of(record)))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path, database=f"sqlite:///{tmp_path}/bot.sqlite3", policy=POLICY) as made:
        yield made


@pytest.fixture
def kept(caplog: pytest.LogCaptureFixture) -> Kept:
    caplog.set_level(logging.DEBUG, logger="bot")
    handler = Kept()
    logging.getLogger("bot").addHandler(handler)
    return handler


async def test_each_happening_is_one_line_and_all_lines_about_a_launch_bear_its_id(
    world: World, kept: Kept
) -> None:
    try:
        await world.launch(world.person("ada"), "delete", DELETE)
        await world.press(world.person("grace"), "Approve")
        await world.until_told("Succeeded")
    finally:
        logging.getLogger("bot").removeHandler(kept)
    told = [(message, keys) for name, message, keys in kept.keys if name == "bot.launches"]
    assert [message for message, _ in told] == ["requested", "approved", "started", "succeeded"]
    (launch_id,) = {keys["launch"] for _, keys in told}
    assert all(keys["workflow"] and keys["rule"] for _, keys in told)
    assert str(told[0][1]["person"]).endswith("/U0ADA")
    client = [keys for name, message, keys in kept.keys if name == "bot.orchestrator.transport"]
    assert [keys for keys in client if keys.get("launch") == launch_id], client
    posts = [
        keys for _, message, keys in kept.keys if message.startswith("POST /") and "executions" in message
    ]
    assert posts
    assert all(keys.get("launch") == launch_id for keys in posts)
    everything = "\n".join(kept.lines)
    for typed in DELETE.values():
        assert typed not in everything
    for secret in ("pretend-password", "xoxb-", "xapp-"):
        assert secret not in everything


async def test_a_person_who_may_not_is_one_line(world: World, kept: Kept) -> None:
    try:
        card = await world.launch(world.person("ada"), "delete", DELETE)
        await world.press(world.person("ben"), "Approve", card=card)
    finally:
        logging.getLogger("bot").removeHandler(kept)
    (keys,) = [keys for _, message, keys in kept.keys if message == "refused"]
    assert str(keys["person"]).endswith("/U0BEN")
    assert keys["launch"]
