"""One proxy for all that goes to Slack."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web

from bot.domain.people import Person
from bot.slack.clients import open_slack
from bot.slack.files import Files
from bot.slack.tokens import read_bot_token

API = "http://slack.invalid/api/"
ME = {
    "url": "https://x.slack.com/",
    "team_id": "T1",
    "user_id": "U1",
    "bot_id": "B1",
    "user": "b",
    "team": "x",
}


async def test_web_api_websocket_answers_and_files_go_through_the_one_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    async def pass_on(request: web.BaseRequest) -> web.Response:
        seen.append(request.raw_path if request.raw_path.startswith("http") else str(request.url))
        file = {"url_private_download": "http://slack.invalid/files-pri/1", "size": 1, "user": "U1"}
        return web.json_response({"ok": True, **ME, "file": file})

    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # another one, which the setting goes before
    runner = web.ServerRunner(web.Server(pass_on))
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        proxy = f"http://127.0.0.1:{runner.addresses[0][1]}"
        await read_bot_token("xoxb-1", api_url=API, proxy=proxy)
        async with open_slack(token="xoxb-1", app_token=None, api_url=API, proxy=proxy) as slack:
            await slack.announcing.auth_test()
            await slack.session.post("http://slack.invalid/hooks/1", json={})
            await Files(client=slack.client, session=slack.session, largest=1000).read(
                "F1", owner=Person(team_id="T1", user_id="U1")
            )
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await slack.session.ws_connect("ws://slack.invalid/link/")
    finally:
        await runner.cleanup()
    asked = [address.partition("slack.invalid")[2].partition("?")[0] for address in seen]
    assert asked == [
        "/api/auth.test",
        "/api/auth.test",
        "/api/auth.test",
        "/hooks/1",
        "/api/files.info",
        "/files-pri/1",
        "/link/",
    ]
