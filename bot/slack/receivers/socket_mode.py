"""Slack's Socket Mode: payloads come as envelopes on WebSockets that the bot opens and keeps open.

The receiver keeps a fixed number of links. Slack hands each payload to any one of them, so a link that nobody
reads would lose its share: every socket has a reader from its handshake to its close.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from bot.runtime.backoff import Backoff, Outage
from bot.slack.receivers.dispatching import dispatch, read_json
from bot.slack.receivers.links import CLOSED, SocketLink, Timings, connect
from bot.slack.web_api import SlackAway, SlackRefuses

if TYPE_CHECKING:
    from collections.abc import Coroutine

    import aiohttp
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.response import BoltResponse

    from bot.slack.answers import SlackClient

log = logging.getLogger(__name__)

LINKS = 2  # so that one that was cut leaves another; Slack allows an app ten, over all its processes
_OK = 200
_DISABLED = "link_disabled"  # somebody switched Socket Mode off
_CLOSED_FIRST = frozenset({CLOSED, "too_many_websockets", _DISABLED})  # no successor fits beside it


class SocketModeReceiver:
    """Keeps links to Slack, answers what comes on them, and outlives whatever Slack does."""

    def __init__(
        self,
        bolt: AsyncApp,
        *,
        app_token: str,
        client: SlackClient,
        session: aiohttp.ClientSession,
        links: int = LINKS,
        timings: Timings | None = None,
    ) -> None:
        self._bolt = bolt
        self._app_token = app_token
        self._client = client
        self._session = session
        self._count = links
        self._timings = timings or Timings()
        self._live: list[SocketLink] = []
        self._open: set[SocketLink] = set()
        self._deaf_since: float | None = time.monotonic()
        self._greeting = asyncio.Event()  # a new one after each hello
        self._answering: set[asyncio.Task[None]] = set()  # asyncio itself holds tasks only weakly
        self._reading: set[asyncio.Task[None]] = set()
        self._outage = Outage("Slack's Socket Mode")

    @property
    def deaf_seconds(self) -> float:
        """For how long there has been no link on which Slack said hello; 0 while there is one."""
        return 0.0 if self._deaf_since is None else time.monotonic() - self._deaf_since

    async def run(self) -> None:
        """Keep the links until cancelled; then acks that are due go out, and every socket is closed."""
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(self._count):
                    group.create_task(self._keep(after=number * self._timings.start_apart))
        finally:
            await self._drain()

    async def _keep(self, *, after: float) -> None:
        """Keep one link up: a successor for each that ends, or that Slack is about to end."""
        await asyncio.sleep(after)
        backoff = Backoff(first=self._timings.first_pause, longest=self._timings.longest_pause)
        link = await self._opened(backoff)
        while True:
            reason = await link.ending
            log.info("a link to Slack ends after %.0f s: %.40s", link.age, reason)
            if link.age >= self._timings.settled:
                backoff.reset()
                pause = 0.0  # at once: people wait
            else:
                pause = backoff.longest if reason == _DISABLED else backoff.pause()
            if reason in _CLOSED_FIRST:
                await link.close()
            await asyncio.sleep(pause)  # beside a link that still reads, unless it is closed
            former, link = link, await self._opened(backoff)
            self._hold(self._retire(former), self._reading)

    async def _opened(self, backoff: Backoff) -> SocketLink:
        """A link on which Slack has said hello, however many tries that takes."""
        while True:
            try:
                link = await self._greeted_link()
            except SlackRefuses as no:
                self._outage.tried(
                    f"{no.message} Look at SLACK_APP_TOKEN, and whether Socket Mode is on.", is_refusal=True
                )
                pause = backoff.longest
            except SlackAway as away:
                self._outage.tried(away.message)
                pause = backoff.pause(at_least=min(away.retry_after, 5 * backoff.longest))
            else:
                self._outage.is_over()
                return link
            await asyncio.sleep(pause)

    async def _greeted_link(self) -> SocketLink:
        """Try once; a socket on which no hello comes is closed again."""
        link = await connect(self._client, self._session, app_token=self._app_token, timings=self._timings)
        self._open.add(link)
        self._hold(self._read(link), self._reading)  # nothing is awaited before: no socket without a reader
        try:
            first: set[asyncio.Future[Any]] = {link.greeted, link.ending}
            await asyncio.wait(first, timeout=self._timings.hello, return_when=asyncio.FIRST_COMPLETED)
            why = link.ending.result() if link.ending.done() else "no hello comes"
        finally:
            if not link.greeted.done():
                await link.close()
        if link.greeted.done():
            return link
        if why == _DISABLED:
            raise SlackRefuses(why)
        raise SlackAway(f"the WebSocket opens, but does not become a link ({why[:40]}).")

    async def _retire(self, link: SocketLink) -> None:
        """Close a link that has a successor: what Slack sent before it knew of that is still answered."""
        await asyncio.wait({link.closed}, timeout=self._timings.drain)
        await self._acked(link)
        await link.close()

    async def _acked(self, link: SocketLink) -> None:
        """Wait until all that came on a link is acked, no longer than Slack waits for it."""
        try:
            async with asyncio.timeout(self._timings.ack):
                await link.drained()
        except TimeoutError:
            log.warning("a link to Slack is closed before all was acked")

    async def _drain(self) -> None:
        """Let acks out, then close every socket and wait for its reader."""
        await asyncio.gather(*(self._acked(link) for link in self._open))
        await asyncio.gather(*(link.close() for link in self._open))
        for task in {*self._reading, *self._answering}:
            task.cancel()
        await asyncio.gather(*self._reading, *self._answering, return_exceptions=True)

    # what comes on a link

    async def _read(self, link: SocketLink) -> None:
        """Take every frame until the socket ends; then the link counts no more, whatever ended it."""
        try:
            async for text in link.frames():
                self._take(link, text)
        finally:
            self._forget(link)
            link.is_ending(CLOSED)
            await link.close()
            link.closed.set_result(None)

    def _take(self, link: SocketLink, text: str) -> None:
        """Sort one frame; what cannot be read is passed over."""
        try:
            frame = read_json(text)
        except ValueError:
            frame = None
        match frame:
            case {"envelope_id": str(envelope_id), **rest}:
                link.envelope_came()
                payload = rest.get("payload")
                answer = self._answer(link, envelope_id, payload if isinstance(payload, dict) else {})
                self._hold(answer, self._answering)
            case {"type": "hello", **rest}:
                log.info("linked to Slack; open for this app: %.10s", rest.get("num_connections"))
                self._greeted(link)
            case {"type": "disconnect", **rest}:
                link.is_ending(str(rest.get("reason") or "disconnect"))
            case _:
                log.info("Slack sent a frame of a kind that is not known")

    def _greeted(self, link: SocketLink) -> None:
        if link not in self._live:
            self._live.append(link)
        self._deaf_since = None
        link.is_greeted()
        self._greeting.set()
        self._greeting = asyncio.Event()

    def _forget(self, link: SocketLink) -> None:
        self._open.discard(link)
        if link in self._live:
            self._live.remove(link)
        if not self._live and self._deaf_since is None:
            self._deaf_since = time.monotonic()

    # what goes back

    async def _answer(self, link: SocketLink, envelope_id: str, payload: dict[str, Any]) -> None:
        """Have one payload handled and ack it; without an ack Slack tells the person that it failed."""
        try:
            answer = await dispatch(self._bolt, payload)
            if answer.status == _OK:
                await self._ack(link, _acknowledgement(envelope_id, answer))
            else:
                log.warning("a payload was not acked: answered %d", answer.status)
        finally:
            link.envelope_answered()

    async def _ack(self, link: SocketLink, text: str) -> None:
        """Send on the link the envelope came on, else on any other: Slack takes it there as well."""
        try:
            async with asyncio.timeout(self._timings.ack):
                greeting = self._greeting  # taken before the try: a hello during it must not be missed
                while not await self._sent(link, text):
                    await greeting.wait()
                    greeting = self._greeting
        except TimeoutError:
            log.warning("an ack did not leave in time: there is no link to Slack")

    async def _sent(self, link: SocketLink, text: str) -> bool:
        for each in (link, *self._live):
            if await each.send(text):
                return True
        return False

    def _hold(self, work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)


def _acknowledgement(envelope_id: str, answer: BoltResponse) -> str:
    """The ack's JSON; a body that is JSON already goes in as it is."""
    quoted = to_json(envelope_id).decode()
    if not answer.body:
        return f'{{"envelope_id":{quoted}}}'
    is_json = answer.headers.get("content-type", [""])[0].startswith("application/json")
    payload = answer.body if is_json else to_json({"text": answer.body}).decode()
    return f'{{"envelope_id":{quoted},"payload":{payload}}}'
