"""Where the bot is put under stress: pretend servers that outlive it, a real database, its settings."""

from __future__ import annotations

import asyncio
import os
import random
import re
import socket
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from bot.demo.orchestrator import (
    ArmedFault,
    Declared,
    End,
    Inputs,
    PretendOrchestrator,
    PretendWorkflow,
    lasting,
)
from bot.demo.orchestrator.values import parameter, text
from bot.demo.slack import PretendSlack
from bot.demo.slack.people import BOT_USER, GRACE, LINUS, TEAM, demo_cast
from bot.demo.slack.state.directory import Cast, Channel, Member
from bot.store.migrating import migrate
from tests.chaos.bot_process import BotProcess
from tests.chaos.go_between import go_between, nothing_hidden
from tests.postgres import Postgres, a_postgres

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Kind: TypeAlias = Literal["sqlite", "postgresql"]

OPERATORS = tuple(f"U0OPERATOR{number}" for number in range(10))
APPROVERS = (GRACE, LINUS)
QUICK, SLOW = "Quick change", "Slow change"
REVIEWED = "Reviewed change"
LONG = "Long change"
SETTLE = 3.0  # seconds; above the bot's time for a call, so that no start can be under way at the second look
TIMEOUT = 2.0
LATEST = 1.0  # seconds by which a start may reach Orchestrator late, even if the bot is dead by then
_POLICY = f"""
rules:
  - name: changes that are reviewed
    workflows: {{names: ["{REVIEWED}", "{LONG}"]}}
    run: {{everyone: true}}
    approve: {{users: [{", ".join(APPROVERS)}], within: 4h}}
    safe_to_repeat: true
  - name: changes
    workflows: {{names: ["{QUICK}", "{SLOW}"]}}
    run: {{everyone: true}}
    safe_to_repeat: true
"""
_EXECUTIONS = re.compile(r"/vco/api/workflows/[^/]+/executions/?")
_READS = {"/api/conversations.history", "/api/conversations.replies"}


@dataclass(kw_only=True)
class Arena:
    """What stays while bots come and go."""

    folder: Path
    database: str
    postgres: Postgres | None  # the server, where the database is on one
    slack: PretendSlack
    orchestrator: PretendOrchestrator
    slack_api: str  # as the bot sees it
    orchestrator_url: str  # the same
    chance: random.Random
    bots: list[BotProcess] = field(default_factory=list)

    def bot(self, **more: str) -> BotProcess:
        """A bot that can be started, with its own port."""
        port = _free_port()
        environment = self._settings() | {"HTTP_PORT": str(port)} | more
        made = BotProcess(environment=environment, log=self.folder / f"bot-{len(self.bots)}.log")
        self.bots.append(made)
        return made

    def channel_of(self, operator: str) -> str:
        """Where this operator's launches are told."""
        return operator.replace("U0", "C0")

    def logs(self) -> str:
        """All that the bots logged."""
        return "\n".join(log.read_text(errors="replace") for log in sorted(self.folder.glob("bot-*.log")))

    def _settings(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPYCACHEPREFIX": str(self.folder / "bytecode"),  # a restart takes what it takes in service
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "SLACK_API_URL": self.slack_api,
            "HTTP_HOST": "127.0.0.1",
            "COMMANDS_PER_MINUTE": "0",  # operators here are faster than people
            "ORCHESTRATOR_URL": self.orchestrator_url,
            "ORCHESTRATOR_LOGIN": "basic",
            "ORCHESTRATOR_USERNAME": "svc-chatops",
            "ORCHESTRATOR_PASSWORD": "pretend-password",
            "ORCHESTRATOR_TIMEOUT": f"{TIMEOUT:g}",
            "SETTLE_SECONDS": f"{SETTLE:g}",
            "DATABASE_URL": self.database,
            "POLICY_FILE": str(self.folder / "policy.yaml"),
        }


@asynccontextmanager
async def an_arena(kind: Kind, *, chance: random.Random, is_blind: bool = False) -> AsyncIterator[Arena]:
    """Set everything up on loopback ports; `is_blind` hides from the bot what it did before it died."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        (folder / "policy.yaml").write_text(_POLICY)
        postgres = await stack.enter_async_context(_a_server()) if kind == "postgresql" else None
        database = postgres.url if postgres else f"sqlite:///{folder / 'bot.sqlite3'}"
        await migrate(database)
        slack = await stack.enter_async_context(_slack())
        orchestrator = await stack.enter_async_context(PretendOrchestrator())
        orchestrator.add_workflows(_workflows())
        orchestrator.keep_finished = 100_000  # what is purged can be found by nobody; that is another story
        slack_api, orchestrator_url = await _ways(stack, slack, orchestrator, chance, is_blind=is_blind)
        arena = Arena(
            folder=folder,
            database=database,
            postgres=postgres,
            slack=slack,
            orchestrator=orchestrator,
            slack_api=slack_api,
            orchestrator_url=orchestrator_url,
            chance=chance,
        )
        yield arena


@asynccontextmanager
async def _a_server() -> AsyncIterator[Postgres]:
    """PostgreSQL, started and stopped without holding up the arenas beside this one."""
    server = a_postgres()
    postgres = await asyncio.to_thread(server.__enter__)
    try:
        yield postgres
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


async def _ways(
    stack: AsyncExitStack,
    slack: PretendSlack,
    orchestrator: PretendOrchestrator,
    chance: random.Random,
    *,
    is_blind: bool,
) -> tuple[str, str]:
    """The addresses at which the bot finds both servers."""
    to_slack = await stack.enter_async_context(
        go_between(
            slack.api_url.removesuffix("/api/"),
            delay=lambda _method, _path: chance.uniform(0.001, 0.02),
            hidden=_no_messages if is_blind else nothing_hidden,
        )
    )
    to_orchestrator = await stack.enter_async_context(
        go_between(
            orchestrator.url,
            delay=_lateness(chance),
            hidden=_no_executions if is_blind else nothing_hidden,
        )
    )
    return f"{to_slack}/api/", to_orchestrator


def _lateness(chance: random.Random) -> Callable[[str, str], float]:
    """One start in five reaches Orchestrator late, the bot alive or dead."""

    def delay(method: str, path: str) -> float:
        if method == "POST" and _EXECUTIONS.fullmatch(path) and chance.random() < 0.2:
            return chance.uniform(0, LATEST)
        return chance.uniform(0.001, 0.02)

    return delay


def _no_executions(method: str, path: str) -> dict[str, Any] | None:
    """An Orchestrator that knows of no run: whoever looks finds nothing."""
    if method == "GET" and _EXECUTIONS.fullmatch(path):
        return {"relations": {"link": []}, "total": 0}
    return None


def _no_messages(_method: str, path: str) -> dict[str, Any] | None:
    """A Slack that shows no message."""
    return {"ok": True, "messages": [], "has_more": False} if path in _READS else None


def a_rough_day(orchestrator: PretendOrchestrator) -> None:
    """Faults that come back as long as nobody clears them, most of them after the start was executed."""
    for kind, rate in (
        (ArmedFault.DROP_AFTER, 0.04),
        (ArmedFault.ERROR_AFTER, 0.02),
        (ArmedFault.CUT_STREAM, 0.02),
        (ArmedFault.DROP_BEFORE, 0.02),
        (ArmedFault.UNAVAILABLE, 0.02),
    ):
        orchestrator.fault("POST */executions", kind, times=None, rate=rate)
    orchestrator.fault(
        "POST */executions", ArmedFault.SILENCE_AFTER, times=None, rate=0.01, delay=TIMEOUT + 1
    )
    orchestrator.fault("GET *", ArmedFault.RESET, times=None, rate=0.01)


def _slack() -> PretendSlack:
    commands = [{"command": "/vro", "description": "Run Orchestrator workflows"}]
    return PretendSlack(commands=commands, has_home_tab=False, cast=_cast())


def _cast() -> Cast:
    demo = demo_cast()
    approvers = tuple(member for member in demo.members if member.id in APPROVERS)
    operators = tuple(
        Member(id=each, name=each.lower(), real_name=f"Operator {each[-1]}", team_id=TEAM)
        for each in OPERATORS
    )
    channels = tuple(
        Channel(id=each.replace("U0", "C0"), name=f"changes-{each[-1]}", members={each, *APPROVERS, BOT_USER})
        for each in OPERATORS
    )
    return replace(
        demo,
        members=(*approvers, *operators),
        channels=channels,
        user_groups=(),
        start_as=operators[0].id,
        start_in=channels[0].id,
    )


def _workflows() -> list[PretendWorkflow]:
    lengths = {QUICK: 0.4, REVIEWED: 1.0, SLOW: 6.0, LONG: 600.0}
    return [_workflow(name, lasts=timedelta(seconds=seconds)) for name, seconds in lengths.items()]


def _workflow(name: str, *, lasts: timedelta) -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        return End(outputs=(parameter("changed", "string", text(str(inputs["target"]))),))

    return PretendWorkflow(
        name=name,
        folder="Chaos",
        inputs=(Declared(name="target", type="string"),),
        outputs=(Declared(name="changed", type="string"),),
        script=lasting(lasts, end=end),
    )


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
