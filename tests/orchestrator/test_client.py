"""Looking, following and cancelling, against servers of every dialect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator import (
    ArmedFault,
    Declared,
    Dialect,
    Phase,
    PretendOrchestrator,
    PretendWorkflow,
    Script,
    WaitingQuestion,
)
from bot.demo.orchestrator.samples import synthetic_workflows
from bot.demo.orchestrator.values import number, parameter, properties, secret, text, texts
from bot.domain.errors import (
    AnswerLost,
    Conflict,
    Forbidden,
    InvalidRequest,
    NotVisible,
    ServerFault,
    Unreachable,
    UnreadableAnswer,
)
from bot.domain.execution import Argument, ExecutionState
from bot.domain.values import Properties, SecretText
from bot.domain.workflow import Kind, ParameterType
from bot.orchestrator.login import Bearer
from tests.orchestrator.raw_server import http, responder
from tests.orchestrator.reaching import reach, to

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from bot.demo.orchestrator import Armed
    from bot.orchestrator.client import Orchestrator

    Open = Callable[..., AbstractAsyncContextManager[Orchestrator]]

NOON = datetime(2025, 3, 4, 12, 0, tzinfo=UTC)


def counted(vro: PretendOrchestrator, match: str) -> Armed:
    """A fault that harms nothing and counts the requests."""
    return vro.fault(match, ArmedFault.SLOW, times=None, delay=0)


# the server


async def test_a_server_says_its_version_and_health(vro: PretendOrchestrator, client: Orchestrator) -> None:
    about, health = await client.about(), await client.health()
    assert about.version == vro.habits.version
    assert about.build
    assert about.api_version
    assert health.is_running
    assert health.status == "OK"


@pytest.mark.parametrize(
    "body",
    [
        {"state": "RUNNING", "health-status": {"state": "OK", "time": 1}, "instance-id": "a"},
        {"serverState": "RUNNING", "healthStatus": {"state": "OK"}, "instanceId": "a"},
    ],
)
async def test_health_is_read_in_both_spellings(body: object) -> None:
    async with responder(http(200, body)) as server, to(server) as client:
        health = await client.health()
    assert (health.is_running, health.status, health.instance) == (True, "OK", "a")


# the workflow list


async def test_workflows_are_listed_whole_with_the_paths_of_their_folders(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    hidden = PretendWorkflow(name="Hidden", folder="Storage", can_execute=False)
    vro.add_workflow(hidden)
    listed = {workflow.name: workflow for workflow in await client.workflows()}
    assert listed.keys() == {"Resize disk", "Hidden"}
    one = listed["Resize disk"]
    assert (one.id, one.folder, one.version) == (resize.id, "Storage/Disks", "1.0.0")
    assert one.description == "Grows a disk."
    assert one.can_execute
    assert not listed["Hidden"].can_execute
    assert listed["Hidden"].description == ""
    assert one.tags == (("Storage", "disks") if vro.habits.runtime_details else ())


async def test_a_long_list_costs_one_call_and_one_more_for_each_folder_once(
    vro: PretendOrchestrator, client: Orchestrator
) -> None:
    vro.add_workflows(synthetic_workflows(600))
    lists, folders = counted(vro, "GET /workflows"), counted(vro, "GET /categories/*")
    first = await client.workflows()
    again = await client.workflows()
    assert first == again
    assert len(first) == 601
    assert lists.seen == 2
    assert folders.seen == len({workflow.folder for workflow in first})


async def test_folders_are_asked_for_again_after_an_hour(
    vro8: PretendOrchestrator, open_client: Open
) -> None:
    folders = counted(vro8, "GET /categories/*")
    seconds = [0.0]
    async with open_client(vro8, clock=lambda: seconds[0]) as client:
        await client.workflows()
        seconds[0] = 3599.0
        await client.workflows()
        assert folders.seen == 1
        seconds[0] = 3601.0
        await client.workflows()
    assert folders.seen == 2


@pytest.mark.parametrize(
    "fault",
    [
        ArmedFault.NOT_FOUND,
        ArmedFault.FORBIDDEN,
        ArmedFault.NOT_ALLOWED,
        ArmedFault.ERROR,
        ArmedFault.HTML_OK,
        ArmedFault.DROP_BEFORE,
    ],
)
async def test_the_list_takes_a_folder_for_no_other_than_the_workflows_own_description_does(
    vro: PretendOrchestrator, client: Orchestrator, fault: ArmedFault
) -> None:
    vro.fault("GET /categories/*", fault, times=None)
    (listed,) = await client.workflows()
    described = await client.workflow(listed.id)
    assert listed.folder == "", "its bare name could be another folder's path"
    assert described.folder == ("" if vro.habits.runtime_details else "Storage/Disks"), "old servers tell it"
    vro.clear_faults()
    if fault is ArmedFault.DROP_BEFORE:
        (listed,) = await client.workflows()
        assert listed.folder == (await client.workflow(listed.id)).folder == "Storage/Disks"


async def test_a_server_without_folders_is_not_asked_for_each_of_them(vro8: PretendOrchestrator) -> None:
    vro8.add_workflows(PretendWorkflow(name="w", folder=f"Folder {n}") for n in range(100))
    armed = vro8.fault("GET /categories/*", ArmedFault.NOT_ALLOWED, times=None)
    async with reach(vro8.url, login=Bearer(token=vro8.logins.static_token())) as client:
        assert len(await client.workflows()) == 101
    assert armed.seen < 10


async def test_folders_that_take_too_long_do_not_hold_up_the_list(
    vro8: PretendOrchestrator, open_client: Open
) -> None:
    vro8.fault("GET /categories/*", ArmedFault.SILENCE, times=None)
    async with open_client(vro8, timeout=timedelta(seconds=0.3)) as client:
        assert [workflow.folder for workflow in await client.workflows()] == [""]
        vro8.clear_faults()
        assert [workflow.folder for workflow in await client.workflows()] == ["Storage/Disks"]


@pytest.mark.parametrize("wrapped", [True, False])
async def test_a_workflow_line_may_lack_almost_everything(*, wrapped: bool) -> None:
    lines = [
        {"href": "https://o:443/vco/api/workflows/w-1/", "rel": "down"},
        {"attributes": [{"name": "name"}, {"name": "id", "value": "w-2"}, {"value": "orphan"}]},
        {"attribute": [{"name": "@name", "value": "Three"}, {"name": "@id", "value": "w-3"}]},
        {"attributes": {"attribute": [{"name": "id", "value": "w-4"}]}, "href": None},
        {"rel": "down"},
        "noise",
        None,
    ]
    body = {"link": lines, "total": -1, "last-item-token": "x"}
    async with responder(http(200, {"relations": body} if wrapped else body)) as server, to(server) as client:
        listed = await client.workflows()
    assert [workflow.id for workflow in listed] == ["w-1", "w-2", "w-3", "w-4"]
    assert listed[2].name == "Three"


async def test_tags_keep_their_names_and_spaces() -> None:
    told = "Blue team:__SYSTEM_TAG__ db:__SYSTEM_TAG__,tier:gold"
    line = {"attributes": [{"name": "id", "value": "w"}, {"name": "globalTags", "value": told}]}
    async with responder(http(200, {"link": [line]})) as server, to(server) as client:
        assert (await client.workflows())[0].tags == ("Blue team", "db", "tier:gold")


async def test_a_list_of_megabytes_is_read(vro: PretendOrchestrator, client: Orchestrator) -> None:
    vro.add_workflows(synthetic_workflows(3000))
    assert len({workflow.id for workflow in await client.workflows()}) == 3001


@pytest.mark.parametrize("size", [1, 400_000])
async def test_garbage_of_any_size_is_unreadable(size: int) -> None:
    async with responder(http(200, b'{"link": [' + b" " * size)) as server, to(server) as client:
        with pytest.raises(UnreadableAnswer):
            await client.workflows()


# one workflow


async def test_a_workflow_tells_what_it_asks_and_gives(client: Orchestrator, resize: PretendWorkflow) -> None:
    workflow = await client.workflow(resize.id)
    assert (workflow.id, workflow.name, workflow.version) == (resize.id, "Resize disk", "1.0.0")
    assert workflow.folder == "Storage/Disks"
    assert [(each.name, each.type.kind) for each in workflow.inputs] == [
        ("server", Kind.STRING),
        ("sizeGb", Kind.NUMBER),
        ("password", Kind.SECURE_STRING),
        ("tags", Kind.ARRAY),
    ]
    assert workflow.inputs[0].description == "Whose disk"
    assert [each.name for each in workflow.outputs] == ["ticket"]


async def test_a_workflow_of_an_old_server_knows_its_folder_by_its_link() -> None:
    up = "https://o:8281/vco/api/inventory/System/Workflows/ops%2540example.com/Night%2520jobs/"
    body = {"id": "w", "name": "W", "relations": {"link": [{"rel": "up", "href": up}, {"rel": "executions"}]}}
    async with responder(http(200, body)) as server, to(server) as client:
        assert (await client.workflow("w")).folder == "ops@example.com/Night jobs"


async def test_an_answer_that_is_no_workflow_is_unreadable() -> None:
    async with responder(http(200, {"message": "hello"})) as server, to(server) as client:
        with pytest.raises(UnreadableAnswer):
            await client.workflow("w")


# one run


async def test_a_finished_run_is_read_with_all_it_says(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    vro.add_workflow(replace(resize, attributes=(parameter("apiPassword", "string", text("hush")),)))
    started = await client.start(
        resize.id, [Argument(name="server", type=ParameterType(declared="string"), value="a")]
    )
    outputs = (
        parameter("ticket", "string", text("T-1")),
        parameter("free", "number", number(12)),
        parameter("token", "SecureString", secret("hush"), scope="token"),
        parameter("names", "Array/string", texts(["a", "b"])),
        parameter("facts", "Properties", properties({"k": text("v")})),
        parameter("nothing", "string", None),
    )
    vro.finish(
        started.execution_id, state="failed", outputs=outputs, error="Boom", business_state="Half done"
    )
    run = await client.execution(resize.id, started.execution_id)
    assert run.state is ExecutionState.FAILED
    assert run.id == started.execution_id
    assert run.name == "Resize disk"
    assert run.href.endswith(f"/{started.execution_id}/")
    assert run.started_by == "svc-chatops"
    assert run.start_date is not None
    assert run.end_date is not None
    assert timedelta(0) <= run.end_date - run.start_date < timedelta(minutes=1)
    assert run.business_state == "Half done"
    assert run.content_exception.startswith("Boom")
    assert {each.name: each.value for each in run.inputs}["server"] == "a"
    assert {each.name: each.value for each in run.outputs} == {
        "ticket": "T-1",
        "free": 12,
        "token": SecretText(text="hush"),
        "names": ("a", "b"),
        "facts": Properties(entries=(("k", "v"),)),
        "nothing": None,
    }
    assert {each.name: each.scope for each in run.outputs}["token"] == "token"
    assert {"up", "state"} <= {rel for rel, _ in run.relations}
    if vro.habits.runtime_details:
        assert [each.value for each in run.workflow_attributes] == ["hush"]
        assert "token-size" in run.statistic


async def test_a_run_of_the_specification_s_spelling_is_read_as_well() -> None:
    body = {
        "id": "e",
        "state": "STATE_WAITING_ON_SIGNAL",
        "startDate": "1741089600000",
        "endDate": None,
        "startedBy": "ops",
        "businessState": "b",
        "contentException": "c",
        "currentItemDisplayName": "Ask",
        "currentItemForDisplay": "__item-undefined__",
        "workflowItem": [{"name": "item3", "displayName": "Ask somebody"}],
        "inputParameters": {
            "parameter": [{"name": "a", "type": "string", "value": {"string": {"value": "x"}}}]
        },
        "outputParameters": None,
        "workflowAttributes": {
            "parameter": {"name": "p", "type": "string", "value": {"string": {"value": "y"}}}
        },
        "relations": {"link": {"rel": "up", "href": "/x"}},
        "runningInstanceId": "ignored",
    }
    async with responder(http(200, body)) as server, to(server) as client:
        run = await client.execution("w", "e")
    assert run.state is ExecutionState.WAITING_SIGNAL
    assert run.start_date == NOON
    assert run.end_date is None
    assert (run.started_by, run.business_state, run.content_exception) == ("ops", "b", "c")
    assert (run.current_item_display_name, run.current_item_for_display) == ("Ask", "")
    assert run.workflow_item == "Ask somebody"
    assert [(each.name, each.value) for each in run.inputs] == [("a", "x")]
    assert [(each.name, each.value) for each in run.workflow_attributes] == [("p", "y")]
    assert run.outputs == ()
    assert run.relations == (("up", "/x"),)


async def test_a_run_that_was_purged_is_not_visible(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    started = await client.start(resize.id, [])
    vro.delete_execution(started.execution_id)
    with pytest.raises(NotVisible):
        await client.execution(resize.id, started.execution_id)
    with pytest.raises(NotVisible):
        await client.state(resize.id, started.execution_id)


@pytest.mark.parametrize("state", [state for state in ExecutionState if state is not ExecutionState.OTHER])
async def test_every_state_is_read_in_every_dialect(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow, state: ExecutionState
) -> None:
    started = await client.start(resize.id, [])
    vro.set_state(started.execution_id, state.value)
    assert await client.state(resize.id, started.execution_id) is state


# runs since


async def test_runs_since_a_moment_are_listed_newest_first(resize: PretendWorkflow) -> None:
    now = [NOON]
    for dialect in Dialect:
        async with PretendOrchestrator(dialect=dialect, now=lambda: now[0]) as vro:
            vro.add_workflow(resize)
            login = Bearer(token=vro.logins.static_token())
            async with reach(vro.url, login=login) as client:
                ids = []
                for minute in range(5):
                    now[0] = NOON + timedelta(minutes=minute)
                    vro.habits = replace(vro.habits, context_key="parameters")
                    ids.append((await client.start(resize.id, [])).execution_id)
                found = (await client.executions_since(resize.id, NOON + timedelta(minutes=2))).runs
        assert [run.id for run in found] == ids[:1:-1]
        assert found[0].started_by == "svc-chatops"
        assert found[0].start_date == NOON + timedelta(minutes=4)
        assert found[0].name == "Resize disk"


async def test_a_run_without_attributes_is_known_by_its_link_and_never_left_out() -> None:
    runs = "https://o:443/vco/api/workflows/w/executions"
    links = [
        {"rel": "up", "href": "https://o:443/vco/api/workflows/w/"},
        {"rel": "add", "href": f"{runs}/"},
        {"rel": "down", "href": f"{runs}/e-1/", "attributes": [{"name": "startDate"}, {"name": "state"}]},
        {"rel": "down", "href": f"{runs}/e-2"},
        {"href": f"{runs}/e-3", "attributes": [{"name": "startDate", "value": "2025-03-04T12:00:00.000Z"}]},
        {"href": f"{runs}/e-4", "attributes": [{"name": "startDate", "value": "1741089599999"}]},
    ]
    async with (
        responder(http(200, {"relations": {"total": 6, "link": links}})) as server,
        to(server) as client,
    ):
        found = (await client.executions_since("w", NOON)).runs
    assert [run.id for run in found] == ["e-3", "e-1", "e-2"]
    assert all(run.state is ExecutionState.OTHER for run in found)
    assert "?" not in server.seen[0].line


NO_ANSWER = [
    ArmedFault.HTML_OK,
    ArmedFault.CUT_JSON,
    ArmedFault.COMPLAINT_OK,
    ArmedFault.NULL_OK,
    ArmedFault.ARRAY_OK,
    ArmedFault.EMPTY_OK,
]


@pytest.mark.parametrize("fault", NO_ANSWER)
async def test_what_is_no_list_is_no_empty_list(
    vro8: PretendOrchestrator, client8: Orchestrator, resize: PretendWorkflow, fault: ArmedFault
) -> None:
    vro8.fault("GET *", fault, times=None)
    with pytest.raises(UnreadableAnswer):
        await client8.executions_since(resize.id, NOON)
    with pytest.raises(UnreadableAnswer):
        await client8.workflows()
    with pytest.raises(UnreadableAnswer):
        await client8.objects("VC:VirtualMachine", "", limit=9)
    assert await client8.open_executions() is None


@pytest.mark.parametrize("fault", NO_ANSWER)
async def test_what_is_no_object_is_unreadable_and_proves_none(
    vro8: PretendOrchestrator, client8: Orchestrator, resize: PretendWorkflow, fault: ArmedFault
) -> None:
    vro8.fault("GET *", fault, times=None)
    for asked in (
        client8.about(),
        client8.health(),
        client8.workflow(resize.id),
        client8.state(resize.id, "e"),
        client8.execution(resize.id, "e"),
        client8.interaction(resize.id, "e"),
        client8.object("VC:VirtualMachine", "vm-1"),
    ):
        with pytest.raises(UnreadableAnswer):
            await asked


@pytest.mark.parametrize(
    "body",
    [
        {"relations": {"total": 0, "link": [{"rel": "up"}, {"rel": "add"}]}},
        {"relations": {"total": 0}},
        {"relations": {"link": []}, "total": 0},
        {"link": [], "total": -1},
        {"total": 0},
        {"link": None, "total": "0"},
    ],
)
async def test_an_empty_list_says_that_it_is_one(body: object) -> None:
    async with responder(http(200, body)) as server, to(server) as client:
        assert (await client.executions_since("w", NOON)).runs == ()


@pytest.mark.parametrize("body", [{"link": "none"}, {"relations": {"total": 7, "link": []}}, {"total": -1}])
async def test_a_list_that_contradicts_itself_is_not_empty(body: object) -> None:
    async with responder(http(200, body)) as server, to(server) as client:
        with pytest.raises(UnreadableAnswer):
            await client.executions_since("w", NOON)


async def test_a_line_that_names_no_run_is_counted_as_unread() -> None:
    links = [{"rel": "up"}, {"rel": "down"}, None, {"rel": "down", "href": "https://o/w/executions/e-1/"}]
    async with responder(http(200, {"relations": {"link": links}})) as server, to(server) as client:
        found = await client.executions_since("w", NOON)
    assert [run.id for run in found.runs] == ["e-1"]
    assert found.unread == 2


async def test_one_bad_workflow_costs_itself_only_and_is_named_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    good = [
        {"attributes": [{"name": "id", "value": f"w-{n}"}, {"name": "name", "value": "W"}]} for n in (1, 2)
    ]
    half = {"attributes": [{"name": "id", "value": "w-3"}, {"name": "name", "value": "ok \ud83d"}]}
    endless = {"attributes": {"attribute": 10**4000}}
    body = {"link": [good[0], endless, half, "noise", good[1]]}
    async with responder(http(200, body)) as server, to(server) as client:
        listed = await client.workflows()
        assert await client.workflows() == listed
    assert [(each.id, each.name) for each in listed] == [("w-1", "W"), ("w-3", "ok \ufffd"), ("w-2", "W")]
    assert caplog.text.count("2 workflows of the list cannot be read: number 2, 4 of it") == 1


# all open runs


async def test_the_open_runs_of_all_workflows_are_read_in_a_handful_of_calls(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    other = vro.add_workflow(PretendWorkflow(name="Other"))
    expected = {}
    for state in ExecutionState:
        if state is not ExecutionState.OTHER:
            for workflow in (resize, other):
                started = await client.start(workflow.id, [])
                vro.set_state(started.execution_id, state.value)
                if not state.is_end:
                    expected[started.execution_id] = state
    calls = counted(vro, "GET /catalog/*")
    found = await client.open_executions()
    if vro.habits.upper_states:  # its word for waiting-signal is another than the one asked for
        expected = {
            run: state for run, state in expected.items() if state is not ExecutionState.WAITING_SIGNAL
        }
    assert found == expected
    assert calls.seen <= 5


@pytest.mark.parametrize("refusal", [400, 403, 404, 405, 500])
async def test_a_server_without_the_bulk_query_is_asked_again_only_after_minutes(
    vro8: PretendOrchestrator, open_client: Open, refusal: int
) -> None:
    vro8.habits = replace(vro8.habits, run_catalogue_refusal=refusal)
    calls = counted(vro8, "GET /catalog/*")
    seconds = [0.0]
    async with open_client(vro8, clock=lambda: seconds[0]) as client:
        assert await client.open_executions() is None
        asked = calls.seen
        assert await client.open_executions() is None
        assert calls.seen == asked
        vro8.habits = replace(vro8.habits, run_catalogue_refusal=0)
        seconds[0] = 301.0
        assert await client.open_executions() == {}


@pytest.mark.parametrize(
    "fault", [ArmedFault.HTML_OK, ArmedFault.CUT_JSON, ArmedFault.HUGE, ArmedFault.DROP_BEFORE]
)
async def test_garbage_in_place_of_the_bulk_query_means_it_is_not_there(
    vro8: PretendOrchestrator, client8: Orchestrator, fault: ArmedFault
) -> None:
    vro8.fault("GET /catalog/*", fault, times=None)
    assert await client8.open_executions() is None


async def test_a_catalogue_that_ignores_conditions_is_no_bulk_query() -> None:
    rows = [
        {"attributes": [{"name": "id", "value": f"e-{n}"}, {"name": "state", "value": "completed"}]}
        for n in range(9)
    ]
    async with responder(http(200, {"link": rows})) as server, to(server) as client:
        assert await client.open_executions() is None
    assert len(server.seen) == 1


async def test_a_run_that_ended_between_query_and_answer_is_not_open() -> None:
    rows = [
        {"attributes": [{"name": "id", "value": "e-1"}, {"name": "state", "value": "running"}]},
        {"attributes": [{"name": "id", "value": "e-2"}, {"name": "state", "value": "completed"}]},
        {
            "attributes": [{"name": "startDate", "value": "1"}],
            "href": "https://o/vco/api/catalog/System/W/e-3/",
        },
    ]
    async with responder(http(200, {"link": rows}), http(200, {"link": []})) as server, to(server) as client:
        found = await client.open_executions()
    assert found == {"e-1": ExecutionState.RUNNING, "e-3": ExecutionState.RUNNING}


def running(first: int, count: int) -> object:
    """A page of running runs."""
    ids = [{"name": "id", "value": f"e-{number}"} for number in range(first, first + count)]
    return {"link": [{"attributes": [each, {"name": "state", "value": "running"}]} for each in ids]}


@pytest.mark.parametrize(("second", "calls", "open_runs"), [((2000, 500), 6, 2500), ((0, 2000), 6, 2000)])
async def test_open_runs_are_read_page_after_page_also_where_pages_are_ignored(
    second: tuple[int, int], calls: int, open_runs: int
) -> None:
    pages = (http(200, running(0, 2000)), http(200, running(*second)), http(200, {"link": []}))
    async with responder(*pages) as server, to(server) as client:
        found = await client.open_executions()
    assert found is not None
    assert len(found) == open_runs
    assert len(server.seen) == calls


async def test_an_unreachable_server_is_not_a_server_without_the_bulk_query(
    vro8: PretendOrchestrator, client8: Orchestrator
) -> None:
    await vro8.refuse_connections()
    with pytest.raises(Unreachable):
        await client8.open_executions()
    await vro8.listen()
    assert await client8.open_executions() == {}


# cancel


async def test_a_cancelled_run_ends(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    vro.cancel_takes = timedelta(0)
    started = await client.start(resize.id, [])
    await client.cancel(resize.id, started.execution_id)
    assert await client.state(resize.id, started.execution_id) is ExecutionState.CANCELED


async def test_cancelling_a_run_that_is_over_succeeds(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    started = await client.start(resize.id, [])
    vro.finish(started.execution_id)
    await client.cancel(resize.id, started.execution_id)
    assert vro.state(started.execution_id) == "completed"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (ArmedFault.CONFLICT, Conflict),
        (ArmedFault.FORBIDDEN, Forbidden),
        (ArmedFault.BAD_REQUEST, InvalidRequest),
        (ArmedFault.ERROR, ServerFault),
        (ArmedFault.DROP_AFTER, AnswerLost),
    ],
)
async def test_a_cancel_that_was_refused_while_the_run_goes_on_says_so(
    vro: PretendOrchestrator,
    client: Orchestrator,
    resize: PretendWorkflow,
    fault: ArmedFault,
    expected: type[Exception],
) -> None:
    started = await client.start(resize.id, [])
    vro.fault("DELETE */state", fault)
    with pytest.raises(expected):
        await client.cancel(resize.id, started.execution_id)


async def test_a_run_that_is_gone_cannot_be_cancelled(client: Orchestrator, resize: PretendWorkflow) -> None:
    with pytest.raises(NotVisible):
        await client.cancel(resize.id, "gone")


# questions

ASKING = PretendWorkflow(
    name="Ask first",
    script=Script(
        phases=(
            Phase(
                state="waiting",
                question=WaitingQuestion(
                    name="Really?",
                    inputs=(Declared(name="really", type="boolean", description="Yes or no"),),
                    users=("alice",),
                    groups=("Operators",),
                ),
                lasts=timedelta(hours=1),
            ),
            Phase(item="Go on"),
        )
    ),
)


async def test_a_waiting_run_tells_its_question_and_takes_an_answer(
    vro: PretendOrchestrator, client: Orchestrator
) -> None:
    vro.add_workflow(ASKING)
    run = (await client.start(ASKING.id, [])).execution_id
    question = await client.interaction(ASKING.id, run)
    assert question is not None
    assert (question.name, question.finished) == ("Really?", False)
    assert [(each.name, each.value, each.description) for each in question.parameters] == [
        ("really", None, "Yes or no")
    ]
    assert question.assignees == ("alice", "Operators")
    assert (question.user_assignees, question.group_assignees) == (("alice",), ("Operators",))
    assert question.timeout_date is not None
    await client.answer(ASKING.id, run, [replace(question.parameters[0], value=True)])
    assert await client.interaction(ASKING.id, run) is None
    assert await client.state(ASKING.id, run) is ExecutionState.RUNNING
    with pytest.raises((NotVisible, InvalidRequest)):
        await client.answer(ASKING.id, run, [])


async def test_a_run_that_asks_nothing_has_no_question(client: Orchestrator, resize: PretendWorkflow) -> None:
    run = (await client.start(resize.id, [])).execution_id
    assert await client.interaction(resize.id, run) is None


# logs


async def test_a_log_is_read_oldest_first_without_noise(
    vro: PretendOrchestrator, client: Orchestrator
) -> None:
    talking = PretendWorkflow(
        name="Talk",
        script=Script(
            phases=(
                Phase(says=("one", "two"), lasts=timedelta(0), item="A"),
                Phase(says=("three",), lasts=timedelta(0), item="B"),
                Phase(says=("four",), item="C"),
            )
        ),
    )
    vro.add_workflow(talking)
    run = (await client.start(talking.id, [])).execution_id
    vro.finish(run, state="failed", error="Boom")
    lines = await client.logs(talking.id, run)
    said = [line.text for line in lines if line.text in {"one", "two", "three", "four"}]
    assert said == ["one", "two", "three", "four"]
    assert not any("__item_stack" in line.text or "End of execution stack" in line.text for line in lines)
    assert all(line.at is not None and line.severity == "info" for line in lines if line.text in said)


async def test_the_way_to_the_log_that_worked_is_tried_first_the_next_time(resize: PretendWorkflow) -> None:
    async with PretendOrchestrator(dialect=Dialect.V7) as vro:
        vro.add_workflow(resize)
        tried = counted(vro, "GET */syslogs")
        login = Bearer(token=vro.logins.static_token())
        async with reach(vro.url, login=login) as client:
            run = (await client.start(resize.id, [])).execution_id
            await client.logs(resize.id, run)
            await client.logs(resize.id, run)
    assert tried.seen == 1


async def test_a_server_with_neither_kind_of_system_log_has_events(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    run = (await client.start(resize.id, [])).execution_id
    vro.finish(run)
    vro.fault("* */syslogs", ArmedFault.NOT_ALLOWED, times=None)
    lines = await client.logs(resize.id, run)
    assert [line.text.rpartition(" ")[2] for line in lines] == ["started", "completed"]
    assert lines[0].user == "svc-chatops"


async def test_the_log_of_a_run_that_is_gone_is_not_visible(
    client: Orchestrator, resize: PretendWorkflow
) -> None:
    with pytest.raises(NotVisible):
        await client.logs(resize.id, "gone")


async def test_a_log_may_be_flat_empty_undated_or_longer_than_short() -> None:
    entries = [
        {"short-description": "late", "time-stamp": "2025-03-04T12:00:01Z", "severity": "WARNING"},
        {"entry": {"short-description": "cut", "long-description": "whole", "time-stamp": 1741089600000}},
        {"entry": {"short-description": "undated"}},
        {"entry": {"short-description": "  "}},
    ]
    async with responder(http(200, {"logs": entries}), http(200, {})) as server, to(server) as client:
        lines = await client.logs("w", "e")
        assert [(line.text, line.severity) for line in lines] == [
            ("undated", "unknown"),
            ("whole", "unknown"),
            ("late", "warning"),
        ]
        assert await client.logs("w", "e") == ()


# warmth


async def test_an_idle_connection_is_used_now_and_then(vro8: PretendOrchestrator, open_client: Open) -> None:
    calls = counted(vro8, "GET /about")
    seconds = [0.0]
    async with open_client(vro8, clock=lambda: seconds[0]) as client:
        await client.keep_warm()
        await client.keep_warm()
        assert calls.seen == 1
        seconds[0] = 9.0
        await client.keep_warm()
        assert calls.seen == 2
