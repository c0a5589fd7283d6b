"""A policy that changes while the bot runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import make_url

if TYPE_CHECKING:
    from tests.world import World

REPORTS = """
rules:
  - name: reports
    workflows: {names: [Health report]}
    run: {users: [U0ADA]}
"""
NOTICES = (
    REPORTS
    + """
  - name: notices
    workflows: {names: [Send notice]}
    run: {groups: [S0APPROVERS]}
"""
)


pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.policy(REPORTS)]


async def write(world: World, text: str) -> bool:
    """Change the file, and let the bot look until it has judged it; whether another policy counts now."""
    file = world.folder / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    return any([await world.bot.policies.look() for _ in range(3)])


async def recorded(world: World, what: str) -> list[dict[str, Any]]:
    entries = [record.entry for record in await world.bot.store.audit.page(after=0)]
    return [dict(entry.detail) for entry in entries if entry.what == what]


async def test_a_changed_policy_counts_with_the_next_command(world: World) -> None:
    grace = world.person("grace")
    await grace.slash("/vro", "run Send notice", channel="ops")
    await world.bot.dispatcher.drain(seconds=5)
    assert "No workflow you may run here matches" in grace.reads(grace.ephemerals("ops")[-1])
    assert await write(world, NOTICES)
    await world.fill(grace, "Send notice", {})


async def test_a_policy_taken_back_no_longer_lets_an_open_form_start(world: World) -> None:
    ada = world.person("ada")
    await world.fill(ada, "Health report", {})
    assert await write(world, "rules: []")
    await world.send(ada)
    await world.tick()
    assert not world.orchestrator.starts


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rules: [", "line 1: is not YAML"),
        (REPORTS.replace("run:", "runs:"), "is not known here. Did you mean run?"),
        (NOTICES.replace("S0APPROVERS", "S0NOBODY"), "names the user group S0NOBODY"),
        (REPORTS + REPORTS.removeprefix("\nrules:").replace("reports", "again"), "can never decide"),
    ],
)
async def test_a_bad_new_policy_is_refused_loudly_and_the_old_one_stays(
    world: World, text: str, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert not await write(world, text)
    assert "refused; the former policy still counts" in caplog.text
    assert problem in caplog.text
    (refused,) = await recorded(world, "policy refused")
    assert problem in "\n".join(refused["problems"])
    assert all((await world.bot.ready()).values())
    await world.fill(world.person("ada"), "Health report", {})


async def test_a_policy_file_that_is_gone_is_refused_like_a_bad_one(world: World) -> None:
    (world.folder / "policy.yaml").unlink()
    assert not any([await world.bot.policies.look() for _ in range(3)])
    await world.fill(world.person("ada"), "Health report", {})


async def test_the_audit_names_each_policy_by_its_hash_once(world: World) -> None:
    await write(world, NOTICES)
    await write(world, NOTICES + "\n# only a comment")
    os.utime(world.folder / "policy.yaml")
    assert not any([await world.bot.policies.look() for _ in range(3)])
    await world.stop()
    await world.start()
    first, second, third = await recorded(world, "policy in force")
    assert [each["rules"] for each in (first, second, third)] == [1, 2, 2]
    assert len({each["sha256"] for each in (first, second, third)}) == 3


async def test_a_file_is_not_judged_while_it_is_being_written(world: World) -> None:
    file = world.folder / "policy.yaml"
    file.write_text("rules: [", encoding="utf-8")
    assert not await world.bot.policies.look()
    file.write_text(NOTICES, encoding="utf-8")
    assert not await world.bot.policies.look()
    assert await world.bot.policies.look()
    assert await recorded(world, "policy refused") == []


@pytest.mark.databases("postgresql")
async def test_a_policy_saved_while_the_database_is_away_counts_once_it_is_back(
    world: World, migrated: str
) -> None:
    for text, counts in ((NOTICES, True), ("rules: [", False)):
        await only_reading(migrated, allowed=True)
        assert not await write(world, text)
        await only_reading(migrated, allowed=False)
        looks = [await world.bot.policies.look() for _ in range(4)]  # the first may find a dead connection
        assert looks.count(True) == counts
    assert len(await recorded(world, "policy in force")) == 2
    assert len(await recorded(world, "policy refused")) == 1


async def only_reading(url: str, *, allowed: bool) -> None:
    """Let a database take no writes, as one that was replaced by another, or take them again."""
    sql = await asyncpg.connect(url)
    try:
        await sql.execute("SET default_transaction_read_only = off")
        name = make_url(url).database
        await sql.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {allowed}")
        await sql.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await sql.close()


@pytest.mark.parametrize("text", ["rules: [", REPORTS.replace("run:", "runs:"), None])
async def test_a_bot_that_starts_with_a_bad_policy_follows_what_is_open_and_starts_nothing(
    world: World, text: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    ada, file = world.person("ada"), world.folder / "policy.yaml"
    card = await world.launch(ada, "Health report", {})
    await world.fill(ada, "Health report", {})
    assert (await world.send(ada)).ok  # asked for, and not started yet
    await world.stop()
    if text is None:
        file.unlink()
    else:
        file.write_text(text, encoding="utf-8")
    await world.start()
    assert "nothing is started until it is mended" in caplog.text
    assert not (await world.bot.ready())["policy"]
    assert len(await recorded(world, "policy refused")) == 1
    assert not any([await world.bot.policies.look() for _ in range(3)])
    await world.until_told("Succeeded", card=card)
    assert len(world.orchestrator.starts) == 1
    await ada.slash("/vro", "run Health report", channel="ops")
    await world.bot.dispatcher.drain(seconds=5)
    assert "policy file cannot be read" in ada.reads(ada.ephemerals("ops")[-1])
    assert await write(world, REPORTS)
    assert (await world.bot.ready())["policy"]
    for _ in range(60):
        await world.pass_time(seconds=10)
    assert len(world.orchestrator.starts) == 2
