from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.demo.orchestrator import Declared, Dialect, PretendWorkflow
from tests.demo.orchestrator.visit import pairs, visiting

RESTART = PretendWorkflow(
    name="Restart",
    folder="Operations/Machines",
    version="2.0.1",
    inputs=(
        Declared(name="vm", type="string", description="Which one"),
        Declared(name="hard", type="boolean"),
    ),
    outputs=(Declared(name="result", type="string"),),
)
REPORT = PretendWorkflow(name="Report", folder="Operations", description="All hosts")

LISTED_ON_7 = {
    "itemHref": "https://…",
    "id": "…",
    "categoryName": "Machines",
    "canExecute": "true",
    "categoryHref": "https://…",
    "description": "",
    "name": "Restart",
    "customIcon": "false",
    "type": "Workflow",
    "canEdit": "false",
    "version": "2.0.1",
}
ADDED_BY_8 = {
    "@type",
    "@name",
    "@id",
    "@fullType",
    "categoryId",
    "editable",
    "globalTags",
    "createdAt",
    "updatedAt",
}


async def test_7_lists_a_workflow_with_the_attributes_of_old() -> None:
    async with visiting(Dialect.V7) as visit:
        visit.vro.add_workflow(RESTART)
        body = await visit.get("/workflows")
        assert set(body) == {"link", "total"}
        (link,) = body["link"]
        assert set(link) == {"attributes", "href", "rel"}
        found = pairs(link)
        assert set(found) == set(LISTED_ON_7)
        for name, value in LISTED_ON_7.items():
            assert "…" in value or found[name] == value
        assert found["itemHref"] == link["href"]


@pytest.mark.parametrize("dialect", [Dialect.V8, Dialect.V9])
async def test_8_and_9_add_attributes_and_leave_an_empty_description_without_value(dialect: Dialect) -> None:
    async with visiting(dialect) as visit:
        visit.vro.add_workflow(RESTART)
        (link,) = (await visit.get("/workflows"))["link"]
        assert set(pairs(link)) == set(LISTED_ON_7) | ADDED_BY_8
        assert {"name": "description"} in link["attributes"]
        assert pairs(link)["createdAt"] == "1683192600000"


async def test_the_page_calls_attributes_attribute() -> None:
    async with visiting(Dialect.PAGE) as visit:
        visit.vro.add_workflow(RESTART)
        (link,) = (await visit.get("/workflows"))["link"]
        assert set(link) == {"attribute", "href", "rel"}


async def test_a_workflow_that_may_not_be_run_is_listed_as_such() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(replace(RESTART, can_execute=False))
        (link,) = (await visit.get("/workflows"))["link"]
        assert pairs(link)["canExecute"] == "false"


async def names(visit: Any, **query: str | list[str]) -> list[str | None]:  # noqa: ANN401 - a visit
    return [pairs(link)["name"] for link in (await visit.get("/workflows", **query))["link"]]


async def test_9_honours_conditions_and_8_ignores_them() -> None:
    for dialect, found in ((Dialect.V9, ["Report"]), (Dialect.V8, ["Restart", "Report"])):
        async with visiting(dialect) as visit:
            visit.vro.add_workflows([RESTART, REPORT])
            assert await names(visit, conditions="name~report") == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("name=report", ["Report"]),
        ("name^RE", ["Restart", "Report"]),
        ("name!=Report", ["Restart"]),
        ("name!~port", ["Restart"]),
        ("categoryName=Machines", ["Restart"]),
        ("nothing=there", []),
    ],
)
async def test_conditions_compare_as_written(condition: str, found: list[str]) -> None:
    async with visiting(Dialect.V9) as visit:
        visit.vro.add_workflows([RESTART, REPORT])
        assert await names(visit, conditions=condition) == found


async def test_several_conditions_must_all_hold() -> None:
    async with visiting(Dialect.V9) as visit:
        visit.vro.add_workflows([RESTART, REPORT])
        assert await names(visit, conditions=["name~re", "version=2.0.1"]) == ["Restart"]


async def test_only_7_pages_and_all_cut() -> None:
    for dialect, second_page in (
        (Dialect.V7, ["Report"]),
        (Dialect.V8, ["Restart"]),
        (Dialect.V9, ["Restart"]),
    ):
        async with visiting(dialect) as visit:
            visit.vro.add_workflows([RESTART, REPORT])
            assert await names(visit, maxResult="1", startIndex="1") == second_page


async def test_9_does_not_count() -> None:
    async with visiting(Dialect.V9) as visit:
        visit.vro.add_workflow(RESTART)
        assert (await visit.get("/workflows"))["total"] == -1
        answer = await visit.api.get("/workflows", params={"queryCount": "true"})
        assert answer.status_code == 400
        assert answer.json()["message"] == "isQueryCount is not implemented for the type."


async def test_a_broken_query_is_refused() -> None:
    async with visiting() as visit:
        for query in ({"maxResult": "many"}, {"conditions": "name"}):
            assert (await visit.api.get("/workflows", params=query)).status_code == 400


async def test_the_list_follows_changes() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(RESTART)
        assert await names(visit) == ["Restart"]
        visit.vro.add_workflow(replace(RESTART, name="Reboot"))
        assert await names(visit) == ["Reboot"]
        visit.vro.remove_workflow(RESTART.id)
        assert await names(visit) == []


async def test_a_workflow_declares_its_parameters() -> None:
    async with visiting(Dialect.V7) as visit:
        visit.vro.add_workflow(RESTART)
        body = await visit.get(f"/workflows/{RESTART.id}/")
        assert set(body) == {
            "id",
            "name",
            "version",
            "description",
            "href",
            "customized-icon",
            "relations",
            "input-parameters",
            "output-parameters",
        }
        assert body["input-parameters"] == [
            {"name": "vm", "type": "string", "description": "Which one"},
            {"name": "hard", "type": "boolean"},
        ]
        assert [each["rel"] for each in body["relations"]["link"]][:3] == ["up", "executions", "presentation"]


async def test_parameter_keys_are_absent_when_there_are_none_and_8_names_the_folder() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(REPORT)
        body = await visit.get(f"/workflows/{REPORT.id}")
        assert not {"input-parameters", "output-parameters"} & set(body)
        assert len(body["category-id"]) == 32


async def test_an_unknown_workflow_is_not_found() -> None:
    async with visiting() as visit:
        answer = await visit.api.get("/workflows/nothing")
        assert (answer.status_code, answer.json()["statusCode"]) == (404, 404)


async def test_folders_are_walked_from_the_roots() -> None:
    async with visiting() as visit:
        visit.vro.add_workflows([RESTART, REPORT])
        roots = await visit.get("/categories", categoryType="WorkflowCategory", isRoot="true")
        (root,) = roots["link"]
        assert (pairs(root)["name"], pairs(root)["type"], root["rel"]) == (
            "Operations",
            "WorkflowCategory",
            "down",
        )
        top = await visit.get(f"/categories/{pairs(root)['id']}")
        below, inside = top["relations"]["link"]
        assert (pairs(below)["name"], pairs(inside)["name"]) == ("Machines", "Report")
        assert (pairs(below)["type"], pairs(inside)["type"]) == ("WorkflowCategory", "Workflow")
        deep = await visit.get(f"/categories/{pairs(below)['id']}")
        assert (deep["path"], deep["name"], len(deep["path-ids"])) == ("Operations/Machines", "Machines", 2)
        assert [each["rel"] for each in deep["relations"]["link"]] == ["up", "down"]


async def test_7_lists_folders_without_their_ids() -> None:
    async with visiting(Dialect.V7) as visit:
        visit.vro.add_workflow(REPORT)
        (root,) = (await visit.get("/categories", isRoot="true"))["link"]
        assert "id" not in pairs(root)
        body = await visit.get(f"/categories/{root['href'].rstrip('/').rpartition('/')[2]}")
        assert body["name"] == "Operations"


async def test_an_unknown_folder_is_not_found() -> None:
    async with visiting() as visit:
        assert (await visit.api.get("/categories/nothing")).status_code == 404


async def test_7_answers_xml_to_who_does_not_ask_for_json() -> None:
    async with visiting(Dialect.V7) as visit:
        visit.vro.add_workflow(REPORT)
        answer = await visit.api.get(f"/workflows/{REPORT.id}", headers={"Accept": "*/*"})
        assert answer.headers["Content-Type"].startswith("application/xml")
        assert "<name>Report</name>" in answer.text


async def test_a_format_nobody_serves_is_not_acceptable() -> None:
    async with visiting() as visit:
        assert (await visit.api.get("/workflows", headers={"Accept": "text/csv"})).status_code == 406


async def test_a_verb_the_path_does_not_know_gets_tomcats_page() -> None:
    async with visiting() as visit:
        answer = await visit.api.put("/workflows")
        assert answer.status_code == 405
        assert "Request method &#x27;PUT&#x27; not supported" in answer.text
