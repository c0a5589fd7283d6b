"""`serve` around a Slack that is away, refuses the tokens, or falls silent for long."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.demo.environment import Environment, set_up
from bot.wiring.run import run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.demo.slack import PretendSlack

PATIENCE = 30.0  # seconds; only a failing test waits as long


@pytest.fixture
async def stage() -> AsyncIterator[Environment]:
    """The pretend servers."""
    async with set_up() as made:
        yield made


def free_port() -> int:
    """A port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def serving(stage: Environment, **more: str) -> AsyncIterator[tuple[asyncio.Task[None], int]]:
    """The bot in real time, with its port; stopped afterwards."""
    port = free_port()
    task = asyncio.create_task(run(stage.settings(HTTP_PORT=str(port), **more)))
    try:
        yield task, port
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def health(port: int) -> tuple[int, int]:
    """What `/healthz` and `/readyz` answer; 0 where nobody listens."""
    statuses = []
    async with aiohttp.ClientSession() as session:
        for path in ("/healthz", "/readyz"):
            try:
                async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                    statuses.append(answer.status)
            except aiohttp.ClientConnectionError:
                statuses.append(0)
    return statuses[0], statuses[1]


async def until_health(port: int, wanted: tuple[int, int], task: asyncio.Task[None]) -> None:
    """Wait for it; a bot that ended raises why."""
    async with asyncio.timeout(PATIENCE):
        while await health(port) != wanted:
            if task.done():
                await task
            await asyncio.sleep(0.1)


AUTH = "auth.test"
AWAY: dict[str, Callable[[PretendSlack], None]] = {
    "500": lambda slack: slack.faults.status(AUTH, 500, times=None),
    "in trouble": lambda slack: slack.faults.fail(AUTH, "service_unavailable", times=None),
    "429": lambda slack: slack.faults.limit(AUTH, times=None, retry_after=1),
    "HTML": lambda slack: slack.faults.answer(AUTH, b"<html>", content_type="text/html", times=None),
    "null": lambda slack: slack.faults.answer(AUTH, b"null", times=None),
    "[1]": lambda slack: slack.faults.answer(AUTH, b"[1]", times=None),
    "nulls": lambda slack: slack.faults.answer(
        AUTH, b'{"ok":true,"team_id":null,"bot_id":null,"user_id":null,"url":null}', times=None
    ),
    "cut": lambda slack: slack.faults.answer(AUTH, b'{"ok":true,"te', times=None),
}


@pytest.mark.parametrize(("how", "transport"), [("500", "http"), *((how, "socket") for how in AWAY)])
async def test_started_while_slack_is_away_it_waits_and_says_so(
    stage: Environment, caplog: pytest.LogCaptureFixture, how: str, transport: str
) -> None:
    AWAY[how](stage.slack)
    async with serving(stage, SLACK_TRANSPORT=transport) as (task, port):
        await until_health(port, (200, 503), task)
        await stage.slack.until(lambda: len(stage.slack.calls_of(AUTH)) >= 2, timeout=PATIENCE)
        assert await health(port) == (200, 503)
        said = [each for each in caplog.records if each.levelno >= logging.WARNING]
        assert ["the bot starts when Slack says who its token is" in each.getMessage() for each in said] == [
            True
        ]
        assert not said[0].exc_info
        stage.slack.faults.clear()
        await until_health(port, (200, 200), task)


async def test_started_while_connections_are_refused_it_waits(stage: Environment) -> None:
    await stage.slack.go_down()
    async with serving(stage) as (task, port):
        await until_health(port, (200, 503), task)
        await asyncio.sleep(2)
        assert await health(port) == (200, 503)
        await stage.slack.come_back()
        await until_health(port, (200, 200), task)


async def test_a_request_that_comes_before_there_is_a_bot_is_told_so(stage: Environment) -> None:
    await stage.slack.go_down()
    async with serving(stage, SLACK_TRANSPORT="http") as (task, port), aiohttp.ClientSession() as session:
        await until_health(port, (200, 503), task)
        async with session.post(f"http://127.0.0.1:{port}/slack/events", data=b"x") as answer:
            assert answer.status == 503


async def test_deaf_for_long_it_is_unhealthy_until_slack_is_back(stage: Environment) -> None:
    async with serving(stage, SLACK_DEAF_SECONDS="1.5") as (task, port):
        await until_health(port, (200, 200), task)
        stage.slack.faults.status("handshake", 503, times=None)  # the WebSocket alone is refused
        stage.slack.sockets.drop()
        await until_health(port, (200, 503), task)
        await until_health(port, (503, 503), task)
        stage.slack.faults.clear()
        await until_health(port, (200, 200), task)


async def test_by_http_deafness_is_nobodys_to_tell(stage: Environment) -> None:
    async with serving(stage, SLACK_TRANSPORT="http", SLACK_DEAF_SECONDS="0.001") as (task, port):
        await until_health(port, (200, 200), task)


async def test_an_app_token_that_cannot_be_tried_at_start_is_tried_later(stage: Environment) -> None:
    stage.slack.faults.status("apps.connections.open", 500, times=1)
    async with serving(stage) as (task, port):
        await until_health(port, (200, 200), task)


@pytest.mark.parametrize(
    ("method", "setting"), [("auth.test", "SLACK_BOT_TOKEN"), ("apps.connections.open", "SLACK_APP_TOKEN")]
)
async def test_a_wrong_token_at_start_is_said_in_a_sentence(
    stage: Environment, method: str, setting: str
) -> None:
    stage.slack.faults.fail(method, "invalid_auth", times=None)
    file = stage.folder / "bot.env"
    held: dict[str, Any] = stage.settings().model_dump(mode="python")
    names = ("slack_bot_token", "slack_app_token", "database_url", "orchestrator_password")
    values = {name.upper(): held[name].get_secret_value() for name in names} | {
        "SLACK_API_URL": stage.slack.api_url,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": "0",
        "ORCHESTRATOR_URL": stage.orchestrator.url,
        "ORCHESTRATOR_LOGIN": "basic",
        "ORCHESTRATOR_USERNAME": "svc-chatops",
        "POLICY_FILE": str(held["policy_file"]),
        "SECRET_SVC_BACKUP": "correct-horse-battery",
        "SECRET_SVC_MONITORING": "staple-and-tape",
        "SEALING_KEYS": "0lmXbLhtmVTVbLlkkpVtDUkNmdCM2zTm6zlEmKJd0VU=",
    }
    file.write_text("\n".join(f"{name}={value}" for name, value in values.items()), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "--settings", str(file), "serve", stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        _, said = await process.communicate()
    assert process.returncode == 1
    last = said.decode().strip().splitlines()[-1]
    assert last.startswith(f"Slack refuses {setting}: invalid_auth.")
    assert "Traceback" not in said.decode()
