"""Launches and approvals on a real database and a pretend Orchestrator: everything of the bot but Slack."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.demo.orchestrator import PretendOrchestrator
from bot.demo.orchestrator.samples.drawing import steps
from bot.demo.orchestrator.scripts import Declared, End, Script
from bot.demo.orchestrator.workflows import PretendWorkflow
from bot.domain.draft import Draft, LaunchOptions
from bot.domain.execution import Argument
from bot.domain.forms.form import Form
from bot.domain.launch import State
from bot.domain.people import Membership, Person, Place
from bot.domain.policy import Group, Policy, Rule, StageRule
from bot.domain.workflow import ParameterType
from bot.orchestrator.client import Orchestrator
from bot.orchestrator.connection import Connection
from bot.orchestrator.login import Basic
from bot.runtime.priority import Scheduler
from bot.service.secrets import Secrets
from bot.store.database import Clock
from bot.store.migrating import HEAD, migrate, revision
from bot.store.store import open_store
from bot.wiring.service import ServiceInputs, build_services

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.domain.launch import Launch
    from bot.service.approvals import Approvals
    from bot.service.catalogue import Catalogue
    from bot.service.launches import Launches
    from bot.service.tracker import Tracker
    from bot.store.store import Store

NAMES = ("ada", "ben", "cleo", "dan", "eve")
OPS = Place(channel_id="C0OPS")
LEADS, MANAGERS = Group(groups=frozenset({"S0LEADS"})), Group(groups=frozenset({"S0MANAGERS"}))
RUN_SECONDS = 20


def person(name: str) -> Person:
    """Somebody of the one workspace."""
    return Person(team_id="T0", user_id=f"U0{name.upper()}")


def stage(by: Group, *, count: int = 1, hours: float = 1, **more: object) -> StageRule:
    """A stage that waits so long."""
    return StageRule(by=by, count=count, within=timedelta(hours=hours), **more)  # type: ignore[arg-type] # a test names real fields


def rule(*approve: StageRule, name: str = "patching", **more: object) -> Rule:
    """A rule under which everybody may patch, with these stages."""
    return Rule(name=name, names=frozenset({"Patch"}), run=Group(everyone=True), approve=approve, **more)  # type: ignore[arg-type] # the same


def patching(*, version: str = "1.0.0", inputs: tuple[str, ...] = ("vmName",)) -> PretendWorkflow:
    """The workflow that everything here is about."""
    return PretendWorkflow(
        name="Patch",
        folder="Operations",
        version=version,
        inputs=tuple(Declared(name=each, type="string") for each in inputs),
        script=Script(phases=steps(("patch", RUN_SECONDS, "patching")), end=lambda _: End()),
    )


PATCH = patching().id


@dataclass(kw_only=True)
class Replica:
    """One process of the bot, as far as it matters here."""

    store: Store
    launches: Launches
    approvals: Approvals
    catalogue: Catalogue
    tracker: Tracker


@dataclass(kw_only=True)
class ServiceWorld:
    """Who there is, what the policy says now, and the replicas that run."""

    clock: Clock
    database: str
    orchestrator: PretendOrchestrator
    policy: Policy
    memberships: dict[Person, Membership]
    channels: dict[tuple[Person, str], bool | None] = field(default_factory=dict)
    replicas: list[Replica] = field(default_factory=list)
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)

    # replicas

    async def open(self, *, replicas: int = 1) -> None:
        """Start so many; more than one only on PostgreSQL."""
        for _ in range(replicas):
            self.replicas.append(await self._replica())

    async def close(self) -> None:
        """Stop them all."""
        self.replicas.clear()
        running, self._running = self._running, AsyncExitStack()
        await running.aclose()

    async def restart(self) -> None:
        """Stop them all, and start one."""
        await self.close()
        await self.open()

    async def _replica(self) -> Replica:
        enter = self._running.enter_async_context
        store = await enter(open_store(self.database, clock=self.clock))
        login = Basic(user="svc-chatops", password="pretend-password")
        client = await enter(Orchestrator(Connection(url=self.orchestrator.url, login=login)))
        services = build_services(
            ServiceInputs(
                store=store,
                orchestrator=client,
                policy=lambda: self.policy,
                membership=self.membership,
                membership_now=self.membership,
                in_channel=self.in_channel,
                secrets=Secrets(names=frozenset, read=lambda _: None),
                url=self.orchestrator.url,
                settle=timedelta(seconds=2),
                account="svc-chatops",
                scheduler=Scheduler(),
            )
        )
        return Replica(
            store=store,
            launches=services.launches,
            approvals=services.approvals,
            catalogue=services.catalogue,
            tracker=services.tracker,
        )

    @property
    def bot(self) -> Replica:
        """The first replica."""
        return self.replicas[0]

    # people

    async def membership(self, who: Person) -> Membership:
        """What Slack says of somebody now."""
        return self.memberships.get(who, Membership(person=who, is_member=False))

    async def in_channel(self, who: Person, channel_id: str) -> bool | None:
        """What Slack says of somebody and a channel; everybody is in all of them unless said otherwise."""
        return self.channels.get((who, channel_id), True)

    def who(self, name: str) -> Membership:
        """Somebody, as Slack knows them now."""
        return self.memberships[person(name)]

    def put(self, name: str, *groups: str, member: bool = True, email: str = "") -> None:
        """Let Slack know somebody as a member of these user groups."""
        who = person(name)
        self.memberships[who] = Membership(
            person=who,
            is_member=member,
            groups=frozenset(groups),
            name=name.title(),
            email=email or f"{name}@harbour.example",
        )

    # what people and time do

    async def ask(self, name: str, *, vm: str = "web-01", wishes: LaunchOptions | None = None) -> Launch:
        """Somebody sends the form."""
        draft = await self.draft(name)
        argument = Argument(name="vmName", type=ParameterType(declared="string"), value=vm)
        return await self.bot.launches.request(
            draft=draft, who=self.who(name), arguments=(argument,), wishes=wishes or LaunchOptions()
        )

    async def draft(self, name: str) -> Draft:
        """The form as it would be shown to somebody now."""
        return Draft(
            id=str(uuid4()),
            person=person(name),
            place=OPS,
            workflow=await self.bot.catalogue.definition(PATCH),
            form=Form(),
            expires_at=self.clock.now() + timedelta(hours=1),
        )

    async def approve(
        self, name: str, launch: Launch, *, seen: str = "", by: Replica | None = None
    ) -> Launch:
        """Somebody clicks Approve, and the bot does what follows from it."""
        bot = by or self.bot
        decided = await bot.approvals.approve(launch.id, who=self.who(name), seen=seen)
        if decided.state is State.APPROVED:
            await bot.launches.begin(decided)
        return decided

    async def pass_time(self, **amount: float) -> None:
        """Move the clock on, then let the tracker do all that is due."""
        self.clock.offset += timedelta(**amount)
        await self.tick()

    async def tick(self) -> None:
        """Let the tracker do all that is due now, and what follows from that at once."""
        for _ in range(3):
            for replica in self.replicas:
                await replica.tracker.tick()

    async def now_is(self, launch: Launch) -> Launch:
        """The launch as the database has it."""
        return await self.bot.store.transact(lambda tx: tx.launch(launch.id))

    async def told(self, launch: Launch) -> list[str]:
        """What happened to a launch, as its audit has it."""
        return [
            record.entry.what
            for record in await self.bot.store.audit.page()
            if record.entry.launch_id == launch.id
        ]

    def starts(self, vm: str | None = None) -> int:
        """How many starts Orchestrator took, of that machine alone if one is named."""
        return sum(vm is None or f"'{vm}'" in str(start.body) for start in self.orchestrator.starts)


@asynccontextmanager
async def open_service_world(database: str, policy: Policy) -> AsyncIterator[ServiceWorld]:
    """An office on a database without rows, with nobody in any group but those who lead and manage."""
    if await revision(database) != HEAD:
        await migrate(database)
    clock = Clock()
    async with PretendOrchestrator(now=clock.now) as orchestrator:
        orchestrator.add_workflow(patching())
        office = ServiceWorld(
            clock=clock, database=database, orchestrator=orchestrator, policy=policy, memberships={}
        )
        for name in NAMES:
            office.put(name)
        for name in ("ben", "cleo", "dan"):
            office.put(name, "S0LEADS")
        office.put("eve", "S0MANAGERS")
        await office.open()
        try:
            yield office
        finally:
            await office.close()


def only(rule_: Rule, **more: object) -> Policy:
    """A policy of one rule."""
    return replace(Policy(rules=(rule_,)), **more)  # type: ignore[arg-type] # a test names real fields
