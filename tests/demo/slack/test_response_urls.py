"""Response URLs: five uses within thirty minutes, private unless told otherwise."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.demo.slack import PretendSlack
from bot.demo.slack.people import OPS, RANDOM
from tests.demo.slack.scripted import Clock, Json, ScriptedBot, button, section


class Responder:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def post(self, url: str, **body: object) -> tuple[int, str]:
        async with self._session.post(url, json=body) as response:
            return response.status, await response.text()


@pytest.fixture
async def responder() -> AsyncIterator[Responder]:
    async with aiohttp.ClientSession() as session:
        yield Responder(session)


CARD: Json = {"type": "actions", "elements": [button("Refresh", "refresh")]}


async def a_command_url(slack: PretendSlack, bot: ScriptedBot, channel: str = "#ops") -> str:
    await slack.person("ada").slash("/vro", channel=channel)
    return str(bot.last("/vro")["response_url"])


async def a_click_url(slack: PretendSlack, bot: ScriptedBot) -> str:
    await slack.person("ada").press("Refresh")
    return str(bot.last("block_actions")["response_url"])


async def test_five_answers_and_no_more(slack: PretendSlack, bot: ScriptedBot, responder: Responder) -> None:
    url = await a_command_url(slack, bot)
    for number in range(5):
        assert await responder.post(url, text=str(number)) == (200, "ok")
    status, said = await responder.post(url, text="6")
    assert (status, "used_url" in said) == (404, True)
    assert [m["text"] for m in slack.person("ada").ephemerals("#ops")] == ["0", "1", "2", "3", "4"]
    assert slack.messages(OPS) == []


async def test_after_thirty_minutes_it_is_expired(
    slack: PretendSlack, bot: ScriptedBot, responder: Responder, clock: Clock
) -> None:
    url = await a_command_url(slack, bot)
    clock.move(30 * 60 + 1)
    status, said = await responder.post(url, text="late")
    assert (status, "expired_url" in said) == (404, True)
    assert (await responder.post(f"{url}X", text="never given"))[0] == 404


async def test_in_channel_answers_are_for_all_even_where_the_bot_is_not(
    slack: PretendSlack, bot: ScriptedBot, responder: Responder
) -> None:
    url = await a_command_url(slack, bot, channel="#random")
    await responder.post(url, text="hello all", response_type="in_channel")
    assert [m["text"] for m in slack.messages(RANDOM)] == ["hello all"]
    parent = slack.messages(RANDOM)[0]["ts"]
    await responder.post(url, text="below", response_type="in_channel", thread_ts=parent)
    assert [m["text"] for m in slack.thread(RANDOM, parent)] == ["hello all", "below"]


async def test_the_clicked_message_is_replaced_or_deleted(
    slack: PretendSlack, bot: ScriptedBot, responder: Responder
) -> None:
    await bot.client.chat_postMessage(channel=OPS, text="card", blocks=[section("card"), CARD])
    url = await a_click_url(slack, bot)
    await responder.post(url, text="decided", replace_original=True)
    message = slack.messages(OPS)[0]
    assert (message["text"], message.get("blocks")) == ("decided", None)
    await responder.post(url, delete_original=True)
    assert slack.messages(OPS) == []


async def test_a_clicked_ephemeral_message_is_replaced_for_its_reader(
    slack: PretendSlack, bot: ScriptedBot, responder: Responder
) -> None:
    await bot.client.chat_postEphemeral(channel=OPS, user=slack.person("ada").id, text="card", blocks=[CARD])
    url = await a_click_url(slack, bot)
    assert "message" not in bot.last("block_actions")
    assert bot.last("block_actions")["container"]["is_ephemeral"]
    await responder.post(url, text="new", replace_original=True)
    assert [m["text"] for m in slack.person("ada").ephemerals("#ops")] == ["new"]
    await responder.post(url, delete_original=True)
    assert slack.person("ada").ephemerals("#ops") == []


async def test_bad_answers_are_refused_and_noted(
    slack: PretendSlack, bot: ScriptedBot, responder: Responder
) -> None:
    url = await a_command_url(slack, bot)
    status, said = await responder.post(url, blocks=[{"type": "alert"}])
    assert (status, "invalid_blocks" in said) == (400, True)
    assert (await responder.post(url))[0] == 400
    await responder.post(url, text="x", colour="red")
    assert [v.problems[0] for v in slack.violations] == [
        "[ERROR] unsupported type: alert [json-pointer:/blocks/0/type]",
        "unknown property: colour",
    ]
