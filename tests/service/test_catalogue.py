"""What a search costs the event loop, counted in calls of functions, by workflows and rules."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator import PretendOrchestrator
from bot.demo.orchestrator.samples import synthetic_workflows
from bot.domain.people import Membership, Person, Place
from bot.domain.policy import Group, Policy, Rule
from bot.domain.workflow import WorkflowSummary
from bot.orchestrator.client import Orchestrator
from bot.orchestrator.connection import Connection
from bot.orchestrator.login import Bearer
from bot.service.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from types import FrameType

HERE = Place(channel_id="C0OPS")
WHO = Membership(
    person=Person(team_id="T0HARBOUR", user_id="U0ADA"), is_member=True, groups=frozenset({"S1", "S2"})
)


class PolicedCatalogue:
    """A catalogue of a pretend Orchestrator's workflows under a policy that can be changed."""

    def __init__(self, client: Orchestrator, vro: PretendOrchestrator) -> None:
        self.policy = Policy()
        self.vro = vro
        self.catalogue = Catalogue(orchestrator=client, policy=lambda: self.policy)

    async def names(self, words: str) -> list[str]:
        return [each.name for each in await self.catalogue.find(words, who=WHO, place=HERE)]


@pytest.fixture
async def policed() -> AsyncIterator[PolicedCatalogue]:
    vro = PretendOrchestrator()
    await vro.start()
    login = Bearer(token=vro.logins.static_token())
    async with Orchestrator(Connection(url=vro.url, login=login)) as client:
        yield PolicedCatalogue(client, vro)
    await vro.stop()


def ruled(rules: int) -> Policy:
    """One rule for each of so many groups; the synthetic folders are among their patterns."""
    sites = ("Berlin", "Dublin", "Osaka", "Austin", "Lagos")
    return Policy(
        rules=tuple(
            Rule(
                name=f"r{number}",
                folders=(f"{sites[number % 5]}/**", *(f"Area/Team {number}-{each}/**" for each in range(4))),
                run=Group(groups=frozenset({f"S{number}"})),
            )
            for number in range(rules)
        )
    )


@contextmanager
def counted_calls() -> Iterator[list[str]]:
    """The functions of this project and of `re` that are called in this thread, which is the loop's."""
    calls: list[str] = []
    mine = threading.get_ident()

    def note(frame: FrameType, event: str, _: object) -> None:
        at = frame.f_code.co_filename
        if event == "call" and threading.get_ident() == mine and ("/bot/" in at or "/re/" in at):
            calls.append(f"{Path(at).stem}.{frame.f_code.co_qualname}")

    former = sys.getprofile()
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(former)


async def first_keystrokes(policed: PolicedCatalogue, *, workflows: int, rules: int) -> list[int]:
    """Calls of the first search after a refresh, of the first after a policy change, and of another."""
    policed.policy = ruled(rules)
    policed.policy.prepare()
    policed.vro.add_workflows(synthetic_workflows(workflows))
    await policed.catalogue.refresh()
    counts = []
    for words in ("restart", "delete", "audit virtual"):
        with counted_calls() as calls:
            assert await policed.names(words)
        counts.append(len(calls))
        if words == "restart":
            policed.policy = ruled(rules)
            policed.policy.prepare()
    return counts


async def test_a_first_search_calls_as_many_functions_on_the_loop_whatever_there_is(
    policed: PolicedCatalogue,
) -> None:
    """A hundred workflows are answered at most, at two steps each; the others and the rules take no call."""
    few = await first_keystrokes(policed, workflows=100, rules=10)
    many = await first_keystrokes(policed, workflows=1_000, rules=600)
    assert all(count < base + 250 for base, count in zip(few, many, strict=True)), (few, many)


async def test_a_decision_looks_at_the_rules_of_its_workflow_only(policed: PolicedCatalogue) -> None:
    policed.policy = ruled(600)
    policed.policy.prepare()
    policed.vro.add_workflows(synthetic_workflows(10))
    await policed.catalogue.refresh()
    (found,) = policed.catalogue.named("Create virtual machine 00000")
    policy = Policy(
        rules=(*ruled(600).rules[1::5], Rule(name="all", folders=("**",), run=Group(everyone=True)))
    )
    policy.prepare()
    with counted_calls() as calls:
        assert policy.find(workflow=found, who=WHO, place=HERE) is policy.rules[-1]
    assert len(calls) < 40


def test_no_pattern_is_compiled_twice_however_many_there_are() -> None:
    globs = tuple(
        Rule(name=f"r{number}", folders=(f"Area {number}/*/Team?{number}",), run=Group(everyone=True))
        for number in range(1_200)
    )
    policy = Policy(rules=globs)
    with counted_calls() as calls:
        policy.prepare()
        assert calls.count("_compiler.compile") == 1_200
    with counted_calls() as calls:
        for number in range(1_200):
            asked = WorkflowSummary(id="1", name="Restart", folder=f"Area {number}/x/Team?{number}")
            assert policy.rules_on(asked) == {number}
    assert "_compiler.compile" not in calls


async def test_a_search_right_after_a_policy_change_offers_nothing_the_new_one_forbids(
    policed: PolicedCatalogue,
) -> None:
    policed.vro.add_workflows(synthetic_workflows(50))
    policed.policy = ruled(5)
    await policed.catalogue.refresh()
    assert {name[:5] for name in await policed.names("restart")} == {"Resta"}
    policed.policy = Policy(rules=policed.policy.rules[:1])
    assert await policed.names("") == []
    policed.policy = ruled(5)
    assert await policed.names("")


async def test_what_was_found_stays_known_while_neither_list_nor_policy_changes(
    policed: PolicedCatalogue,
) -> None:
    policed.vro.add_workflows(synthetic_workflows(50))
    policed.policy = ruled(5)
    await policed.catalogue.refresh()
    before = await policed.catalogue.find("restart", who=WHO, place=HERE)
    await policed.catalogue.refresh()
    assert await policed.catalogue.find("restart", who=WHO, place=HERE) is before
    policed.vro.add_workflows(synthetic_workflows(60)[50:])
    await policed.catalogue.refresh()
    assert await policed.catalogue.find("restart", who=WHO, place=HERE) is not before


async def test_menus_of_many_people_do_not_pile_up(policed: PolicedCatalogue) -> None:
    policed.vro.add_workflows(synthetic_workflows(50))
    policed.policy = ruled(20)
    await policed.catalogue.refresh()
    for bits in range(2_000):
        groups = frozenset(f"S{at}" for at in range(20) if bits >> at & 1)
        who = Membership(person=WHO.person, is_member=True, groups=groups)
        await policed.catalogue.find("restart", who=who, place=HERE)
    menus = policed.catalogue._menus  # noqa: SLF001 - memory is not seen from outside
    assert len(menus._shows._held) <= 500  # noqa: SLF001
    assert len(menus._found._held) <= 500  # noqa: SLF001


async def test_a_word_with_slips_finds_what_was_meant_among_thousands(policed: PolicedCatalogue) -> None:
    policed.policy = Policy(rules=(Rule(name="all", folders=("**",), run=Group(everyone=True)),))
    policed.vro.add_workflows(synthetic_workflows(2_000))
    await policed.catalogue.refresh()
    assert "Resize load balancer 00074" in (await policed.names("reszie laod balancer 00074"))[:5]
    assert await policed.names("restart " * 5_000)
    assert await policed.names("xq " * 5_000) == []
