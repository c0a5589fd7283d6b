from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack import PretendSlack
from tests.demo.slack.scripted import Clock, ScriptedBot, connected


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[PretendSlack]:
    pretend = PretendSlack(
        now=clock,
        commands=[
            {"command": "/vro", "description": "Run", "usage_hint": "[what]"},
            {"command": "/who", "should_escape": True},
        ],
        shortcuts=[
            {"callback_id": "run_workflow", "name": "Run a workflow", "type": "global"},
            {"callback_id": "about_this", "name": "About this", "type": "message"},
        ],
        ack_seconds=0.3,
    )
    async with pretend as running:
        yield running


@pytest.fixture
async def client(slack: PretendSlack) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(
            token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
        )


@pytest.fixture
async def bot(slack: PretendSlack, client: AsyncWebClient) -> AsyncIterator[ScriptedBot]:
    async with connected(slack, client) as scripted:
        yield scripted
