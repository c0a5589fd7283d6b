"""Step-up: a rule may ask its approvers to look at all of a request, and for a one-time code."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from bot.cli.codes import NoPersonNamed, NotThere, change
from bot.domain.errors import CodeWrong, NeedsDialog
from bot.domain.people import Person as Who
from bot.domain.policy.rule import ConfirmBy
from bot.service.step_up import MOST_FAILURES, StepUp
from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.demo.slack.driver.person import PretendPerson
    from tests.world import World

_DIALOG = ConfirmBy.DIALOG
POLICY = """
rules:
  - name: backups
    workflows: {names: ["Back up database"]}
    run: {users: [U0ADA]}
    risk: destructive
    approve: {users: [U0GRACE, U0LINUS], within: 2d, confirm_by: WAY}
"""


@asynccontextmanager
async def office(folder: Path, database: str, *, way: str) -> AsyncIterator[World]:
    """A world whose one rule asks for approvals in this way, with Ada's request in #ops."""
    policy = folder / "policy.yaml"
    policy.write_text(POLICY.replace("WAY", way), encoding="utf-8")
    await migrate(database)
    async with a_world(folder, database=database, policy=policy) as made:
        await made.launch(made.person("ada"), "back up database", {"database": "crm"})
        yield made


async def enrolled(world: World, user: str) -> pyotp.TOTP:
    """Somebody's authenticator, as the command line tells it beside the running bot."""
    return pyotp.TOTP(await StepUp(store=world.bot.store).enrol(user))


async def decide(world: World, who: PretendPerson, *, code: str | None = None) -> str:
    """Open the review, approve there, and say what the bot answers in a window."""
    await world.press(who, "Review", card=world.card())
    await who.pick("Your decision", "Approve")
    if code is not None:
        await who.type("One-time code", code)
    sent = await who.submit()
    await world.bot.dispatcher.drain(seconds=5)
    await world.tick(2)
    if not sent.ok:
        return str(who.errors)
    return who.reads(who.view) if who.view else ""


async def audited(world: World) -> list[str]:
    """What happened, as the audit has it."""
    return [record.entry.what for record in await world.bot.store.audit.page()]


def starts(world: World) -> int:
    """How many starts Orchestrator took."""
    return len(world.orchestrator.starts)


async def test_a_code_approves_once_and_never_again(tmp_path: Path, database: str) -> None:
    async with office(tmp_path, database, way="code") as world:
        grace = world.person("grace")
        code = (await enrolled(world, grace.id)).at(world.now())
        assert "Approve" not in grace.reads(world.card())
        assert await decide(world, grace, code=f"{code[:3]} {code[3:]}") == ""
        assert starts(world) == 1
        who = await world.bot.people.membership(Who(team_id="T0HARBOUR", user_id=grace.id))
        with pytest.raises(CodeWrong):
            await StepUp(store=world.bot.store).use(who, code, launch_id="another")
        (approved,) = [
            each.entry for each in await world.bot.store.audit.page() if each.entry.what == "approved"
        ]
        assert approved.detail["confirmed_by"] == "code"
        assert (await audited(world)).count("step-up code used") == 1


async def test_a_code_is_asked_for_at_its_field(tmp_path: Path, database: str) -> None:
    async with office(tmp_path, database, way="code") as world:
        grace = world.person("grace")
        await enrolled(world, grace.id)
        for typed in (None, "12345"):
            assert "Give the six digits" in await decide(world, grace, code=typed)
        assert starts(world) == 0


async def test_wrong_codes_are_counted_and_then_nothing_counts_for_a_while(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database, way="code") as world:
        grace = world.person("grace")
        totp = await enrolled(world, grace.id)
        who = await world.bot.people.membership(Who(team_id="T0HARBOUR", user_id=grace.id))
        wrong = totp.at(world.now() - timedelta(minutes=10))
        assert "This code is not right" in await decide(world, grace, code=wrong)
        step_up = StepUp(store=world.bot.store)
        for _ in range(MOST_FAILURES - 1):
            with pytest.raises(CodeWrong):
                await step_up.use(who, wrong, launch_id="")
        assert (await audited(world)).count("step-up code refused") == MOST_FAILURES
        launch = (await world.bot.store.launches.awaiting(limit=1))[0]
        refused = "Too many wrong codes"
        with pytest.raises(Exception, match=refused):
            await world.bot.approvals.approve(launch.id, who=who, by=_DIALOG, code=totp.at(world.now()))
        await world.pass_time(minutes=16)
        await world.bot.approvals.approve(launch.id, who=who, by=_DIALOG, code=totp.at(world.now()))


async def test_nobody_else_uses_a_code_up_and_without_one_nothing_is_approved(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database, way="code") as world:
        grace, linus = world.person("grace"), world.person("linus")
        assert "you have none yet" in await decide(world, linus, code="123456")
        assert starts(world) == 0
        await enrolled(world, grace.id)
        assert "step-up code used" not in await audited(world)


async def test_a_click_is_refused_where_the_window_is_asked_for(tmp_path: Path, database: str) -> None:
    async with office(tmp_path, database, way="dialog") as world:
        grace = world.person("grace")
        assert "Approve" not in grace.reads(world.card())
        launch = (await world.bot.store.launches.awaiting(limit=1))[0]
        who = await world.bot.people.membership(Who(team_id="T0HARBOUR", user_id=grace.id))
        with pytest.raises(NeedsDialog):
            await world.bot.approvals.approve(launch.id, who=who)
        assert starts(world) == 0
        assert await decide(world, grace) == ""
        assert starts(world) == 1


async def test_a_destructive_approval_by_one_click_is_asked_a_second_time(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database, way="click") as world:
        grace = world.person("grace")
        backed_out = await grace.press("Approve", in_=world.card(), confirm=False)
        assert backed_out.asked is not None
        assert "can destroy something" in backed_out.asked["text"]["text"]
        assert starts(world) == 0
        await world.press(grace, "Approve")
        assert starts(world) == 1


async def test_the_platform_team_enrols_and_removes_beside_the_running_bot(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database, way="code") as world:
        grace = world.person("grace")
        settings, out = world.settings, StringIO()
        assert await change(settings, action="enrol", user=grace.id, name="grace", out=out) == 0
        uri = out.getvalue().splitlines()[-1]
        assert uri.startswith("otpauth://totp/")
        (secret,) = parse_qs(urlsplit(uri).query)["secret"]
        assert await decide(world, grace, code=pyotp.TOTP(secret).at(world.now())) == ""
        assert starts(world) == 1
        await change(settings, action="list", out=out)
        assert f"{grace.id}  since" in out.getvalue()
        await change(settings, action="remove", user=grace.id, out=out)
        with pytest.raises(NotThere):
            await change(settings, action="remove", user=grace.id)
        with pytest.raises(NoPersonNamed):
            await change(settings, action="enrol")
        assert {"step-up enrolled", "step-up removed"} <= set(await audited(world))


async def test_a_policy_that_asks_for_a_code_meanwhile_voids_what_a_click_would_do(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database, way="click") as world:
        grace, old = world.person("grace"), world.card()
        (tmp_path / "policy.yaml").write_text(POLICY.replace("WAY", "code"), encoding="utf-8")
        for _ in range(3):
            await world.pass_time(seconds=3)
            await world.bot.follow_policy()
        await grace.press("Approve", in_=old, stale=True)
        await world.bot.dispatcher.drain(seconds=5)
        await world.tick(3)
        assert starts(world) == 0
