"""What goes wrong on command: refusals, limits, slowness, lost connections and a Slack that is away."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack import PretendSlack
from bot.demo.slack.people import OPS
from tests.demo.slack.scripted import ScriptedBot


async def test_a_method_fails_with_a_chosen_error_as_often_as_told(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    slack.faults.fail("chat.postMessage", "fatal_error", times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError, match="fatal_error"):
            await client.chat_postMessage(channel=OPS, text="x")
    await client.chat_postMessage(channel=OPS, text="x")
    assert [call.ok for call in slack.calls_of("chat.postMessage")] == [False, False, True]


async def test_a_429_is_retried_by_a_client_that_honours_it(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    slack.faults.limit("auth.test", retry_after=0)
    assert (await client.auth_test())["ok"]
    assert [call.status for call in slack.calls] == [429, 200]


async def test_an_http_error_is_not_slacks_json(slack: PretendSlack, client: AsyncWebClient) -> None:
    slack.faults.status("*", 503)
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert caught.value.response.status_code == 503


async def test_a_lost_answer_leaves_the_message_posted(slack: PretendSlack, client: AsyncWebClient) -> None:
    slack.faults.lose_answer("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=OPS, text="once")
    assert [m["text"] for m in slack.messages(OPS)] == ["once"]


async def test_a_client_that_retries_blindly_posts_twice(slack: PretendSlack, client: AsyncWebClient) -> None:
    client.retry_handlers.append(AsyncConnectionErrorRetryHandler())
    slack.faults.lose_answer("chat.postMessage")
    await client.chat_postMessage(channel=OPS, text="twice")
    assert len(slack.messages(OPS)) == 2


async def test_a_dropped_request_leaves_nothing_posted(slack: PretendSlack, client: AsyncWebClient) -> None:
    slack.faults.drop("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=OPS, text="never")
    assert slack.messages(OPS) == []


async def test_a_slow_answer_comes_in_the_end_and_a_hanging_one_when_let_go(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    slack.faults.slow("auth.test", seconds=0.05)
    assert (await client.auth_test())["ok"]
    slack.faults.hang("auth.test")
    hanging = asyncio.create_task(client.auth_test())
    await slack.until(lambda: len(slack.calls) == 2)
    assert not hanging.done()
    slack.faults.clear()
    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_while_slack_is_away_connections_are_refused(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    await client.auth_test()
    await slack.go_down()
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.auth_test()
    await slack.come_back()
    assert (await client.auth_test())["ok"]


async def test_what_hangs_is_cut_when_slack_goes_away(slack: PretendSlack, client: AsyncWebClient) -> None:
    slack.faults.hang("*")
    hanging = asyncio.create_task(client.auth_test())
    await slack.until(lambda: slack.calls)
    await slack.go_down()
    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_a_response_url_can_fail_too(slack: PretendSlack, bot: ScriptedBot) -> None:
    await slack.person("ada").slash("/vro", channel="#ops")
    url = bot.last("/vro")["response_url"]
    slack.faults.status("response_url", 500)
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json={"text": "lost"}) as response:
            assert response.status == 500
        async with session.post(url, json={"text": "told"}) as response:
            assert response.status == 200
    assert [m["text"] for m in slack.person("ada").ephemerals("#ops")] == ["told"]
