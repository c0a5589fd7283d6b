"""Sources are worked out by servers of every dialect, whatever their answers look like."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator import ArmedFault, Declared, PretendWorkflow
from bot.demo.orchestrator.actions import ActionFault
from bot.demo.orchestrator.samples.drawing import field, form, script
from bot.demo.orchestrator.values import text, texts
from bot.domain.errors import Declined, UnreadableAnswer
from bot.domain.execution import Argument
from bot.domain.values import Properties, SdkObject
from bot.domain.workflow import ParameterType
from bot.orchestrator.forms.evaluations import result_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.demo.orchestrator import PretendOrchestrator
    from bot.demo.orchestrator.values import Obj
    from bot.orchestrator.client import Orchestrator

RACKS = PretendWorkflow(
    name="Mount",
    folder="Racks",
    inputs=(Declared(name="rack", type="string"),),
    form=form(field("rack", label="Rack", choices=script("com.example.racks/free", site="site"))),
)
SITE = (Argument(name="site", type=ParameterType(declared="string"), value="fra"),)


def free(inputs: Mapping[str, object]) -> tuple[str, Obj]:
    return "Array/string", texts([f"{inputs['site']}-1", f"{inputs['site']}-2"])


@pytest.fixture
def racks(vro: PretendOrchestrator) -> PretendWorkflow:
    vro.add_workflow(RACKS)
    vro.add_action("com.example.racks", "free", free)
    return RACKS


async def test_an_action_answers_on_every_server(client: Orchestrator, racks: PretendWorkflow) -> None:
    found = await client.run_action(racks.id, "com.example.racks/free", SITE)
    assert found == ("fra-1", "fra-2")


async def test_a_token_is_fetched_once(
    vro: PretendOrchestrator, client: Orchestrator, racks: PretendWorkflow
) -> None:
    asking = (client.run_action(racks.id, "com.example.racks/free", SITE) for _ in range(4))
    await asyncio.gather(*asking)
    assert sum("evaluationContext" in each for each in vro.requests) == 1


@pytest.mark.parametrize("fault", [ArmedFault.BAD_REQUEST, ArmedFault.NOT_FOUND, ArmedFault.NOT_ALLOWED])
async def test_a_form_that_is_no_longer_evaluated_has_its_actions_run_instead(
    vro8: PretendOrchestrator, client8: Orchestrator, fault: ArmedFault
) -> None:
    vro8.add_workflow(RACKS)
    vro8.add_action("com.example.racks", "free", free)
    vro8.fault("POST */evaluations*", fault)
    assert await client8.run_action(RACKS.id, "com.example.racks/free", SITE) == ("fra-1", "fra-2")
    assert sum("/actions/" in each for each in vro8.requests) == 1


async def test_a_failing_action_and_nonsense_are_told_apart(
    vro: PretendOrchestrator, client: Orchestrator, racks: PretendWorkflow
) -> None:
    vro.trouble("com.example.racks/free", ActionFault.FAILS)
    with pytest.raises(Declined):
        await client.run_action(racks.id, "com.example.racks/free", SITE)
    vro.trouble("com.example.racks/free", ActionFault.HTML)
    with pytest.raises(UnreadableAnswer):
        await client.run_action(racks.id, "com.example.racks/free", SITE)


async def test_an_action_that_is_not_there_is_a_failure(client: Orchestrator, racks: PretendWorkflow) -> None:
    with pytest.raises(Declined):
        await client.run_action(racks.id, "com.example.racks/gone", ())


def test_results_are_read_bare_and_in_envelopes_but_no_nonsense_and_no_secret() -> None:
    assert result_value(["a", 1, True, None]) == ("a", 1, True, None)
    assert result_value({"array": {"elements": [text("a"), text("b")]}}) == ("a", "b")
    pair = Properties(entries=(("label", "A"), ("value", "a")))
    assert result_value([{"label": "A", "value": "a"}]) == (pair,)
    machine = {"type": "VC:VirtualMachine", "id": "vc/vm-1", "displayValue": "web-01"}
    assert result_value([machine]) == (SdkObject(type="VC:VirtualMachine", id="vc/vm-1", name="web-01"),)
    assert result_value({"boolean": {"value": True}}) is True
    hidden = {"secure-string": {"value": "hunter2"}}
    for nonsense in ({"surprise": {"value": {"?": 1}}}, {"number": {"value": "many"}}, hidden):
        with pytest.raises(UnreadableAnswer):
            result_value(nonsense)
