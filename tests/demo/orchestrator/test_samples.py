from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.demo.orchestrator import Dialect, PretendWorkflow, samples
from bot.demo.orchestrator.samples import sample_workflows, seed, synthetic_workflows
from bot.demo.orchestrator.samples.ends import ENDS
from tests.demo.orchestrator.visit import Visit, pairs, string, visiting


def sample(name: str) -> PretendWorkflow:
    return next(each for each in sample_workflows() if each.name == name)


async def ended(visit: Visit, name: str, *parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    seed(visit.vro)
    identity = await visit.start(sample(name), *parameters)
    visit.clock.move(10)
    return await visit.run(sample(name), identity)


def test_two_samples_share_a_name_in_different_folders() -> None:
    twins = [each for each in sample_workflows() if each.name == "Restart virtual machine"]
    assert len({(each.id, each.folder) for each in twins}) == 2


def test_ids_are_distinct_and_the_same_each_time() -> None:
    ids = [each.id for each in sample_workflows()]
    assert len(set(ids)) == len(ids) >= 14
    assert ids == [each.id for each in sample_workflows()]


@pytest.mark.parametrize("workflow", sample_workflows(), ids=lambda each: each.id[:4] + each.name)
def test_what_a_samples_form_draws_are_its_inputs_and_notes_among_them(workflow: PretendWorkflow) -> None:
    if workflow.form is not None:
        schema = workflow.form["schema"]
        assert isinstance(schema, dict)
        inputs = {each.name for each in workflow.inputs}
        notes = {name for name in schema if name.startswith(("text", "link", "GENERATED"))}
        assert set(schema) - notes <= inputs
        assert inputs - set(schema) == ({"reference"} if workflow.name == "Mount appliance" else set())


def test_every_file_of_samples_is_read_and_every_end_belongs_to_one() -> None:
    folder = Path(samples.__file__).parent
    written = {
        each["name"] for file in folder.glob("*.yaml") for each in yaml.safe_load(file.read_text("utf-8"))
    }
    assert written | {"Order application server"} == {each.name for each in sample_workflows()}
    assert set(ENDS) <= written


def test_a_result_says_what_stands_there_for_an_input_that_is_empty() -> None:
    (empty,) = sample("Connect backup target").script.end({"repository": "vault"}).outputs
    assert empty["value"] == {"string": {"value": "vault is connected as unnamed."}}
    (named,) = sample("Move virtual machine").script.end({"datastore": {"id": "gold-01"}}).outputs
    assert named["value"] == {"string": {"value": "Moved to gold-01"}}


async def test_a_sample_computes_its_outputs_from_its_inputs() -> None:
    async with visiting() as visit:
        body = await ended(visit, "Restart virtual machine", string("vmName", "web-01"))
        assert body["state"] == "completed"
        assert "web-01" in body["output-parameters"][0]["value"]["string"]["value"]


@pytest.mark.parametrize("workflow", sample_workflows(), ids=lambda each: each.id[:4] + each.name)
def test_a_sample_ends_in_words_even_without_inputs(workflow: PretendWorkflow) -> None:
    end = workflow.script.end({})
    assert end.state in {"completed", "failed"}
    assert {each["name"] for each in end.outputs} <= {each.name for each in workflow.outputs} | {
        "_sessionToken"
    }


def test_a_sample_repeats_objects_lists_and_parts_in_its_outputs() -> None:
    disk = {"sizeGb": 20.0, "tier": "gold"}
    given = {"vmName": "fra-prod-017", "cluster": "fra-prod-01", "region": "Frankfurt", "disks": [disk]}
    result, machine = sample("Provision virtual machine").script.end(given).outputs
    assert result["value"] == {"string": {"value": "fra-prod-017 runs on fra-prod-01 in Frankfurt."}}
    assert "sizeGb 20, tier gold" in str(machine["value"])
    window = {"machines": [{"id": "vm-1"}, {"id": "vm-2"}], "start": "tonight", "notify": ["a@b", "c@d"]}
    (told, count) = sample("Schedule maintenance").script.end(window).outputs
    assert told["value"] == {"string": {"value": "2 machines from tonight, a@b, c@d told."}}
    assert count["value"] == {"number": {"value": 2.0}}


async def test_the_health_report_is_long() -> None:
    async with visiting() as visit:
        report, alarms = (await ended(visit, "Health report"))["output-parameters"]
        assert len(report["value"]["string"]["value"]) >= 20_000
        assert "value" not in alarms


async def test_one_sample_fails_with_an_error() -> None:
    async with visiting() as visit:
        body = await ended(visit, "Extend datastore", string("datastore", "gold-01"))
        assert body["state"] == "failed"
        assert "no free extent next to gold-01" in body["content-exception"]


async def test_one_sample_returns_secrets_in_the_open() -> None:
    async with visiting() as visit:
        outputs = (await ended(visit, "Issue emergency access", string("system", "erp")))["output-parameters"]
        assert {"token", "local"} == {each["scope"] for each in outputs}
        assert any("secure-string" in each["value"] for each in outputs)


async def test_one_sample_asks_and_one_waits_and_one_goes_on() -> None:
    async with visiting() as visit:
        assert (await ended(visit, "Decommission server", string("server", "web-01")))["state"] == "waiting"
        assert (await ended(visit, "Back up database", string("database", "erp")))["state"] == "running"
        seed(visit.vro)
        identity = await visit.start(sample("Wait for replication"))
        visit.clock.move(2)
        assert visit.vro.state(identity) == "waiting-signal"


async def test_every_sample_is_listed_and_described_in_every_dialect() -> None:
    for dialect in Dialect:
        async with visiting(dialect) as visit:
            seed(visit.vro)
            listed = (await visit.get("/workflows"))["link"]
            may = Counter(pairs(each)["canExecute"] for each in listed)
            assert may == {"true": len(listed) - 1, "false": 1}
            for each in listed:
                await visit.get(f"/workflows/{pairs(each)['id']}")


async def test_the_inventory_has_machines_to_pick_and_the_action_names_datastores() -> None:
    async with visiting() as visit:
        seed(visit.vro)
        found = await visit.get("/catalog/VC/VirtualMachine", conditions="name~web")
        assert [pairs(each)["name"] for each in found["link"]] == [f"web-0{at}" for at in range(1, 6)]
        path = "/actions/com.example.storage/datastoreNames/executions"
        answer = await visit.api.post(path, json={"parameters": []})
        assert {"string": {"value": "gold-01"}} in answer.json()["value"]["array"]["elements"]


def test_synthetic_workflows_are_as_many_as_asked_for_and_distinct() -> None:
    workflows = synthetic_workflows(5000)
    assert len({each.id for each in workflows}) == 5000
    assert len({each.folder for each in workflows}) > 30


async def test_five_thousand_workflows_come_in_one_answer() -> None:
    async with visiting() as visit:
        visit.vro.add_workflows(synthetic_workflows(5000))
        assert len((await visit.get("/workflows"))["link"]) == 5000
