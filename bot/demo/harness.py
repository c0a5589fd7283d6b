"""Drives the bot between the pretend servers with a clock that moves on demand: for stories and tests."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.demo.environment import POLICY, Environment, set_up
from bot.slack.forms.review import FORMS
from bot.slack.receivers.http import PATH
from bot.store.database import Clock
from bot.wiring.build import Bot, build
from bot.wiring.port import listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from bot.demo.orchestrator import PretendOrchestrator
    from bot.demo.slack import PretendSlack
    from bot.demo.slack.driver.outcomes import Pressed, Submitted
    from bot.demo.slack.driver.person import PretendPerson
    from bot.demo.slack.wire import Json
    from bot.domain.launch import Launch
    from bot.settings import Settings

CHANNEL = "ops"  # where launches are asked for unless said otherwise
_ON_THE_WAY = {"loading", "checking"}  # the modals that something else takes the place of
_TURN = 10  # seconds of the clock until a card has its turn in its channel
_PATIENCE = 10.0  # seconds of real time for what a click set going


class NeverSaidError(AssertionError):
    """Something that was waited for did not come."""


@dataclass(kw_only=True)
class Harness:
    """Everything within reach of a story or a test, and its verbs."""

    clock: Clock
    environment: Environment
    given: dict[str, str]  # settings that differ from the environment's own
    bot: Bot = field(init=False)
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def slack(self) -> PretendSlack:
        """The pretend workspace."""
        return self.environment.slack

    @property
    def orchestrator(self) -> PretendOrchestrator:
        """The pretend Orchestrator."""
        return self.environment.orchestrator

    @property
    def folder(self) -> Path:
        """Where the bot may keep files."""
        return self.environment.folder

    @property
    def settings(self) -> Settings:
        """The settings the bot runs with, or would start with."""
        return self.environment.settings(**self.given)

    # the bot's life

    async def start(self, **more: str) -> None:
        """Start the bot, or start it again after `stop` or `crash`, with other settings if given."""
        self.given |= more
        settings = self.settings
        async with AsyncExitStack() as stack:
            self.bot = await stack.enter_async_context(build(settings, clock=self.clock))
            port = await stack.enter_async_context(listening(settings, lambda: self.bot))
            self.slack.deliver_to(f"http://127.0.0.1:{port}{PATH}")
            await self.bot.catalogue.refresh()
            self._running = stack.pop_all()

    async def stop(self) -> None:
        """Stop the bot in good order; nothing happens if it is not running."""
        await self._leave(patience=_PATIENCE)

    async def crash(self) -> None:
        """Cut off whatever the bot is doing, as a kill does: nothing more is written or said."""
        await self._leave(patience=0)

    async def _leave(self, *, patience: float) -> None:
        running, self._running = self._running.pop_all(), AsyncExitStack()
        async with running:
            await self.bot.dispatcher.drain(seconds=patience)

    # time

    def now(self) -> datetime:
        """What the clock shows."""
        return self.clock.now()

    async def tick(self, rounds: int = 1) -> None:
        """Let the tracker and the announcer do all that is due now."""
        for _ in range(rounds):
            await self.bot.inbox.tick()
            await self.bot.tracker.tick()
            await self.bot.electorate.tick()
            await self.bot.announcer.tick()
            await self.bot.home_tabs.refresh()

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
        raise NeverSaidError(f"The thread never said {text!r}, but:\n{self.told(card)}")

    # people

    def person(self, name: str) -> PretendPerson:
        """Somebody at their screen."""
        return self.slack.person(name)

    async def fill(
        self, who: PretendPerson, words: str, answers: Mapping[str, Any], *, channel: str = CHANNEL
    ) -> None:
        """`/vro run words`, wait for the form, fill in its first page."""
        answer = await who.slash(self.settings.command, f"run {words}", channel=channel)
        if not answer.ok:
            raise NeverSaidError(f"The command was not answered: {answer}")
        await who.until(lambda: who.view is not None and who.view["callback_id"] in FORMS)
        await self.enter(who, answers)

    async def enter(self, who: PretendPerson, answers: Mapping[str, Any]) -> None:
        """Fill in fields of the open page, and let what follows from them come.

        A text or number is typed, a tuple picked from a list, a bool said yes or no, bytes put in as a file.
        """
        for label, value in answers.items():
            match value:
                case bool():
                    await who.pick(label, "Yes" if value else "No")
                case tuple():
                    await who.pick(label, *value)
                case bytes():
                    await who.attach(label, name="certificate.pem", content=value)
                case _:
                    await who.type(label, value, enter=True)
            await self.bot.dispatcher.drain(seconds=_PATIENCE)

    async def send(self, who: PretendPerson) -> Submitted:
        """Turn the pages of the open form up to its review, and send that; or what the form says first."""
        sent = await self.turn(who)
        while sent.ok and who.view is not None and "submit" in who.view and who.view["submit"]:
            sent = await self.turn(who)
        return sent

    async def turn(self, who: PretendPerson) -> Submitted:
        """Press the form's button, and wait until what it leads to is there."""
        sent = await who.submit()
        await self.bot.dispatcher.drain(seconds=_PATIENCE)
        await who.until(lambda: who.view is None or who.view["callback_id"] not in _ON_THE_WAY)
        return sent

    async def launch(
        self,
        who: PretendPerson,
        words: str,
        answers: Mapping[str, Any] | None = None,
        *,
        channel: str = CHANNEL,
    ) -> Json:
        """Fill in a form, send it and return its card."""
        before = {message["ts"] for message in self.slack.messages(channel)}
        await self.fill(who, words, answers or {}, channel=channel)
        sent = await self.send(who)
        if not sent.ok:
            raise NeverSaidError(f"The form was not taken: {sent.error or sent.error_at}")
        await self.tick()
        for _ in range(_TURN):  # the channel's pace may let others go first
            if len(self.slack.messages(channel)) > len(before):
                break
            await self.pass_time(seconds=1)
        new = [message for message in self.slack.messages(channel) if message["ts"] not in before]
        if len(new) != 1:
            raise NeverSaidError(f"There is not one new card in #{channel}, but {len(new)}")
        return new[0]

    async def press(self, who: PretendPerson, button: str, *, card: Json | None = None) -> Pressed:
        """Press a button of a card, the newest if none is named, and let what it sets going end."""
        pressed = await who.press(button, in_=card or self.card())
        await self.bot.dispatcher.drain(seconds=_PATIENCE)
        return pressed

    # what is there

    def card(self, channel: str = CHANNEL) -> Json:
        """The newest card of a channel, as it is now."""
        return self.slack.messages(channel)[-1]

    def told(self, card: Json | None = None, *, channel: str = CHANNEL) -> str:
        """All that the thread of a card says, a line each; of the newest card if none is named."""
        card = card or self.card(channel)
        replies = self.slack.thread(card.get("channel", channel), card["ts"])[1:]
        return "\n".join(self.person("ada").reads(reply) for reply in replies)

    async def the_launch(self, launch_id: str) -> Launch:
        """A launch as the database has it."""
        return await self.bot.store.transact(lambda tx: tx.launch(launch_id))


@asynccontextmanager
async def open_harness(
    *, folder: Path | None = None, database: str | None = None, policy: Path = POLICY
) -> AsyncIterator[Harness]:
    """Pretend servers and a running bot; nothing moves but by what the play does."""
    clock = Clock()
    async with set_up(folder=folder, now=clock.now) as environment:
        given = {"SLACK_TRANSPORT": "http", "POLICY_FILE": str(policy)}
        if database is not None:
            given["DATABASE_URL"] = database
        theatre = Harness(clock=clock, environment=environment, given=given)
        await theatre.start()
        try:
            yield theatre
        finally:
            await theatre.stop()
