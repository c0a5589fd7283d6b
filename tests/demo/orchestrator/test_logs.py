from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.demo.orchestrator import Dialect, End, Phase, PretendWorkflow, Script
from tests.demo.orchestrator.visit import visiting

if TYPE_CHECKING:
    from tests.demo.orchestrator.visit import Visit

TALKATIVE = PretendWorkflow(
    name="Talk",
    script=Script(
        phases=(
            Phase(item="Speak", lasts=timedelta(seconds=2), says=("hello", "again")),
            Phase(state="waiting-signal", item="Wait", lasts=timedelta(seconds=2)),
        ),
        end=lambda _: End(state="failed", error="out of breath"),
    ),
)


async def talked(visit: Visit) -> str:
    """The path of a run that is over."""
    visit.vro.add_workflow(TALKATIVE)
    identity = await visit.start(TALKATIVE)
    visit.clock.move(5)
    return f"/workflows/{TALKATIVE.id}/executions/{identity}"


def said(body: Any) -> list[str]:  # noqa: ANN401 - JSON
    return [each["entry"]["short-description"] for each in body["logs"]]


async def test_events_are_wrapped_and_newest_first() -> None:
    async with visiting(Dialect.V7) as visit:
        body = await visit.get(f"{await talked(visit)}/logs")
        assert said(body) == [
            "Workflow 'Talk' has failed",
            "Workflow 'Talk' has resumed",
            "Workflow is paused",
            "Workflow 'Talk' has started",
        ]
        entry = body["logs"][0]["entry"]
        assert set(entry) == {"severity", "time-stamp", "user", "short-description", "long-description"}
        assert (entry["severity"], entry["long-description"]) == ("error", "out of breath")
        assert isinstance(entry["time-stamp"], int)


async def test_a_run_only_logs_what_has_happened() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(TALKATIVE)
        identity = await visit.start(TALKATIVE)
        assert said(await visit.run(TALKATIVE, identity, "/logs")) == ["Workflow 'Talk' has started"]


async def test_syslogs_carry_what_the_script_wrote_and_the_noise_around_it() -> None:
    async with visiting() as visit:
        body = await visit.get(f"{await talked(visit)}/syslogs")
        assert "hello" in said(body)
        assert {"__item_stack:/item1", "*** End of execution stack."} <= set(said(body))
        entry = next(each["entry"] for each in body["logs"] if each["entry"]["short-description"] == "hello")
        assert entry == {
            "origin": "system",
            "short-description": "hello",
            "time-stamp": "2031-03-04T05:06:07.089+00:00",
            "time-stamp-val": 1930367167089,
            "severity": "info",
        }


async def test_syslogs_are_filtered_by_severity_and_time() -> None:
    async with visiting() as visit:
        path = f"{await talked(visit)}/syslogs"
        grave = await visit.get(path, conditions="severity=error")
        assert said(grave) == ["Workflow 'Talk' has failed", "*** End of execution stack."]
        later = await visit.get(path, conditions=["severity=info", "timestamp>1930367167089"])
        assert said(later)[0] == "Workflow is paused"
        assert len(said(await visit.get(path, maxResult="1"))) == 1


async def test_9_turns_syslogs_around() -> None:
    async with visiting(Dialect.V9) as visit:
        body = await visit.get(f"{await talked(visit)}/syslogs", conditions="severity=info")
        stamps = [each["entry"]["time-stamp-val"] for each in body["logs"]]
        assert stamps == sorted(stamps, reverse=True)


async def test_7_wants_syslogs_posted_and_always_adds_the_servers_own() -> None:
    async with visiting(Dialect.V7) as visit:
        path = f"{await talked(visit)}/syslogs"
        assert (await visit.api.get(path)).status_code == 405
        answer = await visit.api.post(path, json={"severity": "info", "older-than": 1930367167089})
        assert "hello" not in said(answer.json())
        assert "Workflow 'Talk' has started" in said(answer.json())
        assert (await visit.api.post(path, json={"newer-than": 1})).status_code == 400


async def test_8_refuses_a_post_of_syslogs() -> None:
    async with visiting() as visit:
        answer = await visit.api.post(f"{await talked(visit)}/syslogs", json={})
        assert answer.status_code == 405
        assert "not supported" in answer.text
