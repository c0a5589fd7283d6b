"""How payloads reach a bot: Socket Mode and signed requests, acknowledged, late, lost and repeated."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack import PretendSlack
from bot.demo.slack.delivery.envelope import Retry
from bot.demo.slack.delivery.forging import foreign
from bot.demo.slack.people import ADA, OPS
from tests.demo.slack.scripted import SILENCE, Json, ScriptedBot, connected, modal, section


async def test_a_command_travels_in_an_envelope(slack: PretendSlack, bot: ScriptedBot) -> None:
    bot.replies["/vro"] = {"text": "on it"}
    answer = await slack.person("ada").slash("/vro", "status <now>", channel="#ops")
    assert (answer.ok, answer.text) == (True, "on it")
    envelope = bot.envelopes[-1]
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    payload = envelope["payload"]
    assert (payload["user_id"], payload["channel_id"], payload["channel_name"]) == (ADA, OPS, "ops")
    assert (payload["text"], payload["team_id"]) == ("status <now>", "T0HARBOUR")
    assert payload["response_url"].startswith("http://127.0.0.1:")
    assert slack.deliveries[-1].seconds[0] < 0.2


async def test_without_a_connection_the_person_is_told(slack: PretendSlack) -> None:
    answer = await slack.person("ada").slash("/vro", channel="#ops")
    assert answer.error == '/vro failed with the error "dispatch_failed"'


async def test_without_an_acknowledgement_in_time_the_person_is_told(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    bot.replies["/vro"] = SILENCE
    answer = await slack.person("ada").slash("/vro", channel="#ops")
    assert answer.error == '/vro failed with the error "operation_timeout"'


async def test_a_mute_connection_takes_payloads_and_delivers_none(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    slack.sockets.is_mute = True
    assert "operation_timeout" in str((await slack.person("ada").slash("/vro", channel="#ops")).error)
    assert bot.envelopes == []


async def test_each_payload_goes_to_one_of_several_connections(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    async with connected(slack, client) as one, connected(slack, client) as two:
        await slack.until(lambda: len(slack.sockets.connections) == 2)
        for _ in range(4):
            assert (await slack.person("ada").slash("/vro", channel="#ops")).ok
        assert (len(one.envelopes), len(two.envelopes)) == (2, 2)


async def test_an_address_opens_one_connection_only(slack: PretendSlack, client: AsyncWebClient) -> None:
    address = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(address) as socket:
            hello = await socket.receive_json()
            assert (hello["type"], hello["connection_info"]["app_id"]) == ("hello", "A0ORCHESTR")
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(address)


async def test_connections_are_warned_refreshed_and_dropped(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    address = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        await socket.receive_json()
        await slack.sockets.disconnect("warning")
        assert (await socket.receive_json())["reason"] == "warning"
        await slack.sockets.disconnect("refresh_requested")
        assert (await socket.receive_json())["reason"] == "refresh_requested"
        slack.sockets.drop()
        assert (await socket.receive()).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
    await slack.until(lambda: not slack.sockets.connections)


async def test_an_eleventh_connection_is_sent_away(slack: PretendSlack, client: AsyncWebClient) -> None:
    async with aiohttp.ClientSession() as session:
        sockets = []
        for _ in range(11):
            address = (await client.apps_connections_open(app_token=slack.app_token))["url"]
            sockets.append(await session.ws_connect(address))
        assert (await sockets[-1].receive_json())["reason"] == "too_many_websockets"
        for socket in sockets:
            await socket.close()


async def test_an_acknowledgement_may_come_on_another_connection(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    async with connected(slack, client) as one, aiohttp.ClientSession() as session:
        one.replies["/vro"] = SILENCE
        responder = asyncio.create_task(slack.person("ada").slash("/vro", channel="#ops"))
        await slack.until(lambda: slack.deliveries)
        address = (await client.apps_connections_open(app_token=slack.app_token))["url"]
        async with session.ws_connect(address) as other:
            await other.receive_json()
            await other.send_json({"envelope_id": one.envelopes[-1]["envelope_id"]})
            assert (await responder).ok


async def test_a_body_in_an_acknowledgement_that_takes_none_is_noted(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    bot.replies["shortcut"] = {"text": "thrown away"}
    assert (await slack.person("ada").shortcut("run_workflow")).ok
    assert slack.violations[0].where == "ack of shortcut"


async def test_an_event_that_is_not_acknowledged_is_delivered_once_more(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    bot.replies["app_home_opened"] = SILENCE
    await slack.person("ada").open_home()
    assert [e["retry_attempt"] for e in bot.envelopes] == [0, 1]
    assert bot.envelopes[0]["payload"] == bot.envelopes[1]["payload"]


async def test_any_payload_can_be_replayed_or_forged(slack: PretendSlack, bot: ScriptedBot) -> None:
    ada = slack.person("ada")
    await ada.shortcut("run_workflow")
    await slack.replay(slack.deliveries[-1], retry=Retry(number=2, reason="timeout"))
    assert bot.envelopes[-1]["payload"] == bot.envelopes[-2]["payload"]
    assert bot.envelopes[-1]["retry_attempt"] == 2
    await slack.send("interactive", foreign(slack.deliveries[-1].payload, team_id="T0FOREIGN"))
    assert bot.last("shortcut")["team"]["id"] == bot.last("shortcut")["user"]["team_id"] == "T0FOREIGN"


async def test_everything_the_bot_sends_can_be_searched(slack: PretendSlack, bot: ScriptedBot) -> None:
    bot.replies["/vro"] = {"text": "canary-1"}
    await slack.person("ada").slash("/vro", channel="#ops")
    await bot.client.chat_postMessage(channel=OPS, text="x", blocks=[section("canary-2 ü")])
    trigger = bot.last("/vro")["trigger_id"]
    await bot.client.views_open(
        trigger_id=trigger, view=modal(private_metadata=json.dumps({"k": "canary-3"}))
    )
    assert slack.where("canary-1") == ["ack"]
    assert slack.where("canary-2 ü") == ["chat.postMessage"]
    assert slack.where("canary-3") == ["views.open"]
    assert slack.where("canary-4") == []


@dataclass(kw_only=True)
class Endpoint:
    """A bot's HTTP address that keeps what it gets and answers as told."""

    verifier: SignatureVerifier
    url: str = ""
    got: list[tuple[bool, bytes, Json]] = field(default_factory=list)
    answer: Json | str = ""
    status: int = 200

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        headers = dict(request.headers)
        self.got.append((self.verifier.is_valid_request(raw, headers), raw, headers))
        if isinstance(self.answer, dict):
            return web.json_response(self.answer, status=self.status)
        return web.Response(text=self.answer, status=self.status)


@asynccontextmanager
async def endpoint_of(slack: PretendSlack) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint(verifier=SignatureVerifier(slack.signing_secret))
    app = web.Application()
    app.router.add_post("/slack/events", endpoint.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    slack.deliver_to(endpoint.url)
    try:
        yield endpoint
    finally:
        await runner.cleanup()


async def test_signed_requests_carry_commands_as_fields_and_interactions_as_a_payload(
    slack: PretendSlack,
) -> None:
    async with endpoint_of(slack) as endpoint:
        endpoint.answer = {"text": "by http"}
        answer = await slack.person("ada").slash("/vro", "run it", channel="#ops")
        assert answer.text == "by http"
        is_valid, raw, headers = endpoint.got[-1]
        assert is_valid
        assert headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert parse_qs(raw.decode())["text"] == ["run it"]
        endpoint.answer = ""
        assert (await slack.person("ada").shortcut("run_workflow")).ok
        sent = json.loads(parse_qs(endpoint.got[-1][1].decode())["payload"][0])
        assert sent["callback_id"] == "run_workflow"
        await slack.person("ada").open_home()
        assert json.loads(endpoint.got[-1][1])["event"]["type"] == "app_home_opened"


async def test_a_plain_text_answer_is_shown_and_a_failing_address_is_told(slack: PretendSlack) -> None:
    async with endpoint_of(slack) as endpoint:
        endpoint.answer = "plain words"
        assert (await slack.person("ada").slash("/vro", channel="#ops")).text == "plain words"
        endpoint.status = 500
        assert "dispatch_failed" in str((await slack.person("ada").slash("/vro", channel="#ops")).error)
        await slack.person("ada").open_home()
        assert endpoint.got[-1][2]["X-Slack-Retry-Num"] == "1"
    assert "dispatch_failed" in str((await slack.person("ada").slash("/vro", channel="#ops")).error)


async def test_signatures_can_be_missing_wrong_or_stale(slack: PretendSlack) -> None:
    async with endpoint_of(slack) as endpoint:
        await slack.person("ada").shortcut("run_workflow")
        delivery = slack.deliveries[-1]
        await slack.post_signed(delivery, signing="wrong")
        await slack.post_signed(delivery, signing="stale")
        assert [is_valid for is_valid, _, _ in endpoint.got] == [True, False, False]
        answer = await slack.post_signed(delivery)
        assert (answer.status, endpoint.got[-1][0]) == (200, True)
        await slack.post_signed(delivery, signing="missing")
        assert "X-Slack-Signature" not in endpoint.got[-1][2]
