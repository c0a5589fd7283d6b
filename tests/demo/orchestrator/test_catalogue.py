from __future__ import annotations

from dataclasses import replace

import pytest

from bot.demo.orchestrator import Dialect, Inputs, InventoryObject, PretendWorkflow
from bot.demo.orchestrator.samples import synthetic_items
from bot.demo.orchestrator.values import Obj, texts
from tests.demo.orchestrator.visit import pairs, visiting

WEB = InventoryObject(
    type="VC:VirtualMachine", id="vc01.example.com,id:vm-7", name="web-07", more={"status": None}
)
APP = InventoryObject(type="VC:VirtualMachine", id="vc01.example.com,id:vm-8", name="app-08")
MANUAL = PretendWorkflow(name="By hand", folder="Operations/Odd")
OTHER = PretendWorkflow(name="Other")


async def test_objects_of_a_type_are_listed_with_their_ids_quoted_twice_in_links() -> None:
    async with visiting() as visit:
        visit.vro.add_items([WEB, APP])
        body = await visit.get("/catalog/VC/VirtualMachine")
        assert set(body) == {"link", "total", "start", "count"}
        web = body["link"][0]
        assert web["href"].endswith("/catalog/VC/VirtualMachine/vc01.example.com%252Cid%253Avm-7/")
        assert (pairs(web)["id"], pairs(web)["displayName"]) == (WEB.id, "web-07")
        assert {"name": "status"} in web["attributes"]


async def test_objects_can_be_searched_and_cut() -> None:
    async with visiting() as visit:
        visit.vro.add_items([WEB, APP])
        found = await visit.get("/catalog/VC/VirtualMachine", conditions="name~APP")
        assert [pairs(each)["name"] for each in found["link"]] == ["app-08"]
        assert len((await visit.get("/catalog/VC/VirtualMachine", maxResult="1"))["link"]) == 1


@pytest.mark.parametrize("quoted", ["vc01.example.com%252Cid%253Avm-7/", "vc01.example.com%2Cid%3Avm-7"])
async def test_one_object_is_found_by_its_quoted_id(quoted: str) -> None:
    async with visiting() as visit:
        visit.vro.add_items([WEB, APP])
        body = await visit.get(f"/catalog/VC/VirtualMachine/{quoted}")
        assert set(body) == {"attributes", "href", "relations"}
        assert pairs(body)["name"] == "web-07"


async def test_what_no_plugin_knows_is_not_found() -> None:
    async with visiting() as visit:
        visit.vro.add_items([WEB])
        for path in ("/catalog/NSX/Edge", "/catalog/VC/VirtualMachine/vm-7", "/catalog/System/Nothing"):
            assert (await visit.api.get(path)).status_code == 404


async def test_runs_of_all_workflows_are_found_in_one_query() -> None:
    async with visiting() as visit:
        visit.vro.add_workflows([MANUAL, OTHER])
        first = await visit.start(MANUAL)
        visit.clock.move(1)
        second = await visit.start(OTHER)
        visit.vro.finish(await visit.start(OTHER))
        path = "/catalog/System/WorkflowExecution"
        running = await visit.get(path, conditions="state=running", sortOrders="-startDate", maxResult="5")
        assert [pairs(each)["id"] for each in running["link"]] == [second, first]
        assert running["link"][0]["href"].endswith(f"{path}/{second}/")
        of_one = await visit.get(path, conditions=f"workflowId={MANUAL.id}")
        assert [pairs(each)["id"] for each in of_one["link"]] == [first]


async def test_an_execution_id_leads_to_its_workflow() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        identity = await visit.start(MANUAL)
        body = await visit.get(f"/catalog/System/WorkflowExecution/{identity}")
        assert pairs(body)["workflowId"] == MANUAL.id


@pytest.mark.parametrize("status", [400, 404])
async def test_the_catalogue_of_runs_can_be_missing(status: int) -> None:
    async with visiting(Dialect.V9) as visit:
        visit.vro.habits = replace(visit.vro.habits, run_catalogue_refusal=status)
        assert (await visit.api.get("/catalog/System/WorkflowExecution")).status_code == status


async def test_a_folder_as_an_object_shows_its_whole_path_and_its_workflows() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        folder = (await visit.get(f"/workflows/{MANUAL.id}"))["category-id"]
        body = await visit.get(f"/catalog/System/WorkflowCategory/{folder}")
        assert pairs(body)["displayName"] == "Operations/Odd"
        inside = await visit.get(f"/catalog/System/WorkflowCategory/{folder}/workflows")
        assert [pairs(each)["name"] for each in inside["link"]] == ["By hand"]


async def test_an_action_is_run_and_its_result_returned() -> None:
    def colours(inputs: Inputs) -> tuple[str, Obj]:
        return "Array/string", texts([f"{inputs['shade']} blue"])

    async with visiting() as visit:
        visit.vro.add_action("com.example.paint", "colours", colours)
        shade = {"name": "shade", "type": "string", "value": {"string": {"value": "dark"}}}
        path = "/actions/com.example.paint/colours/executions"
        answer = await visit.api.post(path, json={"parameters": [shade], "async-execution": False})
        assert answer.json()["value"] == {"array": {"elements": [{"string": {"value": "dark blue"}}]}}
        assert (await visit.api.post(path, json={"inputs": []})).status_code == 400
        assert (await visit.api.post("/actions/com.example/none/executions", json={})).status_code == 404


async def test_the_server_tells_its_version_and_health_to_everybody() -> None:
    async with visiting() as visit:
        del visit.api.headers["Authorization"]
        assert (await visit.get("/about"))["version"].startswith("8.")
        health = await visit.get("/healthstatus")
        assert set(health) == {"state", "health-status", "instance-id"}
        assert health["health-status"] == {"state": "OK", "time": 1930367167089}
        assert "service" in await visit.get("/")
        assert (await visit.api.get("/workflows")).status_code == 401


async def test_a_long_list_is_paged_by_the_last_items_token() -> None:
    async with visiting() as visit:
        visit.vro.add_items(synthetic_items(7))
        seen: list[str | None] = []
        token = ""
        while len(seen) < 7:
            after = {"startFromId": token} if token else {}
            body = await visit.get("/catalog/VC/VirtualMachine", maxResult="3", **after)
            seen += [pairs(each)["id"] for each in body["link"]]
            token = body.get("last-item-token", "")
        assert seen == [each.id for each in synthetic_items(7)]
        assert token == ""


async def test_no_result_at_most_only_counts() -> None:
    async with visiting() as visit:
        visit.vro.add_items(synthetic_items(7))
        body = await visit.get("/catalog/VC/VirtualMachine", maxResult="0")
        assert body == {"link": [], "total": 7, "start": 0, "count": 0}


async def test_a_finder_may_take_no_notice_of_conditions() -> None:
    async with visiting() as visit:
        visit.vro.add_items([WEB, APP])
        visit.vro.ignore_conditions("VC:VirtualMachine")
        found = await visit.get("/catalog/VC/VirtualMachine", conditions="name~app")
        assert [pairs(each)["name"] for each in found["link"]] == ["web-07", "app-08"]


async def test_fifty_thousand_objects_are_searched_in_one_call() -> None:
    async with visiting() as visit:
        visit.vro.add_items(synthetic_items(50_000))
        found = await visit.get("/catalog/VC/VirtualMachine", conditions="name~49999", maxResult="100")
        assert [pairs(each)["name"] for each in found["link"]] == ["lag-vi-49999"]
        assert len(visit.vro.requests) == 1
