"""A receiver between the pretend Slack and a Bolt app that acks as the test says, with short timings."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.slack.answers import SlackClient
from bot.slack.receivers import SocketModeReceiver
from bot.slack.receivers.links import Timings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.demo.slack import PretendSlack
    from bot.demo.slack.delivery.envelope import Ack

QUICK = Timings(
    ticket=0.5,
    handshake=0.5,
    hello=0.5,
    heartbeat=10,
    close=0.2,
    ack=10,
    drain=0.3,
    settled=0.2,
    first_pause=0.02,
    longest_pause=0.1,
    start_apart=0.01,
)
CALM = replace(
    QUICK, ticket=10, handshake=10, hello=10
)  # where nothing hangs: no try fails on a busy machine
PATIENCE = 20.0  # seconds; only a failing test waits as long


@dataclass(kw_only=True)
class Receiving:
    """What a test works with."""

    slack: PretendSlack
    receiver: SocketModeReceiver
    running: asyncio.Task[None]
    gate: asyncio.Event
    arrived: asyncio.Event

    async def until_linked(self, links: int) -> None:
        """Wait until exactly so many sockets are open, each of them greeted."""
        await self.slack.until(lambda: len(self.slack.sockets.connections) == links, timeout=PATIENCE)
        async with asyncio.timeout(PATIENCE):
            while self.receiver.deaf_seconds:  # noqa: ASYNC110 - the receiver tells it by no event
                await asyncio.sleep(0.01)

    async def stays_linked(self, links: int) -> None:
        """The same, and that it stays so once all that retires has retired."""
        await self.until_linked(links)
        await asyncio.sleep(2 * QUICK.drain + QUICK.close)
        await self.until_linked(links)
        assert not self.running.done()

    async def held_command(self) -> asyncio.Task[Ack]:
        """A command that has arrived and is acked once the gate is opened."""
        self.gate.clear()
        self.arrived.clear()
        sent = asyncio.create_task(self.command())
        async with asyncio.timeout(PATIENCE):
            await self.arrived.wait()
        return sent

    async def command(self) -> Ack:
        """Have a command sent and answered."""
        payload = {"command": "/vro", "text": "", "team_id": "T0HARBOUR", "user_id": "U0ADA"}
        return await self.slack.send("slash_commands", payload)

    async def is_reached(self, times: int = 4) -> None:
        """Every payload is acked, whichever socket it goes out on."""
        for _ in range(times):
            assert (await self.command()).ok


def bolt_app(client: SlackClient, gate: asyncio.Event, arrived: asyncio.Event) -> AsyncApp:
    """An app that acks a command once the gate is open."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T0HARBOUR", bot_token="xoxb-1", bot_id="B0", bot_user_id="U0"
        )

    app = AsyncApp(client=client, authorize=authorize, signing_secret="demo-signing-secret")

    @app.command("/vro")
    async def commanded(ack: Any, body: dict[str, Any]) -> None:  # noqa: ANN401 - Bolt's own
        arrived.set()
        await gate.wait()
        match body.get("text"):
            case "json":
                await ack({"text": "acked"})
            case "words":
                await ack("acked")
            case _:
                await ack()

    return app


@asynccontextmanager
async def receiving(
    slack: PretendSlack, *, links: int = 2, timings: Timings = CALM
) -> AsyncIterator[Receiving]:
    """A running receiver; its sockets are gone afterwards."""
    gate, arrived = asyncio.Event(), asyncio.Event()
    gate.set()
    async with aiohttp.ClientSession() as session:
        client = SlackClient(slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        receiver = SocketModeReceiver(
            bolt_app(client, gate, arrived),
            app_token=slack.app_token,
            client=client,
            session=session,
            links=links,
            timings=timings,
        )
        running = asyncio.create_task(receiver.run())
        try:
            yield Receiving(slack=slack, receiver=receiver, running=running, gate=gate, arrived=arrived)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    await slack.until(lambda: not slack.sockets.connections, timeout=PATIENCE)
