"""What a run asks, a failed run that can be resumed, and logs without the dump: on each dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator import Declared, Phase, PretendWorkflow, Script, WaitingQuestion
from bot.domain.execution import Argument, ExecutionState
from bot.domain.questions import RESUME, SYSTEM_ACTION, assignees_of, can_resume, kept_of, key_of, name_of
from bot.domain.steps.following import failed_step
from bot.domain.workflow import ParameterType

if TYPE_CHECKING:
    from bot.demo.orchestrator import PretendOrchestrator
    from bot.orchestrator.client import Orchestrator

PIN = Declared(name="pin", type="string")
SECRET = Argument(name="pin", type=ParameterType(declared="string"), value="4711-pin")
ASKING = PretendWorkflow(
    name="Ask",
    script=Script(
        phases=(
            Phase(
                state="waiting",
                item="Confirm",
                question=WaitingQuestion(
                    name="Ask : Confirm",
                    inputs=(Declared(name="sure", type="boolean"),),
                    users=("ada",),
                    groups=("ops",),
                ),
            ),
            Phase(item="After"),
        )
    ),
)


def failing(*, resumes: bool) -> PretendWorkflow:
    """A workflow that fails at its only step, until its error is mended."""
    phases = (Phase(item="Find room", says=("warning: nearly full",)),)
    return PretendWorkflow(name="Grow", inputs=(PIN,), script=Script(phases=phases), resumes=resumes)


async def begin(vro: PretendOrchestrator, client: Orchestrator, workflow: PretendWorkflow) -> str:
    """Start it; the run's id."""
    vro.add_workflow(workflow)
    await client.start(workflow.id, (SECRET,) if workflow.inputs else ())
    return vro.starts[-1].execution_id


async def test_a_question_is_read_recognised_and_answered(
    vro: PretendOrchestrator, client: Orchestrator
) -> None:
    run = await begin(vro, client, ASKING)
    question = await client.interaction(ASKING.id, run)
    assert question is not None
    assert (name_of(question), assignees_of(question)) == ("Confirm", ("ada", "ops"))
    assert not can_resume(question)
    again = await client.interaction(ASKING.id, run)
    assert again is not None
    assert key_of(question) == key_of(again)
    sure = Argument(name="sure", type=ParameterType(declared="boolean"), value=True)
    await client.answer(ASKING.id, run, (sure,))
    assert await client.interaction(ASKING.id, run) is None
    assert await client.state(ASKING.id, run) is ExecutionState.RUNNING


async def test_a_failed_run_that_waits_is_told_from_a_question_and_resumed(
    vro: PretendOrchestrator, client: Orchestrator
) -> None:
    workflow = failing(resumes=True)
    run = await begin(vro, client, workflow)
    vro.finish(run, state="failed", error="no room")
    assert await client.state(workflow.id, run) is ExecutionState.WAITING
    question = await client.interaction(workflow.id, run)
    assert question is not None
    assert can_resume(question)
    kept = kept_of(question, run=await client.execution(workflow.id, run))
    assert "no room" in kept.cause
    action = Argument(name=SYSTEM_ACTION, type=ParameterType(declared="string"), value=RESUME)
    await client.answer(workflow.id, run, (action, SECRET))
    assert await client.state(workflow.id, run) is ExecutionState.RUNNING


async def test_a_log_holds_no_dump_of_the_inputs_and_the_failed_step_is_named(
    vro: PretendOrchestrator, client: Orchestrator
) -> None:
    workflow = failing(resumes=False)
    run = await begin(vro, client, workflow)
    vro.finish(run, state="failed", error="no room")
    lines = await client.logs(workflow.id, run)
    assert lines
    assert not [each.text for each in lines if "4711-pin" in each.text or "execution stack" in each.text]
    assert failed_step(await client.execution(workflow.id, run)) == "Find room"
