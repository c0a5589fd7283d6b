"""What other approval bots get wrong, a test each: this one does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.samples import sample_workflows
from bot.policy_file import PolicyError, parse_policy
from tests.world import a_world

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World

POLICY = """
people:
  operators: {users: [U0ADA, U0BEN, U0GRACE]}

rules:
  - name: production
    workflows: {names: [Back up database]}
    when: {database: erp}
    run: {people: [operators]}
    approve: {people: [operators], within: 30m}

  - name: other databases
    workflows: {names: [Back up database]}
    when: {database: [crm, wiki]}
    run: {people: [operators]}
"""


pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.policy(POLICY)]


async def test_stackstorm_the_requester_may_approve(world: World) -> None:
    ada = world.person("ada")
    card = await world.launch(ada, "back up database", {"database": "erp"})
    await world.press(ada, "Approve", card=card)
    assert "somebody else has to decide it" in ada.reads(ada.ephemerals("ops")[-1])
    assert not world.orchestrator.starts


async def test_stackstorm_an_approval_never_expires_by_default(world: World) -> None:
    first, _ = parse_policy(POLICY.replace(", within: 30m", ""), secrets=()).rules
    assert first.approve[0].within == timedelta(hours=24)
    card = await world.launch(world.person("ada"), "back up database", {"database": "erp"})
    await world.pass_time(minutes=31)
    assert "Nobody approved it in time. Nothing was started." in world.told(card)
    assert "Approve" not in world.person("ben").reads(world.card())


@pytest.mark.parametrize("approvers", ["{}", "{users: []}", "{people: []}", "[]"])
def test_n8n_an_empty_list_of_approvers_lets_anyone(approvers: str) -> None:
    with pytest.raises(PolicyError, match=r"names nobody|is an empty list"):
        parse_policy(POLICY.replace("{people: [operators], within: 30m}", approvers), secrets=())


@pytest.mark.parametrize("database", ["payroll", "ERP-2", "erp,crm"])
async def test_vra_criteria_that_match_nothing_approve(world: World, database: str) -> None:
    ada = world.person("ada")
    await world.fill(ada, "back up database", {"database": database})
    await ada.submit()
    await world.tick()
    assert not world.orchestrator.starts
    (refused,) = [
        record.entry for record in await world.bot.store.audit.page(after=0) if record.entry.what == "refused"
    ]
    assert refused.detail["rule"] == "production"


async def test_windmill_closing_the_form_cancels_the_run(world: World) -> None:
    ada, ben = world.person("ada"), world.person("ben")
    card = await world.launch(ada, "back up database", {"database": "erp"})
    await world.press(ben, "Reject", card=card)
    await ben.close_view()
    await world.press(ben, "Approve", card=card)
    await world.until_told("Started", card=card)
    assert len(world.orchestrator.starts) == 1


async def test_hoop_one_person_in_two_groups_counts_twice(tmp_path: Path, migrated: str) -> None:
    file = tmp_path / "policy.yaml"
    leads = "  operators: {users: [U0ADA, U0BEN, U0GRACE]}\n  leads: {users: [U0BEN, U0LINUS]}\n"
    twice = POLICY.replace("  operators: {users: [U0ADA, U0BEN, U0GRACE]}\n", leads).replace(
        "approve: {people: [operators],", "approve: {people: [operators, leads], count: 2,"
    )
    file.write_text(twice, encoding="utf-8")
    async with a_world(tmp_path, database=migrated, policy=file) as world:
        ben, grace = world.person("ben"), world.person("grace")
        card = await world.launch(world.person("ada"), "back up database", {"database": "erp"})
        await world.press(ben, "Approve", card=card)
        await world.tick()
        await world.press(ben, "Approve", card=card)
        assert "one person, one decision" in ben.reads(ben.ephemerals("ops")[-1])
        assert not world.orchestrator.starts
        await world.press(grace, "Approve", card=card)
        await world.until_told("Started", card=card)
        assert len(world.orchestrator.starts) == 1


async def test_hoop_a_card_from_before_a_restart_is_silently_dead(world: World) -> None:
    card = await world.launch(world.person("ada"), "back up database", {"database": "erp"})
    await world.crash()
    await world.start()
    await world.press(world.person("ben"), "Approve", card=card)
    await world.until_told("Started", card=card)
    assert len(world.orchestrator.starts) == 1


async def test_nearly_all_approved_a_and_ran_b(world: World) -> None:
    ada, ben = world.person("ada"), world.person("ben")
    card = await world.launch(ada, "back up database", {"database": "erp"})
    (seen,) = [each for each in sample_workflows() if each.name == "Back up database"]
    world.orchestrator.add_workflow(replace(seen, version="9.0.0"))
    await world.press(ben, "Approve", card=card)
    await world.tick()
    assert not world.orchestrator.starts
    assert f"from version {seen.version} to 9.0.0" in world.told(card)
    await world.press(ben, "Approve", card=card)
    await world.until_told("Started", card=card)
    assert len(world.orchestrator.starts) == 1
