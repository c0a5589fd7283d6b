"""A small bot written with slack_bolt works against the pretend Slack, over Socket Mode and over HTTP."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack import PretendSlack
from bot.demo.slack.people import OPS
from tests.demo.slack.scripted import Json, button, input_block, modal, option, section

ASK = modal(
    input_block("Name", {"type": "plain_text_input"}),
    input_block("Host", {"type": "external_select", "action_id": "host", "min_query_length": 0}),
    callback_id="ask",
)


def small_bot(slack: PretendSlack, session: aiohttp.ClientSession) -> AsyncApp:
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)
    app = AsyncApp(client=client, signing_secret=slack.signing_secret, logger=logging.getLogger("small bot"))

    @app.command("/vro")
    async def asked(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=ASK)
        await ack(f"opening for <@{body['user_id']}>")

    @app.options("host")
    async def typed(ack: AsyncAck, payload: Json) -> None:
        await ack(options=[option(f"{payload['value'] or 'any'}-01")])

    @app.view("ask")
    async def submitted(ack: AsyncAck, view: Json, client: AsyncWebClient) -> None:
        name = view["state"]["values"]["name"]["answer"]["value"]
        if name == "taken":
            await ack(response_action="errors", errors={"name": "This name is taken."})
            return
        await ack()
        blocks = [section(name), {"type": "actions", "elements": [button("Approve", "approve")]}]
        await client.chat_postMessage(channel=OPS, text=name, blocks=blocks)

    @app.action("approve")
    async def approved(ack: AsyncAck, respond: AsyncRespond, body: Json) -> None:
        await ack()
        await respond(text=f"approved by <@{body['user']['id']}>", replace_original=True)

    @app.event("app_mention")
    async def mentioned(event: Json, client: AsyncWebClient) -> None:
        await client.chat_postMessage(channel=event["channel"], text="you called?", thread_ts=event["ts"])

    return app


@asynccontextmanager
async def by_socket(slack: PretendSlack, app: AsyncApp) -> AsyncIterator[None]:
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.1)
    await handler.connect_async()  # type: ignore[no-untyped-call] # bolt's own
    await slack.until(lambda: slack.sockets.connections)
    try:
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call] # bolt's own


@asynccontextmanager
async def by_http(slack: PretendSlack, app: AsyncApp) -> AsyncIterator[None]:
    runner = aiohttp.web.AppRunner(app.web_app(), access_log=None)
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("way", [by_socket, by_http])
async def test_a_story_from_command_to_approval(slack: PretendSlack, way: Any) -> None:  # noqa: ANN401 # either way
    ada, grace = slack.person("ada"), slack.person("grace")
    async with aiohttp.ClientSession() as session, way(slack, small_bot(slack, session)):
        assert (await ada.slash("/vro", "run", channel="#ops")).text == "opening for <@U0ADA>"
        assert ada.labels == ["Name", "Host"]
        await ada.type("Name", "taken")
        await ada.pick("Host", "esx-01", typed="esx")
        assert (await ada.submit()).error_at == {"Name": "This name is taken."}
        await ada.type("Name", "vm-1")
        assert (await ada.submit()).closed
        await slack.until(lambda: slack.messages("#ops"))
        assert (await grace.press("Approve")).ok
        await slack.until(lambda: slack.messages("#ops")[0]["text"] == "approved by <@U0GRACE>")
        question = await ada.say("@orchestrator hello", channel="#ops")
        await slack.until(lambda: len(slack.thread("#ops", question["ts"])) == 2)
        assert slack.violations == []


async def test_bolt_refuses_a_bad_signature_and_an_unknown_click_fails(slack: PretendSlack) -> None:
    async with aiohttp.ClientSession() as session, by_http(slack, small_bot(slack, session)):
        await slack.person("ada").slash("/vro", channel="#ops")
        for signing in ("wrong", "stale"):
            answer = await slack.post_signed(slack.deliveries[-1], signing=signing)
            assert (signing, answer.status) == (signing, 401)
        assert (await slack.person("ada").shortcut("run_workflow")).error == "dispatch_failed"


async def test_bolt_connects_again_when_it_is_told_to_or_cut_off(slack: PretendSlack) -> None:
    ada = slack.person("ada")
    async with aiohttp.ClientSession() as session, by_socket(slack, small_bot(slack, session)):
        first = slack.sockets.connections[0]
        await slack.sockets.disconnect("refresh_requested")
        await slack.until(lambda: slack.sockets.connections[0] is not first)
        assert (await ada.slash("/vro", channel="#ops")).ok
        second = slack.sockets.connections[0]
        slack.sockets.drop()
        await slack.until(lambda: slack.sockets.connections[0] is not second)
        assert (await ada.slash("/vro", channel="#ops")).ok
