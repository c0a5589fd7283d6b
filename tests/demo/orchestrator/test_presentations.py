from __future__ import annotations

from typing import Any

from bot.demo.orchestrator import Dialect
from bot.demo.orchestrator.samples import sample_workflows, seed
from tests.demo.orchestrator.visit import Visit, string, visiting

ORDER = next(each for each in sample_workflows() if each.name == "Order application server")
PATH = f"/workflows/{ORDER.id}/presentation"


def fields(body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    groups = (group for step in body["steps"] for group in step["step"]["elements"])
    return {field["id"]: field for group in groups for field in group["fields"]}


def kinds(listed: list[dict[str, Any]]) -> set[str]:
    return {each["@type"] for each in listed}


async def judged(visit: Visit, *parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    seed(visit.vro)
    answer = await visit.api.post(f"{PATH}/instances", json={"parameters": list(parameters)})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_written_presentation_shows_steps_groups_constraints_and_decorators() -> None:
    async with visiting(Dialect.V7) as visit:
        seed(visit.vro)
        body = await visit.get(PATH)
        assert [step["step"]["display-name"] for step in body["steps"]] == ["Server", "Software and order"]
        shown = fields(body)
        assert set(shown) == {each.name for each in ORDER.inputs}
        assert kinds(shown["component"]["constraints"]) == {"mandatory", "number-range", "regexp"}
        assert kinds(shown["runlist"]["constraints"]) == {"restrict-duplicates"}
        assert kinds(shown["justification"]["constraints"]) == {"ognl"}
        assert shown["justification"]["hidden"] is True
        assert kinds(shown["discount"]["constraints"]) == {"number-range", "number-format"}
        assert kinds(shown["coreCount"]["decorators"]) == {"refresh-on-change", "drop-down"}
        assert kinds(shown["host"]["decorators"]) == {"chooser", "root-element"}
        assert kinds(shown["requestedBy"]["decorators"]) == {"default-value", "data-binding"}
        assert shown["ramMB"]["decorators"] == [{"@type": "drop-down", "array": {"elements": [None]}}]


async def test_9_has_no_presentation() -> None:
    async with visiting(Dialect.V9) as visit:
        seed(visit.vro)
        assert (await visit.api.get(PATH)).status_code == 404
        assert (await visit.api.post(f"{PATH}/instances", json={"parameters": []})).status_code == 404


async def test_an_instance_says_at_its_fields_what_is_wrong() -> None:
    async with visiting() as visit:
        body = await judged(visit, string("component", "Big App"))
        shown = fields(body)
        assert body["valid"] is False
        assert shown["businessUnit"]["messages"][0]["Summary"] == "required, but empty"
        assert shown["component"]["messages"][0]["severity"] == "ERROR"
        assert shown["justification"]["messages"] == []


async def test_an_instance_goes_on_with_more_values_and_refreshes_what_depends_on_them() -> None:
    async with visiting() as visit:
        body = await judged(visit, string("businessUnit", "bank"), string("component", "ledger"))
        one = f"{PATH}/instances/{body['id']}"
        cores = {"parameters": [string("coreCount", "4")]}
        sizes = fields((await visit.api.put(one, json=cores)).json())["ramMB"]["decorators"][0]["array"][
            "elements"
        ]
        assert sizes == [{"string": {"value": "8192"}}, {"string": {"value": "16384"}}]
        done = (await visit.api.post(one, json={"parameters": [string("ramMB", "8192")]})).json()
        assert (done["valid"], (await visit.get(one))["valid"]) == (True, True)
        execution = await visit.post(ORDER, {"parameters": done["output-parameters"]})
        assert execution.status_code == 202
        assert visit.vro.invalid_starts == []
        assert (await visit.api.delete(one)).status_code == 204
        assert (await visit.api.get(one)).status_code == 404


async def test_a_field_that_comes_into_sight_may_complain() -> None:
    async with visiting() as visit:
        urgent = {"name": "urgent", "type": "boolean", "value": {"boolean": {"value": True}}}
        field = fields(await judged(visit, urgent, string("justification", "now")))["justification"]
        assert field["hidden"] is False
        assert "reason" in field["messages"][0]["Details"]
