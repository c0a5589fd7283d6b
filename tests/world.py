"""The world of a test: the unchanged bot between the pretend servers, with a clock that only tests move."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.app import Bot, build, listening
from bot.demo.orchestrator import PretendOrchestrator
from bot.demo.orchestrator.samples import furnish
from bot.demo.slack import PretendSlack
from bot.demo.stage import MANIFEST, POLICY, Stage
from bot.slack.listening import PATH
from bot.store.database import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.demo.slack.hands.person import Person
    from bot.demo.slack.wire import Json
    from bot.domain.launch import Launch
    from bot.settings import Settings


@dataclass(kw_only=True)
class World:
    """Everything a test can reach, and the verbs it is written in."""

    clock: Clock
    slack: PretendSlack
    orchestrator: PretendOrchestrator
    settings: Settings
    folder: Path
    bot: Bot = field(init=False)
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)

    # the bot's life

    async def start(self, **more: str) -> None:
        """Start the bot, or start it again after `stop` or `crash`, with other settings if given."""
        stack = AsyncExitStack()
        stage = Stage(slack=self.slack, orchestrator=self.orchestrator, folder=self.folder)
        database = self.settings.database_url.get_secret_value()
        self.settings = stage.settings(
            SLACK_TRANSPORT="http", DATABASE_URL=database, POLICY_FILE=str(self.settings.policy_file), **more
        )
        self.bot = await stack.enter_async_context(build(self.settings, clock=self.clock))
        port = await stack.enter_async_context(listening(self.settings, self.bot))
        self.slack.deliver_to(f"http://127.0.0.1:{port}{PATH}")
        self._running = stack
        await self.bot.catalogue.refresh()

    async def stop(self) -> None:
        """Stop the bot in good order."""
        await self.bot.switchboard.drain(seconds=5)
        await self._running.aclose()

    # time

    async def tick(self, rounds: int = 1) -> None:
        """Let the tracker and the announcer do all that is due now."""
        for _ in range(rounds):
            await self.bot.tracker.tick()
            await self.bot.announcer.tick()

    async def pass_time(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        """Move the clock on, then tick."""
        self.clock.offset += timedelta(seconds=seconds, minutes=minutes, hours=hours)
        await self.tick()

    async def until_told(self, text: str, *, card: Json | None = None, seconds: float = 120) -> str:
        """Tick and move the clock by seconds until the thread says this; returns the thread."""
        for _ in range(int(seconds)):
            if text in self.told(card):
                return self.told(card)
            await self.pass_time(seconds=1)
        raise AssertionError(f"The thread never said {text!r}, but:\n{self.told(card)}")

    def now(self) -> datetime:
        """What the clock shows."""
        return self.clock.now()

    # people

    def person(self, name: str) -> Person:
        """Somebody at their screen."""
        return self.slack.person(name)

    async def fill(self, who: Person, words: str, answers: dict[str, Any], *, channel: str = "ops") -> None:
        """`/vro run words`, wait for the form, type the answers."""
        answer = await who.slash("/vro", f"run {words}", channel=channel)
        assert answer.ok, answer
        await who.until(lambda: who.view is not None and who.view["callback_id"] == "fill_form")
        for label, value in answers.items():
            if isinstance(value, bool):
                await who.pick(label, "Yes" if value else "No")
            else:
                await who.type(label, value)

    async def launch(
        self, who: Person, words: str, answers: dict[str, Any] | None = None, *, channel: str = "ops"
    ) -> Json:
        """Fill in a form, send it and return its card."""
        before = {message["ts"] for message in self.slack.messages(channel)}
        await self.fill(who, words, answers or {}, channel=channel)
        sent = await who.submit()
        assert sent.ok, sent
        await self.tick()
        new = [message for message in self.slack.messages(channel) if message["ts"] not in before]
        assert len(new) == 1, new
        return new[0]

    # what is there

    def card(self, channel: str = "ops") -> Json:
        """The newest card of a channel, as it is now."""
        return self.slack.messages(channel)[-1]

    def told(self, card: Json | None = None, *, channel: str = "ops") -> str:
        """All that the thread of a card says, a line each; of the newest card if none is named."""
        card = card or self.card(channel)
        replies = self.slack.thread(card["channel"] if "channel" in card else channel, card["ts"])[1:]
        return "\n".join(self.person("ada").reads(reply) for reply in replies)

    async def the_launch(self, launch_id: str) -> Launch:
        """A launch as the database has it."""
        return await self.bot.store.transact(lambda tx: tx.launch(launch_id))


@asynccontextmanager
async def a_world(folder: Path, *, database: str, policy: Path = POLICY) -> AsyncIterator[World]:
    """Pretend servers and a running bot on that database; nothing ticks but by the test."""
    clock = Clock()
    async with (
        PretendSlack(
            commands=MANIFEST["features"]["slash_commands"],
            shortcuts=MANIFEST["features"]["shortcuts"],
            has_home_tab=False,
            now=clock.now,
        ) as slack,
        PretendOrchestrator(now=clock.now) as orchestrator,
    ):
        furnish(orchestrator)
        stage = Stage(slack=slack, orchestrator=orchestrator, folder=folder)
        settings = stage.settings(SLACK_TRANSPORT="http", DATABASE_URL=database, POLICY_FILE=str(policy))
        world = World(
            clock=clock, slack=slack, orchestrator=orchestrator, settings=settings, folder=folder
        )
        await world.start()
        try:
            yield world
        finally:
            await world.stop()
        assert not slack.violations, slack.violations
