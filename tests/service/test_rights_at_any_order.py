"""Whatever happens in whatever order, nothing starts that policy and content at that moment do not allow."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.draft import LaunchOptions
from bot.domain.errors import BotError
from bot.domain.policy import Group, Policy, Rule
from tests.service_world import LEADS, PATCH, open_service_world, patching, stage

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from tests.service_world import ServiceWorld

EXAMPLES = int(os.environ.get("RIGHTS_EXAMPLES", "6"))
CODES = ("System.log('A');", "System.log('B');")
VOTERS = ("ben", "cleo", "dan")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A policy, and beside it what it means, said a second time."""

    need: int  # approvals; -1: nobody may run it
    folders: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()

    def covers(self, folder: str, tags: frozenset[str]) -> bool:
        return self.need >= 0 and (folder in self.folders or bool(self.tags & tags))

    @property
    def policy(self) -> Policy:
        if self.need < 0:
            return Policy(rules=(Rule(name="other", names=frozenset({"Other"}), run=Group(everyone=True)),))
        asks = (stage(LEADS, count=self.need, hours=48),) if self.need else ()
        run = Group(everyone=True)
        rule = Rule(name="rule", folders=tuple(self.folders), tags=self.tags, run=run, approve=asks)
        return Policy(rules=(rule,))


VARIANTS = (
    Variant(need=1, folders=frozenset({"A"})),
    Variant(need=2, folders=frozenset({"A", "B"})),
    Variant(need=1, tags=frozenset({"safe"})),
    Variant(need=0, folders=frozenset({"A"})),
    Variant(need=-1),
)


@dataclass(kw_only=True)
class Model:
    """What is true, beside the service; starts are compared with it after every move."""

    office: ServiceWorld
    codes: dict[str, str]  # by the digest of the content
    variant: Variant = VARIANTS[0]
    folder: str = "A"
    tags: frozenset[str] = frozenset()
    code: str = CODES[0]
    leads: set[str] = field(default_factory=lambda: set(VOTERS))
    is_member: bool = True
    launches: list[Launch] = field(default_factory=list)
    votes: dict[tuple[str, str], str] = field(default_factory=dict)  # by launch and voter: the code sealed
    started: set[str] = field(default_factory=set)

    async def do(self, move: tuple[str, int]) -> None:
        what, number = move
        with contextlib.suppress(BotError):  # whoever may not, hears so
            await self._do(what, number)
        await self.office.tick()
        await self.check()

    async def _do(self, what: str, number: int) -> None:
        office = self.office
        match what:
            case "ask" if len(self.launches) < 3:
                at = office.clock.now() + timedelta(minutes=5) if number % 2 else None
                wishes = LaunchOptions(start_at=at)
                self.launches.append(await office.ask("ada", vm=f"vm-{len(self.launches)}", wishes=wishes))
            case "approve" | "withdraw" if self.launches:
                await self._vote(what, VOTERS[number % 3], self.launches[number % len(self.launches)])
            case "move":
                self.folder = "ABC"[number % 3]
            case "tag":
                self.tags = frozenset({"safe"}) if number % 2 else frozenset()
            case "edit":
                self.code = CODES[number % 2]
            case "policy":
                self.variant = VARIANTS[number % len(VARIANTS)]
                office.policy = self.variant.policy
            case "lead":
                name = VOTERS[number % 3]
                self.leads ^= {name}
                office.put(name, *(["S0LEADS"] if name in self.leads else []))
            case "member":
                self.is_member = bool(number % 2)
                office.put("ada", member=self.is_member)
            case "away":
                await office.orchestrator.refuse_connections()
            case "back":
                await office.orchestrator.listen()
            case "wait":
                await office.pass_time(minutes=1 + number)
            case "restart":
                await office.restart()
            case _:
                return
        self.put_workflow()

    def put_workflow(self) -> None:
        made = replace(patching(), id=PATCH, folder=self.folder, tags=tuple(self.tags), code=self.code)
        self.office.orchestrator.add_workflow(made)

    async def _vote(self, what: str, name: str, launch: Launch) -> None:
        if what == "withdraw":
            await self.office.bot.approvals.withdraw_vote(launch.id, who=self.office.who(name))
            self.votes.pop((launch.id, name), None)
            return
        voted = await self.office.bot.approvals.approve(launch.id, who=self.office.who(name))
        self.votes[launch.id, name] = self.codes[dict(voted.seal)["content"]]

    async def check(self) -> None:
        for number, launch in enumerate(self.launches):
            if launch.id not in self.started and self.office.starts(f"vm-{number}"):
                self.started.add(launch.id)
                self.must_be_allowed(await self.office.now_is(launch))
            assert self.office.starts(f"vm-{number}") <= 1

    def must_be_allowed(self, launch: Launch) -> None:
        assert self.is_member
        assert self.variant.covers(self.folder, self.tags)
        assert self.codes[dict(launch.seal)["content"]] == self.code
        valid = {
            name
            for (launch_id, name), code in self.votes.items()
            if launch_id == launch.id and code == self.code and name in self.leads
        }
        assert len(valid) >= self.variant.need


MOVES: tuple[str, ...] = ("ask", "approve", "approve", "approve", "withdraw", "move", "tag", "edit")
MOVES += ("policy", "lead", "member", "away", "back", "back", "wait", "wait", "restart")


async def play(moves: list[tuple[str, int]], folder: str) -> int:
    async with open_service_world(f"sqlite:///{Path(folder) / 'bot.sqlite3'}", VARIANTS[0].policy) as office:
        model = Model(office=office, codes={})
        for code in reversed(CODES):
            model.code = code
            model.put_workflow()
            found = await office.bot.catalogue.now(PATCH)
            model.codes[found.seal.content.digest] = code
        for move in (("ask", 1), *moves, ("back", 0), ("wait", 9)):
            await model.do(move)
        return len(model.started)


@settings(max_examples=EXAMPLES)
@given(st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 9)), min_size=4, max_size=16))
def test_no_order_of_changes_starts_what_policy_and_content_do_not_allow(
    moves: list[tuple[str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(moves, folder))


def test_what_is_allowed_does_start(tmp_path: Path) -> None:
    """Else the test above would prove nothing."""
    assert asyncio.run(play([("approve", 0)], str(tmp_path))) == 1
