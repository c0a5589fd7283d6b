"""A workflow's form as a server gives it: custom form, presentation or plain inputs, whatever goes wrong."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator import ArmedFault, Declared, PretendOrchestrator, PretendWorkflow
from bot.demo.orchestrator.presentation import PField, PGroup, PStep
from bot.demo.orchestrator.samples.drawing import field, form
from bot.domain.forms.form import Origin
from bot.orchestrator.forms.mandatory import ContentAnswer, mandatory_in

if TYPE_CHECKING:
    from bot.domain.forms.form import Form
    from bot.orchestrator.client import Orchestrator

INPUTS = (Declared(name="rack", type="string"), Declared(name="unit", type="number"))
DRAWN = PretendWorkflow(
    name="Mount", folder="Racks", inputs=INPUTS, form=form(field("rack", label="Rack", required=True))
)
STEPS = (PStep(groups=(PGroup(fields=(PField(name="rack", mandatory=True), PField(name="unit"))),)),)
PRESENTED = PretendWorkflow(name="Unmount", folder="Racks", inputs=INPUTS, presentation=STEPS)
PLAIN = PretendWorkflow(name="Look", folder="Racks", inputs=INPUTS)


async def read(vro: PretendOrchestrator, client: Orchestrator, workflow: PretendWorkflow) -> Form:
    vro.add_workflow(workflow)
    return await client.form(await client.workflow(workflow.id))


def asked(vro: PretendOrchestrator, what: str) -> int:
    return sum(what in each for each in vro.requests)


async def test_each_server_gives_the_best_form_it_has(vro: PretendOrchestrator, client: Orchestrator) -> None:
    custom = await read(vro, client, DRAWN)
    legacy = await read(vro, client, PRESENTED)
    plain = await read(vro, client, PLAIN)
    habits = vro.habits
    assert custom.origin is (Origin.CUSTOM_FORM if habits.forms else Origin.PRESENTATION)
    assert legacy.origin is (Origin.PRESENTATION if habits.presentation else Origin.INPUTS)
    assert plain.origin is Origin.INPUTS
    for each in (custom, legacy, plain):
        assert {one.name for one in each.fields} == {"rack", "unit"}


async def test_a_server_without_presentations_is_not_asked_for_each(
    vro: PretendOrchestrator, client: Orchestrator
) -> None:
    for _ in range(3):
        await read(vro, client, PLAIN)
    assert asked(vro, "/presentation") == (3 if vro.habits.presentation else 1)


@pytest.mark.parametrize(
    "fault", [ArmedFault.ERROR, ArmedFault.HTML_OK, ArmedFault.CUT_JSON, ArmedFault.FORBIDDEN]
)
async def test_a_form_that_cannot_be_read_is_replaced_and_that_is_said(
    vro8: PretendOrchestrator, client8: Orchestrator, fault: ArmedFault
) -> None:
    vro8.fault("GET */forms/*", fault, times=None)
    vro8.fault("GET */presentation*", fault, times=None)
    form = await read(vro8, client8, DRAWN)
    assert form.origin is Origin.INPUTS
    assert "plainly" in form.remarks[0].why


async def test_a_form_that_never_comes_is_waited_for_two_seconds(
    vro8: PretendOrchestrator, client8: Orchestrator
) -> None:
    vro8.fault("GET */forms/*", ArmedFault.SILENCE, times=None)
    vro8.fault("GET */presentation*", ArmedFault.SILENCE, times=None)
    began = time.monotonic()
    async with asyncio.timeout(3):
        form = await read(vro8, client8, DRAWN)
    assert time.monotonic() - began < 3
    assert form.origin is Origin.INPUTS
    assert form.remarks


async def test_an_input_without_a_form_is_mandatory_only_if_the_definition_says_so(
    vro: PretendOrchestrator, client: Orchestrator
) -> None:
    vro.habits = replace(vro.habits, presentation=False, content=True)
    inputs = (Declared(name="rack", type="string", mandatory=True), Declared(name="unit", type="number"))
    form = await read(vro, client, PretendWorkflow(name="Lift", folder="Racks", inputs=inputs))
    assert form.origin is Origin.INPUTS
    assert {each.name: each.constraints.required for each in form.fields} == {"rack": True, "unit": False}


@pytest.mark.parametrize(
    "fault",
    [ArmedFault.NOT_FOUND, ArmedFault.FORBIDDEN, ArmedFault.ERROR, ArmedFault.HTML_OK, ArmedFault.HUGE],
)
async def test_where_the_definition_is_not_shown_no_input_is_mandatory(
    vro8: PretendOrchestrator, client8: Orchestrator, fault: ArmedFault
) -> None:
    vro8.fault("GET */content", fault, times=None)
    form = await read(vro8, client8, PLAIN)
    assert [each.constraints.required for each in form.fields] == [False, False]
    assert form.remarks == ()


@pytest.mark.parametrize(
    ("qualifiers", "mandatory"),
    [
        ([{"kind": "static", "name": "mandatory", "type": "boolean", "value": "true"}], True),
        ({"kind": "static", "name": "mandatory", "value": True}, True),
        ([{"name": "textInput"}, {"name": "mandatory", "value": "true"}], True),
        ([{"kind": "static", "name": "mandatory", "value": "false"}], False),
        ([{"kind": "ognl", "name": "mandatory", "value": "#x == true"}], False),
        ("mandatory", False),
        (None, False),
    ],
)
def test_how_a_definition_says_that_an_input_is_mandatory(qualifiers: object, *, mandatory: bool) -> None:
    parameter = {"name": "rack", "p-qual": qualifiers}
    nested = {"p-step": [{"title": "a", "p-group": {"title": "b", "p-param": [parameter]}}]}
    for presentation in (nested, {"p-param": parameter}, [nested]):
        answer = ContentAnswer.model_validate({"name": "x", "presentation": presentation})
        assert mandatory_in(answer) == ({"rack"} if mandatory else frozenset())


def test_a_definition_that_is_nested_without_end_says_nothing() -> None:
    part: object = {"name": "rack", "p-qual": {"name": "mandatory", "value": "true"}}
    for _ in range(500):
        part = {"p-group": part}
    assert mandatory_in(ContentAnswer.model_validate({"presentation": part})) == frozenset()
