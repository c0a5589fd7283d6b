"""The page's protocol: the world, the live connection, and everything a page can ask for."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bot.demo.slack import PretendSlack
from bot.demo.slack.people import ADA, BEN, OPS, VM_CHANGES
from tests.demo.slack.scripted import (
    Json,
    ScriptedBot,
    button,
    home,
    input_block,
    modal,
    option,
    section,
)


@dataclass(kw_only=True)
class Page:
    socket: aiohttp.ClientWebSocketResponse
    frames: list[Json] = field(default_factory=list)

    async def ask(self, what: str, **fields: object) -> Json:
        await self.socket.send_json({"id": 1, "do": what, **fields})
        return await self.next("reply")

    async def next(self, kind: str) -> Json:
        """The next frame of a type; the others are kept in `frames`."""
        async with asyncio.timeout(2):
            while True:
                frame: Json = await self.socket.receive_json()
                if kind in {frame.get("type"), "reply" if "reply" in frame else None}:
                    return frame
                self.frames.append(frame)


@asynccontextmanager
async def page_of(slack: PretendSlack, user: str) -> AsyncIterator[Page]:
    address = f"{slack.url}/page/live?user={user}"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        yield Page(socket=socket)


async def test_the_world_tells_who_and_what_there_is(slack: PretendSlack) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{slack.url}/page/world") as response:
        world = await response.json()
    assert (world["start_as"], world["start_in"], world["bot"]["user_id"]) == (ADA, OPS, "U0BOT")
    assert {p["name"]: p["is_guest"] for p in world["people"]}["gil"]
    assert world["commands"][0] == {"command": "/vro", "description": "Run", "usage_hint": "[what]"}
    assert world["shortcuts"][0]["callback_id"] == "run_workflow"
    assert [c["name"] for c in world["channels"] if c["is_private"]] == ["vm-changes"]
    (group,) = world["user_groups"]
    assert (group["id"], group["handle"]) == ("S0APPROVERS", "approvers")


async def test_files_come_from_the_pages_folder_and_from_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>page</p>")
    (tmp_path / "main.js").write_text("1")
    async with PretendSlack(page_folder=tmp_path) as slack, aiohttp.ClientSession() as session:
        expected = {"/": 200, "/page/main.js": 200, "/page/none.js": 404, "/page/..%2Fsecret.txt": 404}
        for path, status in expected.items():
            async with session.get(f"{slack.url}{path}") as response:
                assert (path, response.status) == (path, status)


async def test_a_page_begins_with_what_its_person_may_see(slack: PretendSlack, bot: ScriptedBot) -> None:
    await bot.client.chat_postMessage(channel=OPS, text="open")
    await bot.client.chat_postMessage(channel=VM_CHANGES, text="closed")
    await bot.client.chat_postEphemeral(channel=OPS, user=ADA, text="psst")
    await bot.client.views_publish(user_id=ADA, view=home(section("home")))
    async with page_of(slack, ADA) as ada, page_of(slack, "U0GUEST") as guest:
        hers = await ada.next("snapshot")
        theirs = await guest.next("snapshot")
    assert [m["text"] for m in hers["messages"][VM_CHANGES]] == ["closed"]
    assert [m["text"] for m in hers["ephemerals"][OPS]] == ["psst"]
    assert hers["home"]["type"] == "home"
    assert VM_CHANGES not in theirs["messages"]
    assert (theirs["ephemerals"][OPS], theirs["home"], theirs["views"]) == ([], None, [])


async def test_changes_are_told_to_who_may_see_them(slack: PretendSlack, bot: ScriptedBot) -> None:
    async with page_of(slack, BEN) as ben:
        await ben.next("snapshot")
        await bot.client.chat_postEphemeral(channel=OPS, user=ADA, text="not for Ben")
        await bot.client.views_publish(user_id=ADA, view=home())
        ts = (await bot.client.chat_postMessage(channel=OPS, text="hello"))["ts"]
        assert (await ben.next("message"))["message"]["text"] == "hello"
        assert ben.frames == []
        await bot.client.chat_update(channel=OPS, ts=ts, text="changed")
        assert (await ben.next("message"))["message"]["text"] == "changed"
        await bot.client.chat_delete(channel=OPS, ts=ts)
        assert await ben.next("message_deleted") == {"type": "message_deleted", "channel": OPS, "ts": ts}


async def test_a_page_can_run_a_whole_form(slack: PretendSlack, bot: ScriptedBot) -> None:
    bot.replies["block_suggestion"] = {"options": [option("esx-01", "7")]}
    async with page_of(slack, ADA) as page:
        await page.next("snapshot")
        assert await page.ask("slash", channel=OPS, command="/vro", text="run") == {"reply": 1, "ok": True}
        fields = (
            input_block("Name", {"type": "plain_text_input"}),
            input_block("Host", {"type": "external_select"}),
        )
        await bot.client.views_open(trigger_id=bot.last("/vro")["trigger_id"], view=modal(*fields))
        view = (await page.next("views"))["stack"][-1]
        container = {"type": "view", "view_id": view["id"]}
        empty = await page.ask("submit", view_id=view["id"], state={"values": {}})
        assert empty["errors"].keys() == {"name", "host"}
        named = {"name": {"answer": {"type": "plain_text_input", "value": "vm-1"}}}
        offered = await page.ask(
            "suggest",
            container=container,
            block_id="host",
            action_id="answer",
            value="esx",
            state={"values": named},
        )
        picked = {"host": {"answer": {"type": "external_select", "selected_option": offered["options"][0]}}}
        assert (await page.ask("submit", view_id=view["id"], state={"values": named | picked}))["ok"]
        values = bot.last("view_submission")["view"]["state"]["values"]
        assert values["name"]["answer"]["value"] == "vm-1"
        assert values["host"]["answer"]["selected_option"]["value"] == "7"
        assert slack.person("ada").view is None


async def test_a_page_can_press_say_upload_and_open(slack: PretendSlack, bot: ScriptedBot) -> None:
    blocks = [{"type": "actions", "block_id": "b", "elements": [button("Approve", "approve", value="7")]}]
    ts = (await bot.client.chat_postMessage(channel=OPS, text="card", blocks=blocks))["ts"]
    on_card = {"type": "message", "channel": OPS, "ts": ts, "ephemeral": False}
    press = {"type": "button", "action_id": "approve", "value": "7"}
    async with page_of(slack, ADA) as page:
        await page.next("snapshot")
        state: Json = {"values": {}}
        assert (await page.ask("act", container=on_card, block_id="b", action=press, state=state))["ok"]
        assert bot.last("block_actions")["actions"][0]["value"] == "7"
        gone = await page.ask("act", container=on_card, block_id="c", action=press, state=state)
        assert "there is nothing with action_id" in gone["error"]
        assert (await page.ask("say", channel=OPS, text="@orchestrator hi", thread_ts=ts))["ok"]
        assert bot.last("app_mention")["event"]["thread_ts"] == ts
        assert (await page.ask("shortcut", callback_id="run_workflow"))["ok"]
        assert (await page.ask("open_home"))["ok"]
        encoded = base64.b64encode(b"fine").decode()
        uploaded = await page.ask("upload", name="run.log", mime_type="text/plain", base64=encoded)
        assert (uploaded["file"]["name"], uploaded["file"]["size"]) == ("run.log", 4)
    url = f"{slack.url}{uploaded['file']['url']}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert await response.read() == b"fine"


async def test_a_page_is_told_why_something_cannot_be_done(slack: PretendSlack) -> None:
    async with page_of(slack, ADA) as page:
        await page.next("snapshot")
        assert "dispatch_failed" in (await page.ask("slash", channel=OPS, command="/vro"))["error"]
        assert "unknown request" in (await page.ask("dance"))["error"]
        assert "malformed request" in (await page.ask("say", channel=OPS))["error"]
        assert "has no view" in (await page.ask("close", view_id="V1"))["error"]


async def test_nobody_gets_no_page(slack: PretendSlack) -> None:
    address = f"{slack.url}/page/live?user=U0NOBODY"
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        assert response.status == 404
