"""The unchanged bot between a pretend Slack and a pretend Orchestrator, on loopback ports."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.demo.orchestrator import PretendOrchestrator
from bot.demo.orchestrator.samples import seed
from bot.demo.slack import PretendSlack
from bot.demo.slack.manifest import own_manifest
from bot.settings import read_settings
from bot.wiring.run import run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.settings import Settings
    from bot.wiring.build import Bot

POLICY = Path(__file__).parent / "policy.yaml"
_PATIENCE = 10.0  # seconds until Slack can reach the bot


def real_time() -> datetime:
    """What the clock on the wall shows, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Both pretend servers and the folder of one demo or test."""

    slack: PretendSlack
    orchestrator: PretendOrchestrator
    folder: Path  # with the database and the policy file

    def settings(self, **more: str) -> Settings:
        """The settings with which the bot finds both."""
        return read_settings(
            {
                "SLACK_BOT_TOKEN": self.slack.bot_token,
                "SLACK_APP_TOKEN": self.slack.app_token,
                "SLACK_SIGNING_SECRET": self.slack.signing_secret,
                "SLACK_API_URL": self.slack.api_url,
                "HTTP_HOST": "127.0.0.1",
                "HTTP_PORT": "0",
                "ORCHESTRATOR_URL": self.orchestrator.url,
                "ORCHESTRATOR_LOGIN": "basic",
                "ORCHESTRATOR_USERNAME": "svc-chatops",
                "ORCHESTRATOR_PASSWORD": "pretend-password",
                "DATABASE_URL": f"sqlite:///{self.folder / 'bot.sqlite3'}",
                "POLICY_FILE": str(POLICY),
                "SETTLE_SECONDS": "2",
                "SECRET_SVC_BACKUP": "correct-horse-battery",
                "SECRET_SVC_MONITORING": "staple-and-tape",
                "SEALING_KEYS": "0lmXbLhtmVTVbLlkkpVtDUkNmdCM2zTm6zlEmKJd0VU=",
            }
            | more
        )


@asynccontextmanager
async def set_up(
    *, port: int = 0, folder: Path | None = None, now: Callable[[], datetime] = real_time
) -> AsyncIterator[Environment]:
    """Start both pretend servers with the sample data; without a folder, in a temporary one."""
    async with AsyncExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="orchestrator-bot-")))
        slack = PretendSlack(manifest=own_manifest(), now=now, port=port)
        stack.push_async_exit(slack)  # before it is entered: the second of its ports may be taken
        await slack.__aenter__()
        orchestrator = await stack.enter_async_context(PretendOrchestrator(now=now))
        seed(orchestrator)
        yield Environment(slack=slack, orchestrator=orchestrator, folder=folder)


@asynccontextmanager
async def playing(environment: Environment) -> AsyncIterator[Bot]:
    """Run the bot in real time: entered once Slack can reach it, stopped when left, its failure raised."""
    ready: asyncio.Future[Bot] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run(environment.settings(), on_ready=lambda bot, _: ready.set_result(bot)))
    try:
        either: tuple[asyncio.Future[Any], ...] = (task, ready)
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        bot = await ready
        await bot.catalogue.refresh()
        await environment.slack.until(lambda: environment.slack.sockets.connections, timeout=_PATIENCE)
        yield bot
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
