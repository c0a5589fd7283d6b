"""Power with limits: who stands in for whom, and what it takes to pass the policy's barriers."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.world import World

RULES = """
rules:
  - name: backups
    workflows: {names: ["Back up database", "Health report"]}
    run: {users: [U0ADA]}
    approve: {users: [U0BEN], within: 2dMORE}
"""
GLASS = "Break-glass: why can it not wait?"


@asynccontextmanager
async def office(folder: Path, database: str, *, more: str = "", top: str = "") -> AsyncIterator[World]:
    """A world with one rule."""
    policy = folder / "policy.yaml"
    policy.write_text(top + RULES.replace("MORE", more), encoding="utf-8")
    await migrate(database)
    async with a_world(folder, database=database, policy=policy) as made:
        yield made


async def delegate(world: World, to: str, *, days: float = 1) -> str:
    """Ben delegates; what the form says against it."""
    ben = world.person("ben")
    await ben.slash("/vro", "delegate", channel="ops")
    await ben.until(lambda: ben.view is not None)
    await ben.pick("Who decides for me", to)
    await ben.type("Until", world.now() + timedelta(days=days))
    return str((await ben.submit()).errors)


async def break_glass(world: World, reason: str) -> str:
    """Ada starts a backup with this reason; what is said against it."""
    ada = world.person("ada")
    await world.fill(ada, "back up database", {"database": "crm"})
    await world.turn(ada)
    await ada.type(GLASS, reason)
    sent = await world.turn(ada)
    await world.tick(2)
    return str(sent.errors) if not sent.ok else ada.reads(ada.view) if ada.view else ""


async def test_the_policy_says_to_whom_and_how_long_one_may_delegate(tmp_path: Path, database: str) -> None:
    top = "delegation: {to: {users: [U0GRACE]}, longest: 7d}\n"
    async with office(tmp_path, database, top=top) as world:
        assert "may not decide for others" in await delegate(world, "linus")
        assert "within 7 days" in await delegate(world, "grace", days=8)
        assert await delegate(world, "grace", days=6) == "{}"
        card = await world.launch(world.person("ada"), "back up database", {"database": "crm"})
        await world.press(world.person("grace"), "Approve", card=card)
        assert len(world.orchestrator.starts) == 1
        audited = [each.entry.what for each in await world.bot.store.audit.page()]
        assert "delegated" in audited
        assert "refused" in audited


async def test_a_delegation_ends_when_the_policy_no_longer_names_who_stands_in(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database) as world:
        assert await delegate(world, "grace") == "{}"
        card = await world.launch(world.person("ada"), "back up database", {"database": "crm"})
        top = "delegation: {to: {users: [U0LINUS]}}\n"
        (tmp_path / "policy.yaml").write_text(top + RULES.replace("MORE", ""), encoding="utf-8")
        for _ in range(3):
            await world.pass_time(seconds=3)
            await world.bot.follow_policy()
        await world.press(world.person("grace"), "Approve", card=card)
        assert not world.orchestrator.starts


async def test_a_rule_can_forbid_that_anybody_decides_in_anothers_name(tmp_path: Path, database: str) -> None:
    async with office(tmp_path, database, more=", delegable: false") as world:
        assert await delegate(world, "grace") == "{}"
        card = await world.launch(world.person("ada"), "back up database", {"database": "crm"})
        grace = world.person("grace")
        await world.press(grace, "Approve", card=card)
        assert "not among the approvers" in grace.reads(grace.ephemerals("ops")[-1])
        assert not world.orchestrator.starts
        await world.press(world.person("ben"), "Approve", card=card)
        assert len(world.orchestrator.starts) == 1


async def test_breaking_the_glass_takes_a_reason_and_no_review_of_ones_own_open(
    tmp_path: Path, database: str
) -> None:
    top = "break_glass: {users: [U0ADA], review: {users: [U0GRACE]}, least_reason: 12, review_first: true}\n"
    async with office(tmp_path, database, top=top) as world:
        assert "in 12 letters or more" in await break_glass(world, "It  burns  .")
        ada = world.person("ada")
        await ada.type(GLASS, "The array loses data.")
        assert (await world.turn(ada)).ok
        await world.tick(2)
        assert len(world.orchestrator.starts) == 1
        assert "is not reviewed yet" in await break_glass(world, "The array still loses data.")
        assert len(world.orchestrator.starts) == 1
        assert "refused" in [each.entry.what for each in await world.bot.store.audit.page()]
