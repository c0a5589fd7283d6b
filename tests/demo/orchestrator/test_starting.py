from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.demo.orchestrator import Complaint, Declared, Dialect, PretendWorkflow
from tests.demo.orchestrator.visit import string, visiting

GREET = PretendWorkflow(
    name="Greet",
    inputs=(Declared(name="who", type="string"), Declared(name="times", type="number")),
)
RECORDED_ON_8 = {
    "id",
    "state",
    "start-date",
    "started-by",
    "running-instance-id",
    "name",
    "current-item-for-display",
    "input-parameters",
    "output-parameters",
    "workflow-attributes",
}


async def test_8_answers_202_with_the_run_and_its_location() -> None:
    async with visiting(Dialect.V8) as visit:
        visit.vro.add_workflow(GREET)
        answer = await visit.post(GREET, {"parameters": [string("who", "Ada")]})
        body = answer.json()
        assert answer.status_code == 202
        assert set(body) == RECORDED_ON_8
        assert answer.headers["Location"].endswith(f"/workflows/{GREET.id}/executions/{body['id']}")
        assert body["state"] == "running"
        assert body["start-date"] == "2031-03-04T05:06:07.089+00:00"
        assert body["current-item-for-display"] == "__item-undefined__"
        assert body["input-parameters"] == [
            {"value": {"string": {"value": "Ada"}}, "type": "string", "name": "who", "scope": "local"},
            {"type": "number", "name": "times", "scope": "local"},
        ]


async def test_7_answers_202_without_a_body_and_a_location_that_ends_in_a_slash() -> None:
    async with visiting(Dialect.V7) as visit:
        visit.vro.add_workflow(GREET)
        answer = await visit.post(GREET, {"parameters": []})
        identity = visit.vro.starts[0].execution_id
        assert (answer.status_code, answer.content) == (202, b"")
        assert answer.headers["Location"].endswith(f"/executions/{identity}/")
        assert len(identity) == 32


async def test_9_answers_202_with_all_a_get_would_have() -> None:
    async with visiting(Dialect.V9) as visit:
        visit.vro.add_workflow(GREET)
        body = (await visit.post(GREET, {"parameters": []})).json()
        assert body == await visit.run(GREET, body["id"])
        assert body.keys() > RECORDED_ON_8


async def test_the_page_answers_200_in_its_own_names() -> None:
    async with visiting(Dialect.PAGE) as visit:
        visit.vro.add_workflow(GREET)
        answer = await visit.post(GREET, {"parameter": [string("who", "Ada")]})
        body = answer.json()
        assert answer.status_code == 200
        assert "Location" not in answer.headers
        assert body["state"] == "RUNNING"
        assert body["inputParameters"][0]["name"] == "who"
        assert body["outputParameters"] == []
        assert body["workflow-item"][0]["parameter"] == []


@pytest.mark.parametrize("dialect", [Dialect.V7, Dialect.V8, Dialect.V9])
@pytest.mark.parametrize("body", [{"parameter": []}, {"parameter": [], "parameters": []}])
async def test_the_singular_key_is_refused_and_starts_nothing(dialect: Dialect, body: dict[str, Any]) -> None:
    async with visiting(dialect) as visit:
        visit.vro.add_workflow(GREET)
        answer = await visit.post(GREET, body)
        assert answer.status_code == 400
        if dialect is Dialect.V7:
            assert answer.content == b""
        else:
            assert answer.headers["Content-Type"].startswith("text/html")
            assert answer.reason_phrase == ""
        assert visit.vro.starts == []


@pytest.mark.parametrize("body", [{"parameters": []}, {"parameter": [], "parameters": []}])
async def test_the_page_refuses_the_plural_key_by_name(body: dict[str, Any]) -> None:
    async with visiting(Dialect.PAGE) as visit:
        visit.vro.add_workflow(GREET)
        answer = await visit.post(GREET, body)
        assert answer.status_code == 400
        assert '"parameters"' in answer.json()["message"]


async def test_a_complaint_can_be_made_to_name_the_key() -> None:
    async with visiting(Dialect.V8) as visit:
        visit.vro.add_workflow(GREET)
        visit.vro.habits = replace(visit.vro.habits, complaint=Complaint.JSON)
        answer = await visit.post(GREET, {"parameter": []})
        assert answer.json() == {
            "message": 'Unrecognized field "parameter" (execution-context)',
            "statusCode": 400,
        }


async def test_an_empty_object_starts_a_run_without_values() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(GREET)
        answer = await visit.post(GREET, {})
        assert answer.status_code == 202
        assert all("value" not in each for each in answer.json()["input-parameters"])


@pytest.mark.parametrize(("dialect", "status"), [(Dialect.V7, 202), (Dialect.V8, 400), (Dialect.V9, 400)])
async def test_no_body_at_all_is_taken_by_7_only(dialect: Dialect, status: int) -> None:
    async with visiting(dialect) as visit:
        visit.vro.add_workflow(GREET)
        answer = await visit.api.post(f"/workflows/{GREET.id}/executions")
        assert answer.status_code == status


async def test_the_nulls_that_cloud_director_sends_are_taken() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(GREET)
        nulls = {"description": None, "encryptValue": None, "scope": None, "updated": None}
        answer = await visit.post(
            GREET,
            {
                "executionId": None,
                "parameters": [{**string("who", "Ada"), **nulls}],
                "profilerOptions": {"enabled": True, "debuggerEnabled": False, "tokenReplayEnabled": True},
            },
        )
        assert answer.status_code == 202


async def test_a_client_given_execution_id_is_ignored_unless_told_otherwise() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(GREET)
        wished = {"executionId": "0f0e0d0c"}
        ignored = (await visit.post(GREET, wished)).json()["id"]
        visit.vro.habits = replace(visit.vro.habits, honours_execution_id=True)
        taken = (await visit.post(GREET, wished)).json()["id"]
        again = await visit.post(GREET, wished)
        assert (ignored != "0f0e0d0c", taken, again.status_code) == (True, "0f0e0d0c", 409)


WHO = string("who", "Ada")


@pytest.mark.parametrize(
    "body",
    [
        [],
        "text",
        {"inputs": []},
        {"parameters": {}},
        {"parameters": ["who"]},
        {"parameters": [WHO, WHO]},
        {"parameters": [{**WHO, "name": "nobody"}]},
        {"parameters": [{**WHO, "name": "1st"}]},
        {"parameters": [{**WHO, "label": "Who"}]},
        {"parameters": [{**WHO, "scope": "LOCAL"}]},
        {"parameters": [{**WHO, "type": "number"}]},
        {"parameters": [{**WHO, "value": None}]},
        {"parameters": [{**WHO, "value": "Ada"}]},
        {"parameters": [{**WHO, "value": {}}]},
        {"parameters": [{**WHO, "value": {"text": {"value": "Ada"}}}]},
        {"parameters": [{**WHO, "value": {"string": {"value": "Ada"}, "number": {"value": 1}}}]},
        {"parameters": [{**WHO, "value": {"number": {"value": 1}}}]},
        {"profilerOptions": {"fast": True}},
        {"executionId": 7},
    ],
)
async def test_whatever_else_does_not_fit_is_refused_and_starts_nothing(body: object) -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(GREET)
        assert (await visit.post(GREET, body)).status_code == 400
        assert visit.vro.starts == []


@pytest.mark.parametrize("content", [b"", b"{", b'{"parameters": NaN}'])
async def test_what_is_not_json_is_refused(content: bytes) -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(GREET)
        headers = {"Content-Type": "application/json"}
        path = f"/workflows/{GREET.id}/executions"
        assert (await visit.api.post(path, content=content, headers=headers)).status_code == 400


async def test_a_body_that_does_not_call_itself_json_is_refused() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(GREET)
        path = f"/workflows/{GREET.id}/executions"
        answer = await visit.api.post(path, content=b"{}", headers={"Content-Type": "text/plain"})
        assert answer.status_code == 415


async def test_a_workflow_without_the_right_to_run_it_looks_missing() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(replace(GREET, can_execute=False))
        missing = replace(GREET, id="00000000-0000-0000-0000-000000000000")
        for workflow in (GREET, missing):
            assert (await visit.post(workflow, {})).status_code == 404


async def test_every_start_is_remembered_with_body_and_delivery() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(GREET)
        identity = await visit.start(GREET, WHO)
        (start,) = visit.vro.starts
        assert (start.workflow_id, start.execution_id, start.delivered) == (GREET.id, identity, True)
        assert start.body == {"parameters": [WHO]}
        assert (start.at, start.by) == (visit.clock(), "svc-chatops")


async def test_links_name_a_host_that_no_client_can_reach() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(GREET)
        answer = await visit.post(GREET, {})
        assert answer.headers["Location"].startswith("https://orchestrator-01.internal.example:443/vco/api/")
