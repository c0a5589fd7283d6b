from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo.orchestrator import (
    Declared,
    Dialect,
    End,
    Inputs,
    Phase,
    PretendWorkflow,
    Script,
    WaitingQuestion,
)
from tests.demo.orchestrator.visit import pairs, string, visiting

if TYPE_CHECKING:
    from tests.demo.orchestrator.visit import Visit


def end(inputs: Inputs) -> End:
    return End() if inputs.get("sure") is True else End(state="failed", error="Not sure")


QUESTION = WaitingQuestion(
    name="Are you sure?",
    inputs=(Declared(name="sure", type="boolean", description="Really?"),),
    users=("ada",),
    groups=("ops",),
)
ASKING = PretendWorkflow(
    name="Ask",
    script=Script(
        phases=(
            Phase(item="Before", lasts=timedelta(seconds=1)),
            Phase(state="waiting", item="Ask", question=QUESTION),
            Phase(item="After", lasts=timedelta(seconds=2)),
        ),
        end=end,
    ),
)
SURE = {"name": "sure", "type": "boolean", "scope": "local", "value": {"boolean": {"value": True}}}


async def asked(visit: Visit, workflow: PretendWorkflow = ASKING) -> tuple[str, str]:
    """A waiting run's id and the path of its question."""
    visit.vro.add_workflow(workflow)
    identity = await visit.start(workflow)
    visit.clock.move(1)
    return identity, f"/workflows/{workflow.id}/executions/{identity}/interaction"


async def test_there_is_no_question_before_the_run_waits() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(ASKING)
        identity = await visit.start(ASKING)
        answer = await visit.api.get(f"/workflows/{ASKING.id}/executions/{identity}/interaction")
        assert answer.status_code == 404


async def test_a_waiting_run_shows_its_question() -> None:
    async with visiting() as visit:
        identity, path = await asked(visit)
        body = await visit.get(path)
        assert set(body) == {
            "id",
            "name",
            "state",
            "href",
            "input-parameters",
            "assignees",
            "user-assignees",
            "group-assignees",
            "relations",
        }
        assert (body["name"], body["state"], body["assignees"]) == (
            "Are you sure?",
            "waiting",
            ["ada", "ops"],
        )
        assert body["input-parameters"] == [
            {"type": "boolean", "name": "sure", "scope": "local", "description": "Really?"}
        ]
        links = (await visit.run(ASKING, identity))["relations"]["link"]
        assert links[-1]["rel"] == "interaction"


async def test_an_answer_lets_the_run_go_on_and_decides_its_end() -> None:
    for given, state in (([SURE], "completed"), ([], "failed")):
        async with visiting() as visit:
            identity, path = await asked(visit)
            visit.clock.move(3600)
            answer = await visit.api.post(path, json={"parameters": given})
            assert (answer.status_code, answer.content) == (204, b"")
            assert visit.vro.state(identity) == "running"
            assert (await visit.api.get(path)).status_code == 404
            visit.clock.move(2)
            assert visit.vro.state(identity) == state


async def test_an_answer_is_checked_like_a_start() -> None:
    async with visiting() as visit:
        identity, path = await asked(visit)
        bodies: list[object] = [
            {"parameter": [SURE]},
            {"parameters": [string("sure", "yes")]},
            {"answers": []},
        ]
        for body in bodies:
            assert (await visit.api.post(path, json=body)).status_code == 400
        assert visit.vro.state(identity) == "waiting"


async def test_the_second_of_two_answers_finds_nothing() -> None:
    async with visiting() as visit:
        _, path = await asked(visit)
        await visit.api.post(path, json={"parameters": [SURE]})
        assert (await visit.api.post(path, json={"parameters": [SURE]})).status_code == 404


async def test_a_question_that_times_out_lets_the_run_go_on() -> None:
    hurried = PretendWorkflow(
        name="Hurry",
        script=Script(
            phases=(
                Phase(item="Before", lasts=timedelta(seconds=1)),
                Phase(state="waiting", lasts=timedelta(seconds=60), question=QUESTION),
            ),
            end=end,
        ),
    )
    async with visiting() as visit:
        identity, path = await asked(visit, hurried)
        assert (await visit.get(path))["timeout-date"] == "2031-03-04T05:07:08.089+00:00"
        visit.clock.move(60)
        assert visit.vro.state(identity) == "failed"


async def test_a_question_can_be_cancelled_but_not_on_7() -> None:
    async with visiting() as visit:
        identity, path = await asked(visit)
        assert (await visit.api.delete(path)).status_code == 204
        visit.clock.move(1)
        assert visit.vro.state(identity) == "canceled"
    async with visiting(Dialect.V7) as visit:
        _, path = await asked(visit)
        assert (await visit.api.delete(path)).status_code == 405


async def test_pending_questions_are_listed() -> None:
    async with visiting() as visit:
        identity, path = await asked(visit)
        for where in (
            "/interactions",
            f"/workflows/{ASKING.id}/interactions",
            "/catalog/System/UserInteraction",
        ):
            (link,) = (await visit.get(where))["link"]
            assert pairs(link)["name"] == "Are you sure?"
            assert link["href"].endswith(f"{identity}/interaction/")
        await visit.api.post(path, json={"parameters": [SURE]})
        assert (await visit.get("/catalog/System/UserInteraction", conditions="status=0"))["link"] == []
