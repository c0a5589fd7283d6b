"""How long the event loop stands still: list read anew, policy changed, and the first keystroke after either.

python tests/bench/standstill.py [--rounds 5] [--assert]

Parts of the bot run on one loop as `serve` sets it up; a pretend Orchestrator is a process of its own. A
heart on the loop beats each millisecond: the longest time between two beats is how long nobody got an ack.
The figure is that of the calmest round, because whatever else runs on the machine makes beats late as well.
"""

import argparse
import asyncio
import multiprocessing
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.demo.orchestrator import PretendOrchestrator
from bot.demo.orchestrator.samples import synthetic_workflows
from bot.domain.people import Membership, Person, Place
from bot.orchestrator.client import Orchestrator
from bot.orchestrator.connection import Connection
from bot.orchestrator.login import Bearer
from bot.runtime.gc_tuning import GarbageCollector
from bot.runtime.priority import Scheduler
from bot.service.catalogue import Catalogue
from bot.service.policy_watcher import PolicyWatcher
from bot.slack.forms.picker import workflow_options
from bot.store.database import Clock
from bot.store.migrating import migrate
from bot.store.store import open_store
from bot.wiring.run import _SWITCH
from tests.bench.figures import Goal, say, verdict

GOAL = 10.0  # milliseconds
_BEAT = 0.001  # seconds
_SIZES = ((5_000, 2_000, 1), (500, 120, 5))  # workflows, rules, folder patterns of each
_WORDS = ("restart", "vitrual mashine")  # as it is, and with slips
HERE = Place(channel_id="C1")
WHO = Membership(
    person=Person(team_id="T1", user_id="U1"),
    is_member=True,
    groups=frozenset(f"S{at:09}" for at in range(20)),
)


@dataclass(kw_only=True)
class Heart:
    """Beats on the loop, and notes by how many milliseconds a beat came late at most."""

    longest: float = 0.0

    async def beat(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_BEAT)
            self.longest = max(self.longest, (time.perf_counter() - began - _BEAT) * 1e3)

    async def during(self, work: Callable[[], Awaitable[object]]) -> float:
        """The longest standstill while this is done."""
        await asyncio.sleep(0.05)
        self.longest = 0.0
        await work()
        await asyncio.sleep(2 * _BEAT)
        return self.longest


def folder(number: int) -> str:
    """Where a workflow is, and what a rule's pattern is about."""
    return f"Area {number % 97}/Team {number}"


def policy_text(rules: int, patterns: int) -> str:
    """One group for each rule, and a last rule for everybody."""
    lines = ["rules:"]
    for rule in range(rules):
        folders = ", ".join(f'"{folder(rule * patterns + each)}/**"' for each in range(patterns))
        run = f"{{groups: [S{rule % 300:09}]}}"
        lines.append(f"  - {{name: r{rule}, workflows: {{folders: [{folders}]}}, run: {run}}}")
    lines.append('  - {name: all, workflows: {folders: ["**"]}, run: {everyone: true}}')
    return "\n".join([*lines, ""])


def edit(file: Path, number: int) -> None:
    """Add a comment, so that it is another edition of the policy."""
    with file.open("a", encoding="utf-8") as end:
        end.write(f"# edition {number}\n")


def serve(workflows: int, pipe: Pipe) -> None:
    """The pretend Orchestrator, until it is killed."""

    async def run() -> None:
        vro = PretendOrchestrator()
        made = synthetic_workflows(workflows)
        vro.add_workflows(replace(each, folder=folder(at % 400)) for at, each in enumerate(made))
        await vro.start()
        pipe.send((vro.url, vro.logins.static_token()))
        await asyncio.Event().wait()

    asyncio.run(run())


@contextmanager
def orchestrator(workflows: int) -> Iterator[Connection]:
    """How to reach a pretend Orchestrator of so many workflows."""
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    child = spawning.Process(target=serve, args=(workflows, there), daemon=True)
    child.start()
    try:
        if not here.poll(60):
            raise TimeoutError("the pretend Orchestrator does not start")
        url, token = here.recv()
        yield Connection(url=url, login=Bearer(token=token))
    finally:
        child.kill()
        child.join()


@asynccontextmanager
async def policies(file: Path) -> AsyncIterator[PolicyWatcher]:
    """What follows the policy file, with a database beside it."""
    url = f"sqlite:///{file.parent / 'bot.sqlite3'}"
    await migrate(url)

    async def groups() -> None:
        return None

    async with open_store(url, clock=Clock()) as store:
        following = PolicyWatcher(file=file, store=store, secrets=frozenset, groups=groups)
        await following.begin()
        yield following


async def measure(workflows: int, rules: int, patterns: int, *, rounds: int) -> dict[str, float]:
    """The longest standstill of the calmest round, by what happened."""
    with tempfile.TemporaryDirectory(prefix="orchestrator-bot-bench-") as place:
        file = Path(place) / "policy.yaml"
        file.write_text(policy_text(rules, patterns), encoding="utf-8")
        with orchestrator(workflows) as connection:
            async with policies(file) as followed, Orchestrator(connection) as client:
                return await _measure(client, followed, file, rounds=rounds)


async def _measure(
    client: Orchestrator, followed: PolicyWatcher, file: Path, *, rounds: int
) -> dict[str, float]:
    heart = Heart()
    beating = asyncio.create_task(heart.beat())
    collector = GarbageCollector(Scheduler())
    collector.freeze_loaded()
    times: dict[str, list[float]] = {
        "list read": [],
        "keystroke": [],
        "policy change": [],
        "and keystroke": [],
        "collection": [],
    }
    for number in range(rounds):
        catalogue = Catalogue(orchestrator=client, policy=lambda: followed.current)

        async def keystrokes(catalogue: Catalogue = catalogue) -> None:
            for words in _WORDS:
                found = await catalogue.find(words, who=WHO, place=HERE)
                if not workflow_options(found):
                    raise LookupError(words)
                await asyncio.sleep(0)

        async def changed(number: int = number) -> None:
            await asyncio.to_thread(edit, file, number)
            if not any([await followed.look() for _ in range(3)]):
                raise LookupError("the changed policy was not taken up")

        times["list read"].append(await heart.during(catalogue.refresh))
        times["keystroke"].append(await heart.during(keystrokes))
        times["policy change"].append(await heart.during(changed))
        times["and keystroke"].append(await heart.during(keystrokes))
        times["collection"].append(await heart.during(collector.collect))
    beating.cancel()
    return {what: min(each) for what, each in times.items()}


async def main() -> int:
    """Measure and print; 1 if `--assert` and a goal is clearly missed."""
    parser = argparse.ArgumentParser(description="How long the event loop stands still.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--assert", dest="strict", action="store_true", help="exit 1 if a goal is missed")
    asked = parser.parse_args()
    sys.setswitchinterval(_SWITCH)
    goals = []
    for workflows, rules, patterns in _SIZES:
        say(f"{workflows:,} workflows, {rules:,} rules of {patterns} pattern{'s' * (patterns > 1)}")
        found = await measure(workflows, rules, patterns, rounds=asked.rounds)
        for what, value in found.items():
            goals.append(Goal(text=f"{workflows:,} x {rules:,}, ms, {what}", at_most=GOAL, value=value))
    return verdict(goals, strict=asked.strict)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
