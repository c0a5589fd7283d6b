"""The outage run: Slack, Orchestrator and PostgreSQL are away for long, in turn, and one process outlives it."""

from __future__ import annotations

import asyncio
import random
import re
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.demo.slack.driver.reading import buttons_in, words_of
from bot.slack.receivers.http import PATH
from tests.chaos.arena import APPROVERS, OPERATORS, REVIEWED, SLOW, an_arena
from tests.chaos.bot_process import started
from tests.chaos.counting import Tally, are_at_rest, count
from tests.chaos.crowd import Crowd

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.chaos.arena import Arena
    from tests.chaos.bot_process import BotProcess

Who = Literal["Slack", "Orchestrator", "PostgreSQL"]
Transport = Literal["socket", "http"]
BUSY, OTHER = OPERATORS[0], OPERATORS[1]  # whose channel the launches are told in, and that of a few others
OTHERS = 5
PACE = 1.5  # times what Slack's pace, a message a second in a channel, allows
NOTICING = 45.0  # seconds until the bot may have noticed that somebody is back; its pauses are no longer
_LONGEST = 900.0  # seconds after which a rest is waited for no more
_LOOK = 0.2
_TRACEBACK = "Traceback (most recent call last)"
_LOGGED = r"\d{4}-\d\d-\d\d "  # how a line begins that was logged


@dataclass(frozen=True, kw_only=True)
class Outages:
    """What to do: how long each is away, in seconds, and in the middle of how many launches."""

    transport: Transport
    slack: float = 600.0
    orchestrator: float = 1800.0
    postgres: float = 300.0
    launches: int = 60  # while Slack, and while PostgreSQL goes away
    approved: int = 50  # approved while Orchestrator is away
    seed: int = 1


@dataclass(frozen=True, kw_only=True)
class Stood:
    """One outage that was."""

    who: Who
    away: float  # seconds
    at_rest_after: float | None  # seconds from the end of the outage; None: never
    others_told_after: float | None  # the same of the few launches of another channel
    messages: int  # posted after the outage in the channel with the most
    limited: int  # calls that Slack answered with 429

    @property
    def at_most(self) -> float:
        """Seconds after which all has to be told."""
        return NOTICING + PACE * self.messages

    @property
    def went_well(self) -> bool:
        """Whether all was told in time, and another channel's few did not wait for those of the busy one."""
        if self.at_rest_after is None or self.others_told_after is None:
            return False
        return self.at_rest_after <= self.at_most and self.others_told_after <= NOTICING + 2 * 2 * OTHERS


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of all."""

    stood: tuple[Stood, ...]
    tally: Tally
    tracebacks: tuple[str, ...]  # in the log
    exit_code: int


async def outlive(wanted: Outages) -> Result:
    """One process through all three outages, then count."""
    chance = random.Random(wanted.seed)
    async with an_arena("postgresql", chance=chance) as arena:
        crowd = Crowd(arena=arena, chance=chance, workflows=(SLOW,))
        async with started(arena.bot(SLACK_TRANSPORT=wanted.transport)) as bot:
            if wanted.transport == "http":
                arena.slack.deliver_to(f"{bot.url}{PATH}")
            stood = [
                await _slack_away(arena, crowd, wanted),
                await _orchestrator_away(arena, crowd, wanted),
                await _postgres_away(arena, crowd, wanted, bot),
            ]
            exit_code = await bot.stop()
        return Result(
            stood=tuple(stood),
            tally=await count(arena, acked=crowd.acked),
            tracebacks=_tracebacks(arena.logs()),
            exit_code=exit_code,
        )


async def _slack_away(arena: Arena, crowd: Crowd, wanted: Outages) -> Stood:
    async with _in_the_middle(arena, crowd, (SLOW,), wanted.launches):
        await arena.slack.go_down()
        arena.slack.faults.status("handshake", 503, times=None)
        arena.slack.sockets.drop()
        await asyncio.sleep(wanted.slack)
        arena.slack.faults.clear()
        await arena.slack.come_back()
    return await _until_told(arena, who="Slack", away=wanted.slack)


async def _orchestrator_away(arena: Arena, crowd: Crowd, wanted: Outages) -> Stood:
    """All are approved while it is away."""
    crowd.workflows = (REVIEWED,)
    await _ask(arena, crowd, wanted.approved)
    asked = wanted.approved + OTHERS
    await arena.slack.until(lambda: len(_waiting(arena)) == asked, timeout=_LONGEST)
    await arena.orchestrator.refuse_connections()
    approvers = [arena.slack.person(each) for each in APPROVERS]
    for number, card in enumerate(_waiting(arena)):
        await crowd.approve(card, by=approvers[number % len(approvers)])
    await asyncio.sleep(wanted.orchestrator)
    await arena.orchestrator.listen()
    return await _until_told(arena, who="Orchestrator", away=wanted.orchestrator)


async def _postgres_away(arena: Arena, crowd: Crowd, wanted: Outages, bot: BotProcess) -> Stood:
    if arena.postgres is None:
        raise ValueError("only PostgreSQL can be cut off")
    async with _in_the_middle(arena, crowd, (SLOW,), wanted.launches):
        await asyncio.to_thread(arena.postgres.cut_off)
        await asyncio.sleep(wanted.postgres)
        await asyncio.to_thread(arena.postgres.start)
        await bot.until_ready()  # RuntimeError if it did not outlive it
    return await _until_told(arena, who="PostgreSQL", away=wanted.postgres)


@asynccontextmanager
async def _in_the_middle(
    arena: Arena, crowd: Crowd, workflows: tuple[str, ...], launches: int
) -> AsyncIterator[None]:
    """Entered when half of the launches have started; those not yet taken are asked for until they are."""
    crowd.workflows = workflows
    before = len(arena.orchestrator.starts)
    asking = asyncio.create_task(_ask(arena, crowd, launches))
    try:
        while len(arena.orchestrator.starts) - before < launches // 2:
            await asyncio.sleep(0.01)
        yield
        await asyncio.wait_for(asking, _LONGEST)
    finally:
        asking.cancel()


async def _ask(arena: Arena, crowd: Crowd, launches: int) -> None:
    """So many in one channel, and a few in another."""
    people = [arena.slack.person(each) for each in (BUSY, OTHER)]
    counts = (launches, OTHERS)
    await asyncio.gather(*map(crowd.launch_so_many, people, counts))


async def _until_told(arena: Arena, *, who: Who, away: float) -> Stood:
    """Under Slack's rate limits, until nothing is left to do or tell."""
    arena.slack.calls.clear()
    arena.slack.rates.is_on = True
    began = time.monotonic()
    rest = others = None
    while rest is None and time.monotonic() - began < _LONGEST:
        await asyncio.sleep(_LOOK)
        passed = time.monotonic() - began
        if others is None and _all_ended(arena, arena.channel_of(OTHER)):
            others = passed
        with suppress(OSError):
            rest = passed if await are_at_rest(arena) else None
    arena.slack.rates.is_on = False
    posts = [call for call in arena.slack.calls_of("chat.postMessage") if call.status == 200]
    channels = [str(call.arguments.get("channel")) for call in posts]
    return Stood(
        who=who,
        away=away,
        at_rest_after=rest,
        others_told_after=others,
        messages=max(map(channels.count, set(channels)), default=0),
        limited=sum(call.status == 429 for call in arena.slack.calls),
    )


def _tracebacks(logs: str) -> tuple[str, ...]:
    """Each with the line it was logged under, up to the next line that is logged."""
    pattern = rf"^.*\n{re.escape(_TRACEBACK)}(?:(?!{_LOGGED}).*\n)*"
    return tuple(re.findall(pattern, logs, re.MULTILINE))


def _all_ended(arena: Arena, channel: str) -> bool:
    return all("Succeeded" in words_of(card) for card in arena.slack.messages(channel))


def _waiting(arena: Arena) -> list[dict[str, object]]:
    """The cards that can be approved."""
    channels = [arena.channel_of(each) for each in (BUSY, OTHER)]
    cards = [{**card, "channel": each} for each in channels for card in arena.slack.messages(each)]
    return [card for card in cards if "Approve" in buttons_in(card)]
