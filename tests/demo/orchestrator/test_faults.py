from __future__ import annotations

import asyncio

import httpx
import pytest

from bot.demo.orchestrator import ArmedFault, PretendWorkflow
from tests.demo.orchestrator.visit import Visit, visiting

MANUAL = PretendWorkflow(name="By hand")
START = "POST */executions"


async def struck(visit: Visit, kind: ArmedFault, *, status: int = 500) -> httpx.Response:
    """The answer to a start that the fault hits."""
    visit.vro.add_workflow(MANUAL)
    visit.vro.fault(START, kind, status=status)
    return await visit.post(MANUAL, {})


@pytest.mark.parametrize("kind", [ArmedFault.RESET, ArmedFault.DROP_BEFORE])
async def test_a_connection_lost_before_executed_nothing(kind: ArmedFault) -> None:
    async with visiting() as visit:
        with pytest.raises(httpx.TransportError):
            await struck(visit, kind)
        assert visit.vro.starts == []


@pytest.mark.parametrize("kind", [ArmedFault.DROP_AFTER, ArmedFault.CUT_STREAM])
async def test_a_connection_lost_after_did_execute_and_delivered_nothing(kind: ArmedFault) -> None:
    async with visiting() as visit:
        with pytest.raises(httpx.TransportError):
            await struck(visit, kind)
        assert [each.delivered for each in visit.vro.starts] == [False]


@pytest.mark.parametrize(("kind", "starts"), [(ArmedFault.SILENCE, 0), (ArmedFault.SILENCE_AFTER, 1)])
async def test_silence_lasts_until_the_caller_gives_up(kind: ArmedFault, starts: int) -> None:
    async with visiting() as visit:
        visit.api.timeout = httpx.Timeout(0.1)
        with pytest.raises(httpx.ReadTimeout):
            await struck(visit, kind)
        assert [each.delivered for each in visit.vro.starts] == [False] * starts


@pytest.mark.parametrize(
    ("kind", "status", "header"),
    [
        (ArmedFault.TOO_MANY, 429, "Retry-After"),
        (ArmedFault.UNAVAILABLE, 503, "Retry-After"),
        (ArmedFault.UNAUTHORIZED, 401, "Content-Type"),
        (ArmedFault.FORBIDDEN, 403, "Content-Type"),
        (ArmedFault.TOKEN_EXPIRED, 403, "WWW-Authenticate"),
        (ArmedFault.NOT_FOUND, 404, "Content-Type"),
        (ArmedFault.BAD_REQUEST, 400, "Content-Type"),
        (ArmedFault.NOT_ALLOWED, 405, "Content-Type"),
        (ArmedFault.CONFLICT, 409, "Content-Type"),
        (ArmedFault.HTML_OK, 200, "Content-Type"),
        (ArmedFault.LOGIN_REDIRECT, 302, "Location"),
        (ArmedFault.ERROR, 502, "Content-Type"),
    ],
)
async def test_an_error_answer_executed_nothing(kind: ArmedFault, status: int, header: str) -> None:
    async with visiting() as visit:
        answer = await struck(visit, kind, status=502)
        assert answer.status_code == status
        assert header in answer.headers
        assert visit.vro.starts == []


async def test_an_error_carries_a_stack_trace() -> None:
    async with visiting() as visit:
        body = (await struck(visit, ArmedFault.ERROR)).json()
        assert set(body) == {"message", "statusCode", "messageId", "errorCode", "stackTrace"}
        assert any("\tat " in line for line in body["stackTrace"])


async def test_an_error_can_hide_a_start() -> None:
    async with visiting() as visit:
        answer = await struck(visit, ArmedFault.ERROR_AFTER, status=504)
        assert answer.status_code == 504
        assert [each.delivered for each in visit.vro.starts] == [False]


async def test_json_can_be_cut_off() -> None:
    async with visiting() as visit:
        answer = await struck(visit, ArmedFault.CUT_JSON)
        assert answer.is_success
        with pytest.raises(ValueError, match="line 1"):
            answer.json()
        assert len(visit.vro.starts) == 1


async def test_an_answer_can_be_five_megabytes() -> None:
    async with visiting() as visit:
        assert len((await struck(visit, ArmedFault.HUGE)).content) > 5_000_000


async def test_a_slow_answer_waits_for_its_release_though_the_start_was_executed() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        armed = visit.vro.fault(START, ArmedFault.SLOW)
        asking = asyncio.create_task(visit.post(MANUAL, {}))
        async with asyncio.timeout(5):
            await armed.holding()
        assert not asking.done()
        assert len(visit.vro.starts) == 1
        armed.release()
        assert (await asking).status_code == 202
        assert visit.vro.starts[0].delivered


async def test_a_slow_start_is_executed_only_when_released() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        armed = visit.vro.fault(START, ArmedFault.SLOW_BEFORE)
        asking = asyncio.create_task(visit.post(MANUAL, {}))
        async with asyncio.timeout(5):
            await armed.holding()
        assert visit.vro.starts == []
        armed.release()
        assert (await asking).status_code == 202


async def test_slow_by_a_delay_needs_no_release() -> None:
    async with visiting() as visit:
        visit.vro.fault("GET */workflows", ArmedFault.SLOW, delay=0.01)
        assert await visit.get("/workflows")


async def test_a_fault_hits_as_often_as_told_and_only_what_it_matches() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(MANUAL)
        armed = visit.vro.fault("GET /workflows/*", ArmedFault.CONFLICT, times=2)
        assert (await visit.api.get("/workflows")).status_code == 200
        answers = [await visit.api.get(f"/workflows/{MANUAL.id}/") for _ in range(3)]
        assert [each.status_code for each in answers] == [409, 409, 200]
        assert armed.seen == 2


async def test_a_fault_without_end_lasts_until_it_is_disarmed() -> None:
    async with visiting() as visit:
        armed = visit.vro.fault("* *", ArmedFault.UNAVAILABLE, times=None)
        answers = [(await visit.api.get("/workflows")).status_code for _ in range(3)]
        armed.disarm()
        assert [*answers, (await visit.api.get("/workflows")).status_code] == [503, 503, 503, 200]


async def test_a_fault_may_hit_a_share_of_the_requests() -> None:
    async with visiting() as visit:
        armed = visit.vro.fault("* *", ArmedFault.UNAVAILABLE, times=None, rate=0.5)
        for _ in range(40):
            await visit.api.get("/about")
        assert 5 < armed.seen < 35


async def test_login_paths_can_be_hit_too() -> None:
    async with visiting() as visit:
        visit.vro.fault("POST /iaas/api/login", ArmedFault.TOO_MANY)
        answer = await visit.api.post(f"{visit.vro.url}/iaas/api/login", json={"refreshToken": "x"})
        assert answer.status_code == 429


async def test_connections_can_be_refused_and_taken_again_at_the_same_address() -> None:
    async with visiting() as visit:
        await visit.get("/about")
        before = visit.vro.url
        await visit.vro.refuse_connections()
        with pytest.raises(httpx.ConnectError):
            await visit.api.get("/about")
        await visit.vro.listen()
        assert visit.vro.url == before
        await visit.get("/about")
