"""The kill switch: durable, heeded by every process right before a start, told on cards and audited."""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.cli import pause
from bot.cli.command_line import main
from bot.demo.orchestrator.faults import ArmedFault
from bot.domain.launch import HoldKind, State
from bot.domain.pause import Scope, Target
from bot.domain.steps import finding
from bot.service.pauses import NotPausable, drop, put
from bot.store.migrating import migrate
from tests.slack.test_delegating import said
from tests.wiring.test_replicas import another
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from bot.domain.launch import Launch
    from tests.world import World

RULES = """
pause: {users: [U0GRACE]}
rules:
  - name: all of it
    workflows: {folders: ["**"]}
    run: {everyone: true}
"""
SHORT = "wait for replication"
NAME = "Wait for replication"
ALL = Target(scope=Scope.ALL)


@pytest.fixture
async def world(tmp_path: Path, database: str) -> AsyncIterator[World]:
    policy = tmp_path / "pausing.yaml"
    policy.write_text(RULES, encoding="utf-8")
    await migrate(database)
    async with a_world(tmp_path, database=database, policy=policy) as made:
        yield made


async def audited(world: World) -> list[tuple[str, str, Mapping[str, object]]]:
    page = await world.bot.store.audit.page()
    return [
        (each.entry.what, each.entry.user_id, each.entry.detail)
        for each in page
        if each.entry.what in {"paused", "resumed"}
    ]


async def ask(world: World) -> Launch:
    await world.launch(world.person("ada"), SHORT)
    (found,) = (await world.bot.store.launches.in_states(None, limit=10)).launches
    return found


@pytest.mark.parametrize("what", ["all", "rule all of it", f"workflow {NAME}"])
async def test_what_is_paused_waits_and_says_why_until_it_is_resumed(world: World, what: str) -> None:
    grace = world.person("grace")
    assert "nothing of it is started until" in await said(grace, f"pause {what} the array rebuilds")
    launch = await ask(world)
    assert (launch.state, launch.hold and launch.hold.kind) == (State.APPROVED, HoldKind.PAUSED)
    card = grace.reads(world.card())
    assert "Paused" in card
    assert "the array rebuilds" in card + world.told()
    await world.pass_time(hours=20)
    assert not world.orchestrator.starts
    assert world.told().count("the array rebuilds") == 1  # held for a day, told once
    assert "the array rebuilds" in await said(world.person("ada"), "pause")
    assert "Resumed" in await said(grace, f"resume {what}")
    await world.until_told("Succeeded")
    assert len(world.orchestrator.starts) == 1
    kinds = [(each[0], each[1]) for each in await audited(world)]
    assert kinds == [("paused", "U0GRACE"), ("resumed", "U0GRACE")]


async def test_a_pause_of_something_else_holds_nothing(world: World) -> None:
    grace = world.person("grace")
    await said(grace, "pause workflow Delete virtual machine it deletes the wrong one")
    await world.launch(world.person("ada"), SHORT)
    await world.until_told("Succeeded")


@pytest.mark.parametrize(
    "words", ["pause rule all of them why not", "pause workflow Wait why not", "pause all"]
)
async def test_a_misspelled_pause_is_refused_and_says_that_nothing_is_paused(
    world: World, words: str
) -> None:
    assert "othing was paused" in (await said(world.person("grace"), words))
    assert "Nothing is paused" in await said(world.person("grace"), "pause")


@pytest.mark.parametrize("words", ["pause all I want to", "resume all"])
async def test_whom_the_policy_does_not_name_can_do_neither(world: World, words: str) -> None:
    assert "Only the people whom the policy names" in await said(world.person("ada"), words)
    assert await audited(world) == []
    assert not await world.bot.store.transact(lambda tx: tx.pauses.in_force())


async def test_a_pause_between_preflight_and_post_still_stops_the_post(world: World) -> None:
    await world.bot.store.transact(lambda tx: put(tx, ALL, why="first", who=None))
    launch = await ask(world)
    await world.bot.store.transact(lambda tx: drop(tx, ALL, who=None))
    world.clock.offset += timedelta(minutes=1)
    (claimed,) = await world.bot.store.launches.claim(limit=1)
    intent = await world.bot.launches._admission.admit(claimed)  # noqa: SLF001 - the moment in between
    assert intent is not None
    await world.bot.store.transact(lambda tx: put(tx, ALL, why="just in time", who=None))
    await world.bot.launches._start(intent)  # noqa: SLF001 - the same
    assert not world.orchestrator.starts
    assert (await world.the_launch(launch.id)).state is State.APPROVED
    await world.pass_time(minutes=10)
    held = (await world.the_launch(launch.id)).hold
    assert held is not None
    assert held.kind is HoldKind.PAUSED


async def test_every_replica_heeds_it(tmp_path: Path, fresh_postgres: str) -> None:
    policy = tmp_path / "pausing.yaml"
    policy.write_text(RULES, encoding="utf-8")
    await migrate(fresh_postgres)
    async with a_world(tmp_path, database=fresh_postgres, policy=policy) as world, another(world) as second:
        await said(world.person("grace"), "pause all the array rebuilds")
        launch = await ask(world)
        world.clock.offset += timedelta(minutes=5)
        await second.tracker.tick()
        held = (await world.the_launch(launch.id)).hold
        assert held is not None
        assert held.kind is HoldKind.PAUSED
        assert not world.orchestrator.starts


def command(tmp_path: Path, world: World, *words: str) -> list[str]:
    """The command line on the world's database, as an administrator types it."""
    file = tmp_path / "admin.env"
    values = {
        "DATABASE_URL": world.settings.database_url.get_secret_value(),
        "SLACK_BOT_TOKEN": "xoxb-1-2-abc",
        "SLACK_APP_TOKEN": "xapp-1-A-2-abc",
        "ORCHESTRATOR_URL": "https://orchestrator.example.com",
        "ORCHESTRATOR_LOGIN": "basic",
        "ORCHESTRATOR_USERNAME": "svc-chatops",
        "ORCHESTRATOR_PASSWORD": "secret",
    }
    file.write_text("\n".join(f"{name}={value}" for name, value in values.items()), encoding="utf-8")
    return ["--settings", str(file), *words]


async def typed(tmp_path: Path, world: World, *words: str) -> tuple[int, str]:
    """Exit code and all that was said."""

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", *command(tmp_path, world, *words)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_the_command_line_pauses_and_resumes_beside_a_running_bot(world: World, tmp_path: Path) -> None:
    code, text = await typed(tmp_path, world, "pause")
    assert (code, "Say why" in text) == (1, True)
    code, text = await typed(tmp_path, world, "pause", "--why", "Storage migration")
    assert (code, "every launch (Storage migration)" in text) == (0, True)
    launch = await ask(world)
    assert "Storage migration" in world.person("ada").reads(world.card()) + world.told()
    code, text = await typed(tmp_path, world, "launches", "list")
    assert (code, launch.id in text, "approved" in text) == (0, True, True)
    code, text = await typed(tmp_path, world, "launches", "show", launch.id[:8])
    assert "waits for: paused Storage migration" in text
    assert await typed(tmp_path, world, "resume", "--rule", "nothing") != (0, "")
    code, text = await typed(tmp_path, world, "resume")
    assert code == 0, text
    await world.until_told("Succeeded")
    kept = [(what, "command_line" in detail) for what, _, detail in await audited(world)]
    assert kept == [("paused", True), ("resumed", True)]


async def paused(world: World, folder: Path, **what: str) -> str:
    """What the command line says to a pause of one thing, with this world's Orchestrator and policy."""
    command(folder, world)
    with (folder / "admin.env").open("a", encoding="utf-8") as settings:
        settings.write(f"\nORCHESTRATOR_URL={world.orchestrator.url}\nORCHESTRATOR_USERNAME=svc-chatops\n")
        settings.write(f"ORCHESTRATOR_PASSWORD=pretend-password\nPOLICY_FILE={world.settings.policy_file}\n")
    asked = argparse.Namespace(settings=folder / "admin.env", why="Why not", list=False)
    asked.rule, asked.workflow = what.get("rule"), what.get("workflow")
    out = io.StringIO()
    try:
        await pause.run(asked, out=out)
    except NotPausable as wrong:
        return wrong.message
    return out.getvalue()


async def test_on_the_command_line_a_misspelled_name_pauses_nothing(world: World, tmp_path: Path) -> None:
    said = await paused(world, tmp_path, rule="all of them")
    assert said.startswith("There is not the rule “all of them”, so nothing was paused. There are “")
    assert "nothing was paused" in await paused(world, tmp_path, workflow="Wait")
    assert not await world.bot.store.transact(lambda tx: tx.pauses.in_force())
    assert "the rule “all of it” (Why not)" in await paused(world, tmp_path, rule="all of it")
    assert f"the workflow “{NAME}” (Why not)" in await paused(world, tmp_path, workflow=NAME)


async def test_where_nobody_can_tell_whether_the_name_is_right_it_is_paused_and_said(
    world: World, tmp_path: Path
) -> None:
    world.orchestrator.fault("GET */workflows*", ArmedFault.ERROR, times=None)
    said = await paused(world, tmp_path, workflow="Wait")
    assert said.startswith("Orchestrator does not list its workflows. It is paused by the name as you wrote")
    assert "the workflow “Wait” (Why not)" in said


async def test_the_command_line_withdraws_what_has_not_started_in_somebodys_name(
    world: World, tmp_path: Path
) -> None:
    await world.bot.store.transact(lambda tx: put(tx, ALL, why="first", who=None))
    launch = await ask(world)
    code, text = await typed(tmp_path, world, "launches", "cancel", launch.id)
    assert (code, "Say who does it" in text) == (1, True)
    code, text = await typed(tmp_path, world, "launches", "cancel", launch.id[:8], "--by", "T0DEMO/U0GRACE")
    assert (code, text) == (0, "Withdrawn: nothing was started.\n")
    await world.tick()
    assert "<@U0GRACE> withdrew it" in world.told()
    code, text = await typed(tmp_path, world, "launches", "cancel", launch.id, "--by", "T0DEMO/U0GRACE")
    assert (code, "already ended" in text) == (1, True)


async def test_the_command_line_settles_what_is_in_doubt(world: World, tmp_path: Path) -> None:
    world.orchestrator.fault("POST */executions", ArmedFault.DROP_BEFORE, times=1)
    await world.launch(world.person("ada"), SHORT)
    for _ in range(20):
        await world.pass_time(seconds=60)
    (launch,) = (await world.bot.store.launches.in_states(None, limit=10)).launches
    assert launch.state is State.UNCERTAIN
    by = ("--by", "T0DEMO/U0GRACE")
    code, text = await typed(tmp_path, world, "launches", "settle", launch.id, *by)
    assert (code, "Say what is true" in text) == (1, True)
    code, text = await typed(tmp_path, world, "launches", "settle", launch.id, "--verdict", "unknown", *by)
    assert code == 0, text
    await world.tick()
    assert "<@U0GRACE>" in world.told()
    assert finding.Verdict.UNKNOWN.value in world.told()


def test_the_commands_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("launches", "pause", "resume"):
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
    capsys.readouterr()
