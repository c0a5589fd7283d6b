from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot.demo.orchestrator import ActionFault, ArmedFault, Dialect
from bot.demo.orchestrator.ognl import Unspeakable, evaluate
from bot.demo.orchestrator.samples import sample_workflows, seed
from tests.demo.orchestrator.visit import Visit, string, visiting

if TYPE_CHECKING:
    import httpx

PROVISION = next(each for each in sample_workflows() if each.name == "Provision virtual machine")
CLUSTERS = "com.example.places/clustersOfRegion"
OGNL = "com.vmware.o11n.forms/evalOGNL"


async def token(visit: Visit) -> str:
    seed(visit.vro)
    return str((await visit.get(f"/forms/{PROVISION.id}/evaluationContext"))["token"])


async def evaluated(visit: Visit, *executions: dict[str, Any]) -> httpx.Response:
    body = {"token": await token(visit), "executions": list(executions)}
    return await visit.api.post(f"/forms/{PROVISION.id}/evaluations", json=body)


def asks(action: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    return {"actionId": action, "inputs": {"parameters": list(parameters)}}


async def test_a_list_is_evaluated_for_what_it_depends_on() -> None:
    async with visiting() as visit:
        answer = await evaluated(visit, asks(CLUSTERS, string("region", "Dublin")), asks(CLUSTERS))
        assert answer.json() == {
            "results": [
                {"result": ["dub-prod-01", "dub-edge-01"], "error": None},
                {"result": [], "error": None},
            ]
        }
        assert [each.inputs for each in visit.vro.action_calls] == [{"region": "Dublin"}, {}]


async def test_9_evaluates_to_an_envelope() -> None:
    async with visiting(Dialect.V9) as visit:
        (found,) = (await evaluated(visit, asks("com.example.places/regions"))).json()["results"]
        assert found["result"]["array"]["elements"][0] == {"string": {"value": "Frankfurt"}}


async def test_choices_may_come_with_labels() -> None:
    async with visiting() as visit:
        answer = await evaluated(
            visit, asks("com.example.places/networksOfRegion", string("region", "Osaka"))
        )
        assert answer.json()["results"][0]["result"] == [
            {"value": "10.40.14.0/24", "label": "App (10.40.14.0/24)"}
        ]


async def test_the_context_names_the_actions_of_the_form_and_what_stands_in_it_at_first() -> None:
    async with visiting() as visit:
        seed(visit.vro)
        body = await visit.get(f"/forms/{PROVISION.id}/evaluationContext")
        assert body["actions"][CLUSTERS]["input-parameters"] == [{"name": "region", "type": "string"}]
        assert {"id": "cpus", "value": 2, "type": {"dataType": "integer", "isMultiple": False}} in body[
            "context"
        ]
        assert len(body["parameters"]) == len(PROVISION.inputs)


async def test_a_token_that_was_never_given_is_refused() -> None:
    async with visiting() as visit:
        seed(visit.vro)
        bodies: list[dict[str, Any]] = [{"executions": []}, {"token": "made-up", "executions": []}]
        for body in bodies:
            assert (await visit.api.post("/forms/evaluations", json=body)).status_code == 400


async def test_a_token_is_good_for_its_own_form_only() -> None:
    async with visiting() as visit:
        body = {"token": await token(visit), "executions": []}
        other = next(each for each in sample_workflows() if each.name == "Add disk")
        assert (await visit.api.post("/forms/evaluations", json=body)).status_code == 200
        assert (await visit.api.post(f"/forms/{other.id}/evaluations", json=body)).status_code == 400


@pytest.mark.parametrize("dialect", [Dialect.V7, Dialect.PAGE])
async def test_dialects_without_forms_evaluate_nothing(dialect: Dialect) -> None:
    async with visiting(dialect) as visit:
        seed(visit.vro)
        assert (await visit.api.get(f"/forms/{PROVISION.id}/evaluationContext")).status_code == 404
        assert (await visit.api.post("/forms/evaluations", json={"executions": []})).status_code == 404


async def test_an_action_that_throws_or_is_missing_leaves_an_error_in_its_place() -> None:
    async with visiting() as visit:
        answer = await evaluated(
            visit,
            asks("com.example.backup/repositories"),
            asks("com.example.backup/noSuchAction"),
            asks("com.example.places/regions"),
        )
        thrown, missing, fine = answer.json()["results"]
        assert "connect timed out" in thrown["error"]
        assert missing == {"result": None, "error": "Cannot find action com.example.backup/noSuchAction"}
        assert fine["error"] is None


async def test_unknown_keys_of_a_batch_are_refused() -> None:
    async with visiting() as visit:
        assert (await evaluated(visit, {"action": CLUSTERS})).status_code == 400


async def test_an_action_runs_by_its_id_and_says_that_it_failed() -> None:
    async with visiting() as visit:
        seed(visit.vro)
        known = (await visit.get(f"/forms/{PROVISION.id}/evaluationContext"))["actions"][CLUSTERS]["id"]
        body = {"parameters": [string("region", "Osaka")], "async-execution": False}
        done = (await visit.api.post(f"/actions/{known}/executions", json=body)).json()
        assert (done["state"], done["type"]) == ("completed", "Array/string")
        failed = await visit.api.post(
            "/actions/com.example.backup/repositories/executions", json={"parameters": []}
        )
        assert (failed.status_code, failed.json()["state"]) == (200, "failed")
        assert "connect timed out" in failed.json()["error"]


async def test_a_troubled_action_fails_answers_nonsense_or_a_page_until_it_is_mended() -> None:
    async with visiting() as visit:
        visit.vro.trouble(CLUSTERS, ActionFault.FAILS)
        assert "ReferenceError" in (await evaluated(visit, asks(CLUSTERS))).json()["results"][0]["error"]
        visit.vro.trouble(CLUSTERS, ActionFault.NONSENSE)
        assert (await evaluated(visit, asks(CLUSTERS))).json()["results"][0]["result"] == {
            "?": [1, None, {"": False}]
        }
        visit.vro.trouble(CLUSTERS, ActionFault.HTML)
        for path in (f"/forms/{PROVISION.id}/evaluations", f"/actions/{CLUSTERS}/executions"):
            body = {"token": await token(visit), "executions": [asks(CLUSTERS)]} if "forms" in path else {}
            assert (await visit.api.post(path, json=body)).text.startswith("<!DOCTYPE html>")
        visit.vro.clear_faults()
        assert (await evaluated(visit, asks(CLUSTERS))).json()["results"] == [{"result": [], "error": None}]


async def test_an_action_that_hangs_holds_up_its_batch_until_it_is_mended() -> None:
    async with visiting() as visit:
        visit.vro.trouble(CLUSTERS, ActionFault.HANGS)
        asked = asyncio.create_task(evaluated(visit, asks(CLUSTERS), asks("com.example.places/regions")))
        async with asyncio.timeout(5):
            await visit.vro.action_hangs()
        assert [each.action for each in visit.vro.action_calls] == [CLUSTERS]
        visit.vro.clear_faults()
        assert len((await asked).json()["results"]) == 2


async def test_a_form_can_be_made_to_fail_by_its_path() -> None:
    async with visiting() as visit:
        seed(visit.vro)
        visit.vro.fault("GET */forms/*", ArmedFault.HTML_OK)
        assert (await visit.api.get(f"/forms/{PROVISION.id}")).text.startswith("<!DOCTYPE html>")
        assert "layout" in await visit.get(f"/forms/{PROVISION.id}")


async def test_expressions_are_evaluated_like_any_action() -> None:
    async with visiting() as visit:
        index = {"name": "index", "type": "number", "value": {"number": {"value": 7}}}
        rule = string("ognl", '(#index != 7 ? "" : "taken")')
        broken = asks(OGNL, string("ognl", "@java.lang.Runtime@exit()"))
        wrong, refused = (await evaluated(visit, asks(OGNL, rule, index), broken)).json()["results"]
        assert wrong["result"] == "taken"
        assert refused["error"].startswith("Malformed OGNL")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('#a == "x" && #n > 3', True),
        ('#a == "y" or #n >= 4.5', False),
        ("!(#n < 3)", True),
        ("not #gone", True),
        ("#gone > 1", False),
        ("#gone == null", True),
        ("#a.length() + 1", 2),
        ('"  z ".trim() + #n', "z4"),
        ('#n > 9 ? "many" : #n > 2 ? "some" : "few"', "some"),
        ("true", True),
    ],
)
def test_an_expression_has_its_value(expression: str, value: object) -> None:
    assert evaluate(expression, {"a": "x", "n": 4.0}) == value


@pytest.mark.parametrize("expression", ["", "#a ==", "(#a", "#a b", "#a.substring()", "$", "#a ? 1"])
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(Unspeakable):
        evaluate(expression, {})
