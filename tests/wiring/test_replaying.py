"""`policy replay`: past requests held against another policy, with the people of today."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from bot.cli.policy import replay

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.world import World

BEFORE = """
rules:
  - {name: backups, workflows: {names: ["Back up database"]}, run: {users: [U0ADA, U0BEN]}}
  - {name: extents, workflows: {names: ["Extend datastore"]}, run: {users: [U0ADA]}}
"""
AFTER = """
rules:
  - name: copies
    workflows: {names: ["Back up database"]}
    run: {users: [U0ADA, U0BEN]}
    approve: {groups: [S0APPROVERS]}
  - {name: enlarging, workflows: {names: ["Extend datastore"]}, run: {users: [U0ADA]}}
"""
pytestmark = pytest.mark.policy(BEFORE)


async def replayed(world: World, folder: Path, policy: str, *, since: datetime) -> str:
    """What the command prints for another policy, beside the bot that runs."""
    proposed, settings = folder / "proposed.yaml", folder / "bot.env"
    proposed.write_text(policy, encoding="utf-8")
    given = {"POLICY_FILE": str(folder / "policy.yaml"), "DATABASE_URL": world.given["DATABASE_URL"]}
    given |= {"ORCHESTRATOR_URL": world.orchestrator.url, "SLACK_API_URL": world.slack.api_url}
    given |= {"SLACK_BOT_TOKEN": world.slack.bot_token, "SLACK_APP_TOKEN": world.slack.app_token}
    given |= {
        "ORCHESTRATOR_LOGIN": "basic",
        "ORCHESTRATOR_USERNAME": "svc",
        "ORCHESTRATOR_PASSWORD": "pretend",
    }
    settings.write_text("".join(f"{name}={value}\n" for name, value in given.items()), encoding="utf-8")
    out = io.StringIO()
    assert await replay(settings=settings, policy=proposed, since=since, out=out) == 0
    return out.getvalue()


async def test_what_would_be_decided_otherwise_is_named_and_what_would_not_is_counted(
    world: World, tmp_path: Path
) -> None:
    begun = world.now()
    await world.launch(world.person("ben"), "back up database", {"database": "crm"})
    await world.launch(world.person("ada"), "extend datastore", {"Datastore": ("gold-01",), "Add (GB)": "10"})
    await world.until_told("Failed")
    said = await replayed(world, tmp_path, AFTER, since=begun)
    assert said.count("    new:") == 1, said
    assert "/U0BEN  Back up database  open: running\n" in said
    assert "present: allowed by “backups”: nobody has to approve\n" in said
    assert "new:     allowed by “copies”: One of user group S0APPROVERS has to approve within" in said
    assert "Of 2 requests since" in said
    assert "1 would be decided otherwise; 1 of these are open." in said
    assert "crm" not in said


async def test_a_request_that_would_be_refused_says_why(world: World, tmp_path: Path) -> None:
    begun = world.now()
    await world.launch(world.person("ben"), "back up database", {"database": "crm"})
    said = await replayed(world, tmp_path, BEFORE.replace("U0ADA, U0BEN", "U0ADA"), since=begun)
    assert "new:     refused. " in said
    assert "Of 0 requests" in await replayed(world, tmp_path, AFTER, since=world.now())


async def test_where_slack_says_nothing_of_people_that_is_no_difference(world: World, tmp_path: Path) -> None:
    begun = world.now()
    await world.launch(world.person("ben"), "back up database", {"database": "crm"})
    world.slack.faults.fail("users.info", times=None)
    world.slack.faults.fail("users.list", times=None)
    said = await replayed(world, tmp_path, AFTER, since=begun)
    assert "0 would be decided otherwise" in said
    assert "1 could not be told: Slack did not say who their requester is today." in said
