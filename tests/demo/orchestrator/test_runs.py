from __future__ import annotations

from datetime import timedelta

import pytest

from bot.demo.orchestrator import (
    Declared,
    Dialect,
    End,
    Inputs,
    Phase,
    PretendWorkflow,
    Script,
    lasting,
)
from bot.demo.orchestrator.values import parameter, text
from tests.demo.orchestrator.visit import pairs, string, visiting


def shout(inputs: Inputs) -> End:
    return End(
        outputs=(parameter("loud", "string", text(str(inputs["word"]).upper())),), business_state="Heard"
    )


SHOUT = PretendWorkflow(
    name="Shout",
    inputs=(Declared(name="word", type="string"),),
    script=Script(
        phases=(
            Phase(state="initializing", lasts=timedelta(seconds=0.2)),
            Phase(item="Shout", lasts=timedelta(seconds=3)),
            Phase(state="waiting-signal", item="Echo", lasts=timedelta(seconds=2)),
        ),
        end=shout,
    ),
)
MANUAL = PretendWorkflow(name="By hand")
BRIEF = PretendWorkflow(name="Brief", script=lasting(timedelta(seconds=1)))


async def test_a_run_goes_through_its_script_as_the_clock_moves() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(SHOUT)
        identity = await visit.start(SHOUT, string("word", "hey"))
        seen = []
        for seconds in (0, 0.2, 2.9, 0.1, 2):
            visit.clock.move(seconds)
            seen.append((await visit.run(SHOUT, identity, "/state"))["value"])
        assert seen == ["initializing", "running", "running", "waiting-signal", "completed"]
        body = await visit.run(SHOUT, identity)
        assert body["output-parameters"] == [
            {"value": {"string": {"value": "HEY"}}, "type": "string", "name": "loud", "scope": "local"}
        ]
        assert (body["end-date"], body["business-state"]) == ("2031-03-04T05:06:12.289+00:00", "Heard")


@pytest.mark.parametrize(
    ("dialect", "answer"),
    [
        (Dialect.V7, {"value": "waiting-signal"}),
        (Dialect.V8, {"value": "waiting-signal"}),
        (Dialect.V9, {"state": "waiting-signal"}),
        (Dialect.PAGE, {"state": "STATE_WAITING_ON_SIGNAL"}),
    ],
)
async def test_each_dialect_spells_the_state_its_way(dialect: Dialect, answer: dict[str, str]) -> None:
    async with visiting(dialect) as visit:
        visit.vro.add_workflow(SHOUT)
        identity = await visit.start(SHOUT, string("word", "hey"))
        visit.clock.move(4)
        assert await visit.run(SHOUT, identity, "/state") == answer


async def test_7_dates_runs_in_milliseconds_and_leaves_empty_lists_out() -> None:
    async with visiting(Dialect.V7) as visit:
        visit.vro.add_workflow(MANUAL)
        identity = await visit.start(MANUAL)
        visit.clock.move(1)
        visit.vro.finish(identity)
        body = await visit.run(MANUAL, identity)
        assert set(body) == {
            "relations",
            "id",
            "state",
            "name",
            "href",
            "start-date",
            "end-date",
            "started-by",
        }
        assert body["end-date"] - body["start-date"] == 1000


async def test_a_manual_run_stays_until_it_is_finished() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        identity = await visit.start(MANUAL)
        visit.clock.move(86_400)
        assert visit.vro.state(identity) == "running"
        visit.vro.finish(identity, state="failed", error="out of cheese")
        body = await visit.run(MANUAL, identity)
        assert body["state"] == "failed"
        assert body["content-exception"].startswith("out of cheese (Workflow:By hand / Working (item1)#")


async def test_a_run_can_be_put_into_any_state() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(BRIEF)
        identity = await visit.start(BRIEF)
        visit.vro.set_state(identity, "suspended", item="Held")
        visit.clock.move(3600)
        body = await visit.run(BRIEF, identity)
        assert (body["state"], body["current-item-display-name"]) == ("suspended", "Held")


async def test_a_cancel_is_taken_at_once_and_works_a_little_later() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        identity = await visit.start(MANUAL)
        path = f"/workflows/{MANUAL.id}/executions/{identity}/state"
        answer = await visit.api.delete(path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert visit.vro.state(identity) == "running"
        visit.clock.move(0.5)
        assert visit.vro.state(identity) == "canceled"


async def test_a_run_that_ends_before_the_cancel_bites_keeps_its_own_end() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(BRIEF)
        identity = await visit.start(BRIEF)
        visit.clock.move(1)
        await visit.api.delete(f"/workflows/{BRIEF.id}/executions/{identity}/state")
        visit.clock.move(1)
        assert visit.vro.state(identity) == "completed"


@pytest.mark.parametrize(("dialect", "status"), [(Dialect.V7, 204), (Dialect.V8, 400), (Dialect.V9, 404)])
async def test_a_cancel_of_a_finished_run_is_met_differently(dialect: Dialect, status: int) -> None:
    async with visiting(dialect) as visit:
        visit.vro.add_workflow(MANUAL)
        identity = await visit.start(MANUAL)
        visit.vro.finish(identity)
        answer = await visit.api.delete(f"/workflows/{MANUAL.id}/executions/{identity}/state")
        assert answer.status_code == status
        assert visit.vro.state(identity) == "completed"


async def test_a_deleted_run_is_gone() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        identity = await visit.start(MANUAL)
        path = f"/workflows/{MANUAL.id}/executions/{identity}"
        assert (await visit.api.delete(path)).status_code == 204
        assert (await visit.api.get(path)).status_code == 404


async def test_only_so_many_finished_runs_survive_and_running_ones_do_not_count() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        visit.vro.add_workflow(BRIEF)
        visit.vro.keep_finished = 2
        forever = await visit.start(MANUAL)
        first, second, third = [await visit.start(BRIEF) for _ in range(3)]
        visit.clock.move(5)
        listed = await visit.get(f"/workflows/{BRIEF.id}/executions")
        ids = [pairs(each).get("id") for each in listed["relations"]["link"][2:]]
        assert ids == [second, third]
        assert (await visit.api.get(f"/workflows/{BRIEF.id}/executions/{first}")).status_code == 404
        assert visit.vro.state(forever) == "running"


async def test_a_run_is_not_found_under_another_workflow() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        visit.vro.add_workflow(BRIEF)
        identity = await visit.start(BRIEF)
        assert (await visit.api.get(f"/workflows/{MANUAL.id}/executions/{identity}")).status_code == 404


async def test_one_run_has_links_to_what_can_be_asked_of_it() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        identity = await visit.start(MANUAL)
        links = (await visit.run(MANUAL, identity))["relations"]["link"]
        assert [each["rel"] for each in links] == ["up", "remove", "logs", "state"]
        assert links[3]["href"].endswith(f"/executions/{identity}/state/")


async def test_details_add_the_execution_stack() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        identity = await visit.start(MANUAL)
        body = await visit.get(f"/workflows/{MANUAL.id}/executions/{identity}", showDetails="true")
        assert body["execution-stack"][0]["displayName"] == "Working"


async def test_the_list_of_runs_is_shaped_as_recorded_and_oldest_first() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(SHOUT)
        visit.vro.add_workflow(MANUAL)
        first = await visit.start(SHOUT, string("word", "a"))
        visit.clock.move(6)
        second = await visit.start(SHOUT, string("word", "b"))
        body = await visit.get(f"/workflows/{SHOUT.id}/executions")
        assert set(body) == {"relations"}
        assert body["relations"]["total"] == 2
        up, add, *runs = body["relations"]["link"]
        assert (set(up), up["rel"], set(add), add["rel"]) == ({"href", "rel"}, "up", {"href", "rel"}, "add")
        assert [pairs(each)["id"] for each in runs] == [first, second]
        assert [pairs(each)["state"] for each in runs] == ["completed", "initializing"]
        assert {"name": "currentItemDisplayName"} in runs[0]["attributes"]
        assert set(pairs(runs[0])) == {
            "id",
            "startDate",
            "endDate",
            "startedBy",
            "state",
            "name",
            "currentItemDisplayName",
        }


async def test_runs_can_be_filtered_sorted_and_cut() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        ids = []
        for _ in range(3):
            ids.append(await visit.start(MANUAL))
            visit.clock.move(10)
        visit.vro.finish(ids[0])
        path = f"/workflows/{MANUAL.id}/executions"

        async def found(**query: str | list[str]) -> list[str | None]:
            links = (await visit.get(path, **query))["relations"]["link"]
            return [pairs(each)["id"] for each in links[2:]]

        assert await found(conditions="state~completed") == [ids[0]]
        assert await found(conditions=["state=running", "startDate>2031-03-04T05:06:20Z"]) == [ids[2]]
        assert await found(maxResult="1") == [ids[0]]
        assert await found(maxResult="1", sortOrders="-startDate") == [ids[2]]


async def test_9_ignores_the_order_asked_for() -> None:
    async with visiting(Dialect.V9) as visit:
        visit.vro.add_workflow(MANUAL)
        first = await visit.start(MANUAL)
        visit.clock.move(1)
        await visit.start(MANUAL)
        body = await visit.get(f"/workflows/{MANUAL.id}/executions", sortOrders="-startDate", maxResult="1")
        assert pairs(body["relations"]["link"][2])["id"] == first
