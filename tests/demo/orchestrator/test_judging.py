from __future__ import annotations

from typing import Any

import pytest

from bot.demo.orchestrator import ActionFault, ArmedFault, Dialect, PretendWorkflow
from bot.demo.orchestrator.samples import sample_workflows, seed
from bot.demo.orchestrator.values import flag, moment, number, reference, text, texts
from tests.demo.orchestrator.visit import Clock, Visit, visiting


def sample(name: str) -> PretendWorkflow:
    return next(each for each in sample_workflows() if each.name == name)


def vm(moid: str) -> dict[str, Any]:
    return reference("VC:VirtualMachine", f"vc01.example.com,id:{moid}")


DEVELOPMENT = {
    "environment": text("development"),
    "owner": text("payments@example.com"),
    "costCentre": text("CC-4190"),
    "region": text("Dublin"),
    "cluster": text("dub-prod-01"),
    "datastore": text("dub-gold-01"),
    "network": text("10.30.14.0/24"),
    "vmName": text("dub-deve-017"),
    "cpus": number(4),
    "memoryGb": number(16),
}
PRODUCTION = DEVELOPMENT | {
    "environment": text("production"),
    "costCentre": text("CC-4100"),
    "vmName": text("dub-prod-017"),
    "backupPlan": text("daily"),
    "maintenance": moment(Clock().at),
    "approvedByBusiness": flag(on=True),
}
WINDOW = {
    "machines": {"array": {"elements": [vm("vm-1000"), vm("vm-1001")]}},
    "start": moment(Clock().at),
    "hours": number(2),
    "reason": text("Patching"),
}


async def flaws(visit: Visit, name: str, values: dict[str, Any]) -> list[str]:
    seed(visit.vro)
    workflow = sample(name)
    given = [
        {"name": each.name, "type": each.type, "value": values[each.name]}
        for each in workflow.inputs
        if each.name in values
    ]
    await visit.start(workflow, *given)
    return [flaw for invalid in visit.vro.invalid_starts for flaw in invalid.flaws]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Provision virtual machine", DEVELOPMENT),
        ("Provision virtual machine", PRODUCTION),
        ("Schedule maintenance", WINDOW),
    ],
)
async def test_valid_values_leave_no_trace(name: str, values: dict[str, Any]) -> None:
    async with visiting() as visit:
        assert await flaws(visit, name, values) == []


@pytest.mark.parametrize(
    ("values", "flaw"),
    [
        (PRODUCTION | {"backupPlan": None}, "backupPlan: required, but empty"),
        (PRODUCTION | {"owner": text("payments")}, "owner: not of the form ^[a-z0-9.-]+@example\\.com$"),
        (PRODUCTION | {"cluster": text("fra-prod-01")}, "cluster: not in the list"),
        (PRODUCTION | {"network": text("10.20.14.0/24")}, "network: not in the list"),
        (PRODUCTION | {"costCentre": text("CC-1")}, "costCentre: read-only, and not CC-4100"),
        (PRODUCTION | {"cpus": number(2.5)}, "cpus: not a whole number"),
        (PRODUCTION | {"cpus": number(64)}, "cpus: 64 is above 32"),
        (PRODUCTION | {"memoryGb": number(128)}, "memoryGb: 128 is above 96"),
        (PRODUCTION | {"purpose": text("x" * 901)}, "purpose: 901 is above 900"),
        (
            PRODUCTION | {"vmName": text("dub-prod-001")},
            "vmName: dub-prod-001 is taken; the next free number is 017.",
        ),
        (
            PRODUCTION | {"cpus": number(16), "memoryGb": number(8)},
            "cpus, memoryGb: More than 8 CPUs need at least 16 GB.",
        ),
    ],
)
async def test_a_value_the_form_would_not_let_pass_is_written_down(values: dict[str, Any], flaw: str) -> None:
    async with visiting() as visit:
        found = await flaws(visit, "Provision virtual machine", {k: v for k, v in values.items() if v})
        assert flaw in found
        assert len(visit.vro.starts) == 1


@pytest.mark.parametrize(
    ("more", "flaw"),
    [
        (
            {"machines": {"array": {"elements": [vm("vm-1000"), vm("vm-9")]}}},
            "machines: no VC:VirtualMachine has the id vc01.example.com,id:vm-9",
        ),
        ({"notify": texts(["ops@example.org"])}, "notify: not of the form ^[^@ ]+@example\\.com$"),
        ({"notify": texts([f"{at}@example.com" for at in range(11)])}, "notify: 11 is above 10"),
        ({"reason": text("Other")}, "ticket: required, but empty"),
    ],
)
async def test_items_objects_and_conditions_are_judged_as_well(more: dict[str, Any], flaw: str) -> None:
    async with visiting() as visit:
        assert await flaws(visit, "Schedule maintenance", WINDOW | more) == [flaw]


async def test_a_page_out_of_sight_demands_nothing() -> None:
    async with visiting() as visit:
        shown = {name: value for name, value in PRODUCTION.items() if name != "maintenance"}
        assert (
            await flaws(
                visit,
                "Provision virtual machine",
                shown | {"environment": text("staging"), "costCentre": text("CC-4180")},
            )
            == []
        )


async def test_a_list_that_cannot_be_read_lets_anything_pass() -> None:
    async with visiting() as visit:
        visit.vro.trouble("com.example.places/clustersOfRegion", ActionFault.FAILS)
        values = PRODUCTION | {"cluster": text("somewhere"), "datastore": text("dub-gold-01")}
        assert await flaws(visit, "Provision virtual machine", values) == ["datastore: not in the list"]


async def test_7_judges_by_the_presentation() -> None:
    async with visiting(Dialect.V7) as visit:
        values = {
            "businessUnit": text("bank"),
            "component": text("a"),
            "coreCount": text("2"),
            "ramMB": text("9"),
        }
        assert await flaws(visit, "Order application server", values) == [
            "component: 1 is below 3",
            "ramMB: not in the list",
        ]


async def test_9_knows_no_presentation_to_judge_by() -> None:
    async with visiting(Dialect.V9) as visit:
        assert await flaws(visit, "Order application server", {}) == []


async def test_a_start_that_is_lost_on_its_way_is_not_judged() -> None:
    async with visiting() as visit:
        visit.vro.fault("POST */executions", ArmedFault.ERROR)
        seed(visit.vro)
        assert (await visit.post(sample("Schedule maintenance"), {"parameters": []})).status_code == 500
        assert visit.vro.invalid_starts == []
