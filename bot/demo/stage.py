"""The unchanged bot between a pretend Slack and a pretend Orchestrator, on loopback ports."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING


from bot.app import run
from bot.demo.orchestrator import PretendOrchestrator
from bot.demo.orchestrator.samples import furnish
from bot.demo.slack import PretendSlack
from bot.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import Bot
    from bot.settings import Settings

POLICY = Path(__file__).parent / "policy.yaml"
MANIFEST = {
    "features": {
        "slash_commands": [
            {"command": "/vro", "description": "Run Orchestrator workflows", "usage_hint": "run, status, help"}
        ],
        "shortcuts": [
            {
                "name": "Run a workflow",
                "type": "global",
                "callback_id": "run_workflow",
                "description": "Pick a workflow and fill in its form",
            }
        ],
    }
}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What is on it."""

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
async def set_up(*, port: int = 0) -> AsyncIterator[Stage]:
    """Both pretend servers, furnished, and a folder for the bot; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="orchestrator-bot-") as folder:
        async with PretendSlack(
            commands=MANIFEST["features"]["slash_commands"],
            shortcuts=MANIFEST["features"]["shortcuts"],
            has_home_tab=False,
            port=port,
        ) as slack, PretendOrchestrator() as orchestrator:
            furnish(orchestrator)
            yield Stage(slack=slack, orchestrator=orchestrator, folder=Path(folder))


@asynccontextmanager
async def playing(settings: Settings) -> AsyncIterator[Bot]:
    """The bot, running; entered once it is ready, stopped when left, its failure raised."""
    ready: asyncio.Future[Bot] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run(settings, on_ready=lambda bot, _: ready.set_result(bot)))
    try:
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        bot = await ready
        await bot.catalogue.refresh()
        yield bot
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
