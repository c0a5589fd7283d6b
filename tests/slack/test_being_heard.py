"""Whoever must act hears it, once: wherever a launch is asked for, whatever the policy says of telling."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.demo.environment import POLICY as DEMO
from bot.demo.orchestrator.faults import ArmedFault
from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.demo.slack.wire import Json
    from tests.world import World

START = "POST */executions"
DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
RULE = """
rules:
  - name: deletes
    workflows: {names: ["Delete virtual machine"]}
    run: {users: [U0ADA, U0BEN]}
    approve: APPROVE
"""
GLASS = """
break_glass: {users: [U0ADA], review: {users: [U0LINUS]}}
"""


@asynccontextmanager
async def office(folder: Path, database: str, *, approve: str = "", more: str = "") -> AsyncIterator[World]:
    """A world whose one rule asks for this approval; without one, the demo's policy."""
    policy = DEMO
    if approve:
        policy = folder / "policy.yaml"
        policy.write_text(more + RULE.replace("APPROVE", approve), encoding="utf-8")
    await migrate(database)
    async with a_world(folder, database=database, policy=policy) as made:
        yield made


async def to_review(world: World, *, channel: str) -> str:
    """Ada fills the form in up to its last page; what that says."""
    ada = world.person("ada")
    await world.fill(ada, "delete virtual machine", DELETE, channel=channel)
    await world.turn(ada)
    assert ada.view is not None
    return ada.reads(ada.view)


async def ask(world: World, *, channel: str) -> str:
    """Ada asks for it; what its last page said before."""
    said = await to_review(world, channel=channel)
    assert (await world.turn(world.person("ada"))).ok
    await world.tick(3)
    return said


def messages(world: World, where: str) -> list[Json]:
    """All messages of a conversation, replies in threads as well."""
    top = world.slack.messages(where)
    return [each for message in top for each in world.slack.thread(where, message["ts"])]


def pings(world: World, user: str, *, dm: str, channels: tuple[str, ...] = ("ops", "vm-changes")) -> int:
    """How many messages call this person: those in their direct messages, and mentions elsewhere."""
    marks = (f"<@{user}>", "<!subteam^S0APPROVERS>")
    read = world.person("ada").reads
    elsewhere = [each for channel in channels for each in messages(world, channel)]
    return len(messages(world, dm)) + sum(any(mark in read(each) for mark in marks) for each in elsewhere)


async def test_a_launch_asked_for_in_direct_messages_reaches_its_approvers(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database) as world:
        ada, grace, linus = (world.person(name) for name in ("ada", "grace", "linus"))
        said = await ask(world, channel=ada.dm)
        assert "You both see it" not in said
        assert "Asked: 2 direct messages." in said
        for approver in (grace, linus):
            (card,) = world.slack.messages(approver.dm)
            assert "Asked for in direct messages" in approver.reads(card)
        await world.press(grace, "Approve", card={**world.slack.messages(grace.dm)[0], "channel": grace.dm})
        await world.until_told("Succeeded", card={**world.slack.messages(ada.dm)[0], "channel": ada.dm})


async def test_a_channel_without_its_approvers_is_no_channel_of_theirs(tmp_path: Path, database: str) -> None:
    async with office(tmp_path, database) as world:
        grace, linus = world.person("grace"), world.person("linus")
        world.slack.workspace.directory.channel("ops").members -= {grace.id, linus.id}
        said = await ask(world, channel="ops")
        assert "Asked: 2 direct messages." in said
        assert len(world.slack.messages(grace.dm)) == len(world.slack.messages(linus.dm)) == 1


async def test_approvers_in_the_channel_are_asked_there_and_nowhere_else(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database) as world:
        grace = world.person("grace")
        said = await ask(world, channel="ops")
        assert "Asked: in this channel." in said
        assert world.slack.messages(grace.dm) == []
        assert pings(world, grace.id, dm=grace.dm) == 1


async def test_nobody_is_called_twice_for_one_request_wherever_it_is_shown(
    tmp_path: Path, database: str
) -> None:
    told = (
        "{users: [U0BEN, U0GRACE], count: 2, remind: [1h], notify: {channels: [C0VMCHANGES], direct: true}}"
    )
    async with office(tmp_path, database, approve=told) as world:
        grace = world.person("grace")
        said = await ask(world, channel="ops")
        assert "Asked: <#C0VMCHANGES> and 2 direct messages." in said
        assert pings(world, grace.id, dm=grace.dm) == 1
        for channel in ("ops", "vm-changes"):
            shown = grace.reads(world.slack.messages(channel)[-1])
            assert "*Needs approval* by Ben Okafor or Grace Moreau" in shown
        await world.pass_time(minutes=61)
        await world.tick(2)
        assert pings(world, grace.id, dm=grace.dm) == 2  # the reminder calls her once more, and once


async def test_a_stage_that_asks_somebody_again_is_a_new_message_to_them(
    tmp_path: Path, database: str
) -> None:
    stages = "[{users: [U0BEN], notify: {direct: true}}, {users: [U0BEN, U0GRACE], notify: {direct: true}}]"
    async with office(tmp_path, database, approve=stages) as world:
        ben, grace = world.person("ben"), world.person("grace")
        said = await ask(world, channel="ops")
        assert "Asked for stage 1 of 2: 1 direct message." in said
        await world.press(ben, "Approve", card={**world.slack.messages(ben.dm)[0], "channel": ben.dm})
        await world.tick(3)
        assert len(messages(world, grace.dm)) == 1
        assert "Now it needs 1 approval in stage 2 of 2" in ben.reads(messages(world, ben.dm)[-1])


async def test_where_nobody_can_be_told_a_channel_is_asked_for(tmp_path: Path, database: str) -> None:
    async with office(tmp_path, database, approve="{domains: [harbour.example]}") as world:
        ada = world.person("ada")
        assert "Asked: in this channel." in await ask(world, channel="ops")
        said = await to_review(world, channel=ada.dm)
        assert "Nobody who may approve this would hear of it from here" in said
        assert ada.view is not None
        assert not ada.view.get("submit")


async def test_a_request_that_turned_deaf_after_its_review_is_refused(tmp_path: Path, database: str) -> None:
    async with office(tmp_path, database, approve="{users: [U0GRACE]}") as world:
        ada = world.person("ada")
        await to_review(world, channel=ada.dm)
        file = tmp_path / "policy.yaml"
        file.write_text(RULE.replace("APPROVE", "{domains: [harbour.example]}"), encoding="utf-8")
        for _ in range(3):
            await world.pass_time(seconds=3)
            await world.bot.follow_policy()
        await world.turn(ada)
        await world.tick(2)
        assert ada.view is not None
        assert "Nobody who may approve this would hear of it from your direct messages" in ada.reads(ada.view)
        assert not await world.bot.store.launches.awaiting(limit=10)


async def test_a_group_that_can_no_longer_approve_is_told_at_once_and_once(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database) as world:
        ada, ben = world.person("ada"), world.person("ben")
        await ask(world, channel="ops")
        (group,) = world.slack.workspace.directory.user_groups.values()
        group.users[:] = [ada.id]
        for _ in range(4):
            await world.pass_time(minutes=5)
            await world.bot.people.refresh()
        told = world.told()
        assert told.count("Nobody is left who may approve this.") == 1
        assert "<@U0ADA> can withdraw it" in told
        assert "Too few are left who may approve it" in ben.reads(world.card())
        group.users[:] = [ada.id, ben.id]
        for _ in range(2):
            await world.pass_time(minutes=4)
            await world.bot.people.refresh()
        assert "Too few are left" not in ben.reads(world.card())
        assert [each.entry.what for each in await world.bot.store.audit.page()].count(
            "too few approvers"
        ) == 1


async def test_the_review_says_beforehand_that_too_few_could_approve(tmp_path: Path, database: str) -> None:
    async with office(tmp_path, database, approve="{users: [U0ADA, U0GRACE], count: 2}") as world:
        said = await to_review(world, channel="ops")
        assert "It needs 2 approvals, but only 1 of those the rule names could give one now." in said


async def test_whoever_may_review_a_broken_glass_is_named_and_told(tmp_path: Path, database: str) -> None:
    async with office(tmp_path, database, approve="{users: [U0GRACE]}", more=GLASS) as world:
        ada, linus = world.person("ada"), world.person("linus")
        await to_review(world, channel=ada.dm)
        await ada.type("Break-glass: why can it not wait?", "It burns.")
        assert (await world.turn(ada)).ok
        await world.tick(2)
        assert len(world.slack.messages(linus.dm)) == 1
        home = {**world.slack.messages(ada.dm)[0], "channel": ada.dm}
        told = await world.until_told("It ran on a break-glass.", card=home)
        assert "Linus Varga has to review it" in told


async def test_a_doubtful_start_names_who_has_to_settle_it(tmp_path: Path, database: str) -> None:
    async with office(tmp_path, database) as world:
        ada = world.person("ada")
        world.orchestrator.fault(START, ArmedFault.DROP_BEFORE)
        await world.launch(ada, "Back up database", {"database": "crm"})
        told = await world.until_told("has to settle it on the card")
        who = "<@U0ADA>, or somebody else who may run or approve this, has to settle"
        assert f"{who} it" in told
        assert f"{who} this" in ada.reads(world.card())
