"""The measurement behind `ack.py`: interleaved rounds, medians, ratios, and whether the goals are met."""

from __future__ import annotations

import argparse
import json
import random
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.launch import State
from bot.settings import read_settings
from bot.store.transaction import Transaction
from bot.wiring.build import build
from tests.bench.contract import Broken, check_acks, check_door
from tests.bench.figures import Goal, Phase, Run, print_report, verdict
from tests.bench.load import closed_loop, open_loop
from tests.bench.payloads import Payloads, Request
from tests.bench.raw_http import get
from tests.bench.servers import BOT, SERVERS, STOCK, first_ack, set_up
from tests.bench.workspace import PEOPLE, approver, asker, ready

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.domain.launch import Launch
    from tests.bench.children import Child
    from tests.bench.load import Burst
    from tests.bench.servers import Place
    from tests.bench.workspace import Open

ALONE, EIGHT, RATE = 80, 640, 200  # requests of two phases; a second in the timed phase
WARMING, STARTS = 60, 3
_KINDS = ("command",) * 3 + ("click",) * 3 + ("submission",) * 2 + ("options",) * 2
_COMMANDS = ("run Restart virtual machine 000",) * 4 + ("",) * 2 + ("status",) * 3 + ("help",)
_CLICKS = ("approve",) * 6 + ("withdraw",) * 4
_WORDS = ("restart", "delete vir", "resize data", "patch 0", "clone net", "cert 3")


class Deck:
    """Deals requests in the mix of a workspace; every submission and click once, about something real."""

    def __init__(self, payloads: Payloads, *, forms: Sequence[Open], launches: Sequence[Launch]) -> None:
        self._payloads = payloads
        self._forms = iter(forms)
        self._launches = iter(launches)
        self._dice = random.Random(7)
        self._number = 0

    def deal(self, count: int) -> list[Request]:
        """So many requests, their kinds in the fixed shares, shuffled."""
        kinds = [_KINDS[number % len(_KINDS)] for number in range(count)]
        self._dice.shuffle(kinds)
        return [self.one(kind) for kind in kinds]

    def one(self, kind: str) -> Request:
        """One of a kind."""
        self._number += 1
        number = self._number
        match kind:
            case "command":
                return self._payloads.command(self._dice.choice(_COMMANDS), number=number)
            case "click":
                action = self._dice.choice(_CLICKS)
                return self._payloads.click(next(self._launches), action, number=number)
            case "submission":
                return self._payloads.submission(next(self._forms))
            case _:
                return self._payloads.options(self._dice.choice(_WORDS), number=number)

    def help(self) -> Request:
        """The request of the first ack."""
        self._number += 1
        return self._payloads.command("help", number=self._number)

    def introductions(self) -> list[Request]:
        """A request of everybody who takes part, so that the bot has read their profiles."""
        people = [*map(asker, range(PEOPLE)), *map(approver, range(10))]
        return [self._payloads.command("status", number=at, who=who) for at, who in enumerate(people)]

    def each(self) -> Iterator[Request]:
        """One of each kind, for the check before the measurement."""
        for kind in dict.fromkeys(_KINDS):
            yield self.one(kind)


async def main() -> int:
    """Measure and print; 1 if `--assert` and a goal is clearly missed."""
    parser = argparse.ArgumentParser(description="How fast Slack's requests are acknowledged.")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help=f"of {RATE} requests a second, in each round")
    parser.add_argument("--assert", dest="strict", action="store_true", help="exit 1 if a goal is missed")
    parser.add_argument("--ablation", action="store_true", help="the bot without its scheduler")
    asked = parser.parse_args()
    run = await measure(asked.database, rounds=asked.rounds, seconds=asked.seconds, is_ablated=asked.ablation)
    without = ", without the scheduler" * asked.ablation
    print_report(run, title=f"{asked.database}{without}, medians of {asked.rounds} rounds")
    return verdict(_goals(run), strict=asked.strict)


async def measure(database: str, *, rounds: int, seconds: int, is_ablated: bool = False) -> Run:
    """All rounds on one database, their timed phase so many seconds long."""
    counts = (ALONE, EIGHT, RATE * seconds)
    whole = WARMING + 10 + rounds * sum(counts)
    async with set_up(database, is_ablated=is_ablated) as place:
        values = place.settings(0)
        forms, waiting = await ready(values, forms=whole // 5 + 10, launches=whole * 3 // 10 + 10)
        deck = Deck(Payloads(raw=place.raw), forms=forms, launches=[launch for launch, _ in waiting])
        run = Run()
        await _measure_starts(place, deck, run)
        sent = await _measure_rounds(place, deck, run, counts=[counts] * rounds)
        await _check_outcome(place, sent)
    return run


async def _measure_starts(place: Place, deck: Deck, run: Run) -> None:
    """From exec to the first ack, and the memory then; the first start of each only compiles."""
    for number in range(STARTS + 1):
        for server in SERVERS:
            async with place.serving(server) as child:
                seconds = await first_ack(child, deck.help())
                await child.quiet()
                if number:
                    run.add(server, Phase.START, first_ack=seconds, memory=child.memory())


async def _measure_rounds(
    place: Place, deck: Deck, run: Run, *, counts: Sequence[Sequence[int]]
) -> list[Request]:
    sent: list[Request] = []
    async with AsyncExitStack() as stack:
        children = {server: await stack.enter_async_context(place.serving(server)) for server in SERVERS}
        for server, child in children.items():
            await first_ack(child, deck.help())
            if server == BOT:
                await closed_loop(deck.introductions(), port=child.port, connections=8)
            await child.quiet()
            await check_door(child, deck.each() if server == BOT else [deck.help()])
        for number, hand_counts in enumerate([[WARMING], *counts]):
            hands = [deck.deal(count) for count in hand_counts]
            order = SERVERS if number % 2 else tuple(reversed(SERVERS))
            for server in order:
                await _one_round(children[server], hands, run if number else Run())
            sent += [request for hand in hands for request in hand]
        for server, child in children.items():
            run.add(server, Phase.END, memory=child.memory())
    return sent


async def _one_round(child: Child, hands: Sequence[Sequence[Request]], run: Run) -> None:
    """The three phases at one server; each begins when what the former led to is done."""
    phases = (Phase.ALONE, Phase.EIGHT, Phase.TIMED)
    for phase, hand in zip(phases, hands, strict=False):
        before = child.cpu()
        burst = await _send(phase, hand, child)
        during = child.cpu()
        check_acks(child.name, burst.acks)
        if child.name == BOT:
            await child.quiet()
        count = len(burst.acks)
        run.add_burst(
            child.name, phase, burst, cpu=(during - before) / count, whole=(child.cpu() - before) / count
        )


async def _send(phase: Phase, hand: Sequence[Request], child: Child) -> Burst:
    match phase:
        case Phase.ALONE:
            return await closed_loop(hand, port=child.port, connections=1)
        case Phase.EIGHT:
            return await closed_loop(hand, port=child.port, connections=8)
        case _:
            return await open_loop(hand, port=child.port, rate=RATE)


async def _check_outcome(place: Place, sent: Sequence[Request]) -> None:
    """What the acks promised is in the database, nobody was told of an error, and each start left once."""
    told = json.loads(await get(place.raw, "/counts"))
    if told["complaints"]:
        raise Broken(f"the bot complained: {told['complaints']}")
    if told["listings"] < sum(request.name == "status" for request in sent):
        raise Broken(f"only {told['listings']} listings were told")
    async with build(read_settings(place.settings(0))) as bot:
        for request in sent:
            if request.about:
                launch = await bot.store.transact(partial(Transaction.launch, launch_id=request.about))
                if launch.state not in _PROMISED[request.name]:
                    raise Broken(f"{request.name} was acknowledged, but the launch is {launch.state.value}")


_PROMISED = {
    "send_form": {State.AWAITING_APPROVAL},
    "approve": {State.STARTING, State.RUNNING, State.SUCCEEDED},
    "withdraw": {State.WITHDRAWN},
}


def _goals(run: Run) -> list[Goal]:
    def faster(phase: Phase, name: str) -> float:
        return run.median(STOCK, phase, name) / run.median(BOT, phase, name)

    return [
        Goal(text="ack p50, times faster than stock Bolt", at_least=12, value=faster(Phase.ALONE, "p50")),
        Goal(text="acks a second, times stock Bolt's", at_least=2.5, value=1 / faster(Phase.EIGHT, "rate")),
        Goal(
            text=f"ack p99 at {RATE} a second, times stock Bolt's",
            at_most=0.5,
            value=1 / faster(Phase.TIMED, "p99"),
        ),
        Goal(text="exec to first ack, s", at_most=1.5, value=run.median(BOT, Phase.START, "first_ack")),
        Goal(text="memory after start, MB", at_most=120, value=run.median(BOT, Phase.START, "memory")),
    ]
