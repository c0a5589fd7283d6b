"""The contract of POST /workflows/{id}/executions, row by row, against servers of every dialect."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.demo.orchestrator import ArmedFault, Complaint, Unauthorized
from bot.domain.errors import (
    AnswerLost,
    Busy,
    Conflict,
    Declined,
    Forbidden,
    InvalidRequest,
    LoginRefused,
    NothingSent,
    NotSupported,
    NotVisible,
    ServerFault,
    Unreachable,
    UnreadableAnswer,
)
from bot.domain.execution import Argument, ExecutionState, ProfilerOptions
from bot.domain.values import SecretText
from bot.domain.workflow import ParameterType
from bot.orchestrator.login import Aria, Basic, TokenEndpoint
from tests.orchestrator.raw_server import Reply, Then, http, responder
from tests.orchestrator.reaching import to

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from bot.demo.orchestrator import PretendOrchestrator, PretendWorkflow
    from bot.domain.values import Value
    from bot.orchestrator.client import Orchestrator

    Open = Callable[..., AbstractAsyncContextManager[Orchestrator]]

START = "POST */executions"
SHORT = timedelta(seconds=0.3)


def given(name: str, kind: str, value: Value, **more: Any) -> Argument:  # noqa: ANN401 - as Argument takes them
    return Argument(name=name, type=ParameterType(declared=kind), value=value, **more)


# body


async def test_the_body_names_each_input_with_its_type_scope_and_value(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    await client.start(resize.id, [given("server", "string", "web-01"), given("sizeGb", "number", 40)])
    assert vro.starts[0].body == {
        vro.habits.context_key: [
            {"name": "server", "type": "string", "scope": "local", "value": {"string": {"value": "web-01"}}},
            {"name": "sizeGb", "type": "number", "scope": "local", "value": {"number": {"value": 40}}},
        ]
    }


async def test_the_body_of_a_start_without_inputs_is_an_empty_object(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    await client.start(resize.id, [])
    assert vro.starts[0].body == {}


async def test_the_body_holds_all_that_is_set_and_nothing_else(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    told = given("server", "string", "x", description="Whose", updated=True, encrypt_value=False)
    profiler = ProfilerOptions(enabled=True, debugger_enabled=False, token_replay_enabled=False)
    await client.start(resize.id, [told], execution_id="d2c1", profiler=profiler)
    body = vro.starts[0].body
    assert isinstance(body, dict)
    assert body["executionId"] == "d2c1"
    assert body["profilerOptions"] == {
        "enabled": True,
        "debuggerEnabled": False,
        "tokenReplayEnabled": False,
    }
    assert body[vro.habits.context_key][0].keys() == {
        "name",
        "type",
        "scope",
        "description",
        "value",
        "updated",
        "encrypt-value",
    }


async def test_an_unset_profiler_option_is_not_sent(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    await client.start(resize.id, [], profiler=ProfilerOptions(enabled=True))
    assert vro.starts[0].body == {"profilerOptions": {"enabled": True}}


# value


async def test_a_value_of_none_is_left_out(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    await client.start(resize.id, [given("server", "string", None)])
    body = vro.starts[0].body
    assert isinstance(body, dict)
    assert body[vro.habits.context_key] == [{"name": "server", "type": "string", "scope": "local"}]


async def test_secrets_and_arrays_arrive_as_the_workflow_declares_them(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    secret = given("password", "SecureString", SecretText(text="hush"))
    await client.start(resize.id, [secret, given("tags", "Array/string", ("a", None, ""))])
    body = vro.starts[0].body
    assert isinstance(body, dict)
    values = [parameter["value"] for parameter in body[vro.habits.context_key]]
    assert values[0] == {"secure-string": {"value": "hush"}}
    assert values[1] == {"array": {"elements": [{"string": {"value": "a"}}, None, {"string": {"value": ""}}]}}


# 200 and 202


async def test_a_start_returns_the_id_that_the_server_gave(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    started = await client.start(resize.id, [given("server", "string", "web-01")])
    assert started.execution_id == vro.starts[0].execution_id
    assert (started.execution is not None) == vro.habits.start_body


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_a_start_with_a_body_returns_the_run_as_described(
    vro8: PretendOrchestrator, client8: Orchestrator, resize: PretendWorkflow, status: int
) -> None:
    vro8.habits = replace(vro8.habits, start_status=status, start_location=False)
    started = await client8.start(resize.id, [given("server", "string", "web-01")])
    assert started.execution is not None
    assert started.execution.id == started.execution_id == vro8.starts[0].execution_id
    assert started.execution.state is ExecutionState.RUNNING
    assert started.execution.started_by == "svc-chatops"
    assert ("server", "web-01") in [(each.name, each.value) for each in started.execution.inputs]


@pytest.mark.parametrize("slash", [True, False], ids=["trailing slash", "no slash"])
async def test_a_202_without_a_body_takes_the_id_from_location(
    vro8: PretendOrchestrator, client8: Orchestrator, resize: PretendWorkflow, *, slash: bool
) -> None:
    vro8.habits = replace(vro8.habits, start_body=False, location_slash=slash)
    started = await client8.start(resize.id, [])
    assert started.execution_id == vro8.starts[0].execution_id
    assert started.execution is None


@pytest.mark.parametrize("place", ["", "/login", "https://elsewhere/vco/api/workflows/w/executions/"])
async def test_a_202_that_names_no_run_is_a_lost_answer(place: str) -> None:
    async with responder(http(202, Location=place)) as server, to(server) as client:
        with pytest.raises(AnswerLost):
            await client.start("w", [])
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    "reply",
    [
        http(202, {"id": "from-body"}, cut=3, then=Then.CLOSE, Location="/workflows/w/executions/e-1/"),
        http(202, b'{"id": "from-bo', Location="/workflows/w/executions/e-1/"),
        http(202, b"<html>accepted</html>", kind="text/html", Location="/workflows/w/executions/e-1"),
        http(202, b"x" * 6_000_000, Location="/workflows/w/executions/e-1"),
        http(202, {"id": "from-body"}, cut=3, then=Then.HOLD, Location="/workflows/w/executions/e-1"),
        http(202, {"no": "id"}, Location="/workflows/w/executions/e-1?from=elsewhere"),
    ],
    ids=["cut off", "half a JSON", "HTML", "large", "silence within", "no id in the body"],
)
async def test_a_202_whose_body_cannot_be_read_but_whose_location_names_the_run_is_a_success(
    reply: Reply,
) -> None:
    async with responder(reply) as server, to(server, timeout=timedelta(seconds=1)) as client:
        assert (await client.start("w", [])).execution_id == "e-1"


# 400


async def test_a_400_says_that_the_request_is_invalid_and_nothing_started(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    with pytest.raises(InvalidRequest, match="invalid \\(400\\)") as raised:
        await client.start(resize.id, [given("noSuchInput", "string", "x")])
    assert "HTML" not in raised.value.message
    assert "<" not in raised.value.message
    assert vro.starts == []


async def test_a_400_with_a_message_repeats_it_short_and_plain() -> None:
    message = "Field\u202e 'server'\n is\x00 wrong " + "y" * 500
    async with responder(http(400, {"message": message})) as server, to(server) as client:
        with pytest.raises(InvalidRequest) as raised:
            await client.start("w", [])
    assert "Field 'server' is wrong yyy" in raised.value.message
    assert len(raised.value.message) < 300


async def test_a_400_never_repeats_a_secret_that_was_sent() -> None:
    async with responder(http(400, {"message": "bad value s3cret!"})) as server, to(server) as client:
        with pytest.raises(InvalidRequest) as raised:
            await client.start("w", [given("password", "SecureString", SecretText(text="s3cret"))])
    assert "bad value •••!" in raised.value.message


@pytest.mark.parametrize(("key", "other"), [("parameter", "parameters"), ("parameters", "parameter")])
async def test_a_400_that_names_the_list_of_inputs_says_which_setting_to_change(
    vro8: PretendOrchestrator, open_client: Open, resize: PretendWorkflow, key: str, other: str
) -> None:
    vro8.habits = replace(vro8.habits, context_key=other, complaint=Complaint.JSON)
    async with open_client(vro8, parameter_key=key) as client:
        with pytest.raises(InvalidRequest, match=f"ORCHESTRATOR_PARAMETER_KEY={other}\\."):
            await client.start(resize.id, [given("server", "string", "x")])
    async with open_client(vro8, parameter_key=other) as client:
        await client.start(resize.id, [given("server", "string", "x")])


async def test_a_400_about_something_else_does_not_speak_of_the_setting(
    vro8: PretendOrchestrator, client8: Orchestrator, resize: PretendWorkflow
) -> None:
    vro8.habits = replace(vro8.habits, complaint=Complaint.JSON)
    with pytest.raises(InvalidRequest, match="noSuchInput") as raised:
        await client8.start(resize.id, [given("noSuchInput", "string", "x")])
    assert "ORCHESTRATOR_PARAMETER_KEY" not in raised.value.message


# 401


async def test_a_401_renews_the_login_once_and_starts_once(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    vro.fault(START, ArmedFault.UNAUTHORIZED)
    started = await client.start(resize.id, [])
    assert [start.execution_id for start in vro.starts] == [started.execution_id]


async def test_a_second_401_is_the_bots_own_login_refused(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    fault = vro.fault(START, ArmedFault.UNAUTHORIZED, times=None)
    with pytest.raises(LoginRefused, match="bot's own login"):
        await client.start(resize.id, [])
    assert fault.seen == 2
    assert vro.starts == []


async def test_a_revoked_token_is_replaced_before_the_start_is_sent_again(
    vro8: PretendOrchestrator, open_client: Open, resize: PretendWorkflow
) -> None:
    login = Aria(url=vro8.url, user="svc-chatops", password="pretend-password")
    async with open_client(vro8, login=login) as client:
        await client.workflows()
        vro8.logins.revoke_all()
        await client.start(resize.id, [])
    assert vro8.logins.count == 2
    assert len(vro8.starts) == 1


# 403, 404, 405, 409, 429


async def test_a_403_with_a_challenge_is_an_expired_token(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    vro.fault(START, ArmedFault.TOKEN_EXPIRED)
    await client.start(resize.id, [])
    assert len(vro.starts) == 1


async def test_a_404_does_not_say_whether_the_workflow_is_missing_or_hidden(client: Orchestrator) -> None:
    with pytest.raises(NotVisible, match="does not say which"):
        await client.start("missing", [])


def test_400_401_and_404_speak_different_words() -> None:
    assert len({InvalidRequest().message, LoginRefused().message, NotVisible().message}) == 3
    assert issubclass(LoginRefused, NothingSent)
    assert not issubclass(NotVisible, InvalidRequest)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (ArmedFault.BAD_REQUEST, InvalidRequest),
        (ArmedFault.FORBIDDEN, Forbidden),
        (ArmedFault.NOT_FOUND, NotVisible),
        (ArmedFault.NOT_ALLOWED, NotSupported),
        (ArmedFault.CONFLICT, Conflict),
        (ArmedFault.TOO_MANY, Busy),
        (ArmedFault.ERROR, ServerFault),
        (ArmedFault.ERROR_AFTER, ServerFault),
        (ArmedFault.UNAVAILABLE, ServerFault),
        (ArmedFault.LOGIN_REDIRECT, UnreadableAnswer),
        (ArmedFault.HTML_OK, UnreadableAnswer),
        (ArmedFault.CUT_JSON, AnswerLost),
        (ArmedFault.HUGE, UnreadableAnswer),
        (ArmedFault.RESET, AnswerLost),
        (ArmedFault.DROP_BEFORE, AnswerLost),
        (ArmedFault.DROP_AFTER, AnswerLost),
    ],
)
async def test_every_other_answer_has_its_own_error_and_is_never_sent_again(
    vro: PretendOrchestrator,
    client: Orchestrator,
    resize: PretendWorkflow,
    fault: ArmedFault,
    expected: type[Exception],
) -> None:
    vro.habits = replace(vro.habits, start_location=False, start_body=True)
    armed = vro.fault(START, fault, times=None)
    with pytest.raises(expected) as raised:
        await client.start(resize.id, [])
    assert armed.seen == 1
    assert "connection" not in str(raised.value)
    assert "java" not in str(raised.value)


@pytest.mark.parametrize("status", [402, 406, 408, 413, 415, 422, 451])
async def test_any_other_4xx_is_a_refusal_without_effect(status: int) -> None:
    async with (
        responder(http(status, b"<p>secret stack</p>", kind="text/html")) as server,
        to(server) as client,
    ):
        with pytest.raises(Declined, match=f"\\({status}\\). It had no effect"):
            await client.start("w", [])


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 599])
async def test_a_5xx_tells_nothing_of_its_body(status: int) -> None:
    body = {"message": "cannot reach db at 10.0.0.7", "stackTrace": ["at com.example.Db"]}
    async with responder(http(status, body)) as server, to(server) as client:
        with pytest.raises(ServerFault) as raised:
            await client.start("w", [])
    assert raised.value.message == ServerFault().message


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with responder(http(202, {"id": "trap"})) as other:
        redirect = http(status, Location=f"{other.url}/vco/api/workflows/w/executions/trap")
        async with responder(redirect) as server, to(server) as client:
            with pytest.raises(UnreadableAnswer, match="login page"):
                await client.start("w", [])
        assert other.seen == []


async def test_429_says_how_long_to_wait(vro: PretendOrchestrator, client: Orchestrator) -> None:
    vro.fault("GET /workflows/*", ArmedFault.TOO_MANY, retry_after="7")
    with pytest.raises(Busy) as raised:
        await client.workflow("w")
    assert raised.value.retry_after == timedelta(seconds=7)


# silence


async def test_silence_after_sending_is_a_lost_answer(
    vro: PretendOrchestrator, open_client: Open, resize: PretendWorkflow
) -> None:
    async with open_client(vro, timeout=SHORT) as client:
        await client.workflows()
        vro.fault(START, ArmedFault.SILENCE_AFTER)
        with pytest.raises(AnswerLost):
            await client.start(resize.id, [])
    assert len(vro.starts) == 1


async def test_a_start_is_not_sent_again_after_a_dropped_connection(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    armed = vro.fault(START, ArmedFault.DROP_AFTER, times=None)
    with pytest.raises(AnswerLost):
        await client.start(resize.id, [])
    assert armed.seen == len(vro.starts) == 1


async def test_a_server_that_is_not_there_took_nothing(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    await client.workflows()
    await vro.refuse_connections()
    with pytest.raises(Unreachable):
        await client.start(resize.id, [])
    await vro.listen()
    await client.start(resize.id, [])
    assert len(vro.starts) == 1


# states


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("running", ExecutionState.RUNNING),
        ("RUNNING", ExecutionState.RUNNING),
        ("STATE_WAITING_ON_SIGNAL", ExecutionState.WAITING_SIGNAL),
        ("waiting-signal", ExecutionState.WAITING_SIGNAL),
        ("waiting Signal", ExecutionState.WAITING_SIGNAL),
        ("Cancelled", ExecutionState.CANCELED),
        ("canceled", ExecutionState.CANCELED),
        ("debugging", ExecutionState.OTHER),
        ("RUN_NOT_FOUND", ExecutionState.OTHER),
    ],
)
@pytest.mark.parametrize("key", ["value", "state"])
async def test_states_are_read_in_either_case_and_spelling(
    key: str, word: str, expected: ExecutionState
) -> None:
    async with responder(http(200, {key: word})) as server, to(server) as client:
        assert await client.state("w", "e") is expected


async def test_an_unknown_state_is_not_an_end() -> None:
    async with responder(http(200, {"value": "hibernating"})) as server, to(server) as client:
        assert not (await client.state("w", "e")).is_end


@pytest.mark.parametrize("body", [{}, [], {"value": None}, {"value": {"a": 1}}])
async def test_an_answer_without_a_state_is_no_answer(body: object) -> None:
    async with responder(http(200, body)) as server, to(server) as client:
        with pytest.raises(UnreadableAnswer):
            await client.state("w", "e")


# logins of every kind lead to a start


async def test_every_login_starts_a_run(
    vro: PretendOrchestrator, open_client: Open, resize: PretendWorkflow
) -> None:
    user, password = vro.logins.accounts[0].username, vro.logins.accounts[0].password
    ways = {
        "basic": Basic(user=user, password=password),
        "csp": Aria(url=vro.url, user=user, password=password, domain="System Domain"),
        "oauth": TokenEndpoint(
            url=f"{vro.url}/tm/oauth/tenant/pretend/token", refresh_token=vro.logins.refresh_token()
        ),
    }
    for name, login in ways.items():
        if name in vro.habits.logins:
            async with open_client(vro, login=login) as client:
                await client.start(resize.id, [])
    assert len(vro.starts) == len(vro.habits.logins)


@pytest.mark.parametrize("manner", list(Unauthorized))
async def test_a_login_page_in_place_of_a_401_has_reads_log_in_again(
    vro8: PretendOrchestrator, open_client: Open, manner: Unauthorized
) -> None:
    vro8.habits = replace(vro8.habits, unauthorized=manner)
    login = Aria(url=vro8.url, user="svc-chatops", password="pretend-password")
    async with open_client(vro8, login=login) as client:
        await client.workflows()
        vro8.logins.revoke_all()
        await client.workflows()
    assert vro8.logins.count == 2


@pytest.mark.parametrize("manner", [Unauthorized.LOGIN_PAGE, Unauthorized.REDIRECT])
async def test_a_login_page_in_place_of_a_start_s_answer_is_not_overcome_by_a_second_start(
    vro8: PretendOrchestrator, open_client: Open, resize: PretendWorkflow, manner: Unauthorized
) -> None:
    vro8.habits = replace(vro8.habits, unauthorized=manner)
    login = Aria(url=vro8.url, user="svc-chatops", password="pretend-password")
    async with open_client(vro8, login=login) as client:
        await client.workflows()
        vro8.logins.revoke_all()
        posts = vro8.fault(START, ArmedFault.SLOW, times=None, delay=0)
        with pytest.raises(UnreadableAnswer):
            await client.start(resize.id, [])
        assert posts.seen == 1
        await client.start(resize.id, [])
    assert vro8.logins.count == 2
    assert len(vro8.starts) == 1


async def test_starts_under_way_at_once_stay_apart(
    vro: PretendOrchestrator, client: Orchestrator, resize: PretendWorkflow
) -> None:
    asked = (client.start(resize.id, [given("server", "string", f"web-{n}")]) for n in range(20))
    started = await asyncio.gather(*asked)
    assert len({each.execution_id for each in started}) == len(vro.starts) == 20
