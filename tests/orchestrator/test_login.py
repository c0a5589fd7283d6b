"""Logins: each way in, one at a time for all who wait, and none of it in a log."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.demo.orchestrator import ArmedFault, Dialect, PretendOrchestrator
from bot.domain.errors import Busy, LoginRefused, NothingSent, OrchestratorError, Unreachable
from bot.orchestrator.login import Aria, Basic, Bearer, TokenEndpoint, lifetime_of
from tests.orchestrator.raw_server import Then, http, responder
from tests.orchestrator.reaching import reach

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from bot.orchestrator.client import Orchestrator

    Open = Callable[..., AbstractAsyncContextManager[Orchestrator]]

EXCHANGE = "POST /iaas/api/login"
PASSWORD = "POST /csp/gateway/am/api/login"


@dataclass(kw_only=True)
class Clock:
    """Seconds and the moment they stand for, moved by hand."""

    seconds: float = 1000.0
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.began + timedelta(seconds=self.seconds - 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def vro8(clock: Clock) -> AsyncIterator[PretendOrchestrator]:
    async with PretendOrchestrator(now=clock.now) as pretend:
        yield pretend


@pytest.fixture
async def vro9(clock: Clock) -> AsyncIterator[PretendOrchestrator]:
    async with PretendOrchestrator(dialect=Dialect.V9, now=clock.now) as pretend:
        yield pretend


def aria(vro: PretendOrchestrator, **changes: Any) -> Aria:  # noqa: ANN401 - as Aria takes them
    fields = {"url": vro.url, "user": "svc-chatops", "password": "pretend-password"} | changes
    return Aria(**fields)


@dataclass(kw_only=True)
class Shelf:
    """Where a refresh token is kept between two starts of the bot."""

    token: str | None = None
    kept: list[str] = field(default_factory=list)
    broken: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def patiently(self) -> str | None:
        """Give out the token once the shelf is open."""
        self.asked.set()
        await self.open.wait()
        return self.token

    async def keep(self, token: str) -> None:
        if self.broken:
            raise OSError("disk full")
        self.token = token
        self.kept.append(token)

    async def latest(self) -> str | None:
        return self.token


def endpoint(vro: PretendOrchestrator, shelf: Shelf, token: str | None = None) -> TokenEndpoint:
    return TokenEndpoint(
        url=f"{vro.url}/tm/oauth/tenant/pretend/token",
        refresh_token=token or vro.logins.refresh_token(),
        kept=shelf.keep,
        latest=shelf.latest,
    )


# each way in


async def test_basic_sends_user_and_password_as_utf8() -> None:
    async with responder(http(200, {"link": []})) as server:
        login = Basic(user="svc", password="pässword:with:colons")
        async with reach(server.url, login=login) as client:
            await client.workflows()
    sent = server.seen[0].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == "svc:pässword:with:colons"


def test_a_user_name_with_a_colon_cannot_be_sent_by_basic() -> None:
    with pytest.raises(ValueError, match="colon"):
        Basic(user="a:b", password="x")


async def test_a_bearer_is_sent_without_the_line_end_of_its_file() -> None:
    async with (
        responder(http(200, {"link": []})) as server,
        reach(server.url, login=Bearer(token="abc\n")) as client,
    ):
        await client.workflows()
    assert server.seen[0].headers["authorization"] == "Bearer abc"


@pytest.mark.parametrize("token", ["", " ", "a b", "a\nb", "é"])
def test_a_bearer_that_no_header_can_hold_is_refused_at_once(token: str) -> None:
    with pytest.raises(ValueError, match="plain ASCII"):
        Bearer(token=token)


async def test_aria_logs_in_with_domain_and_exchanges_the_refresh_token_again_later(
    vro8: PretendOrchestrator, open_client: Open, clock: Clock
) -> None:
    passwords = vro8.fault(PASSWORD, ArmedFault.SLOW, times=None, delay=0)
    login = aria(vro8, domain="System Domain")
    async with open_client(vro8, login=login, clock=clock.monotonic) as client:
        await client.workflows()
        clock.seconds += 3600
        await client.workflows()
    assert vro8.logins.count == 2
    assert passwords.seen == 1


async def test_aria_asks_for_the_password_again_when_its_refresh_token_has_died(
    vro8: PretendOrchestrator, open_client: Open, clock: Clock
) -> None:
    passwords = vro8.fault(PASSWORD, ArmedFault.SLOW, times=None, delay=0)
    async with open_client(vro8, login=aria(vro8), clock=clock.monotonic) as client:
        await client.workflows()
        clock.seconds += timedelta(days=100).total_seconds()
        await client.workflows()
    assert passwords.seen == 2


async def test_a_token_endpoint_hands_out_a_token_that_opens_the_door(
    vro9: PretendOrchestrator, open_client: Open
) -> None:
    shelf = Shelf()
    async with open_client(vro9, login=endpoint(vro9, shelf)) as client:
        await client.workflows()
        await client.workflows()
    assert vro9.logins.count == 1
    assert shelf.kept == []


async def test_a_rotated_refresh_token_is_kept_before_it_is_needed(
    vro9: PretendOrchestrator, open_client: Open, clock: Clock
) -> None:
    vro9.logins.rotates = True
    shelf = Shelf()
    login = endpoint(vro9, shelf)
    async with open_client(vro9, login=login, clock=clock.monotonic) as client:
        await client.workflows()
        clock.seconds += 3600
        await client.workflows()
    async with open_client(vro9, login=login, clock=clock.monotonic) as restarted:
        await restarted.workflows()
    assert len(set(shelf.kept)) == 3
    assert vro9.logins.count == 3


async def test_a_refresh_token_renewed_by_hand_counts_when_the_kept_one_is_dead(
    vro9: PretendOrchestrator, open_client: Open
) -> None:
    shelf = Shelf(token="dead-since-spring")
    async with open_client(vro9, login=endpoint(vro9, shelf)) as client:
        await client.workflows()


async def test_a_refresh_token_that_could_not_be_kept_is_not_lost(
    vro9: PretendOrchestrator, open_client: Open
) -> None:
    vro9.logins.rotates = True
    shelf = Shelf(broken=True)
    async with open_client(vro9, login=endpoint(vro9, shelf)) as client:
        with pytest.raises(OSError, match="disk full"):
            await client.workflows()
        shelf.broken = False
        await client.workflows()
    assert len(shelf.kept) == 1


async def test_closing_waits_for_a_login_under_way_so_that_its_refresh_token_is_kept(
    vro9: PretendOrchestrator, open_client: Open
) -> None:
    vro9.logins.rotates = True
    shelf = Shelf()
    async with open_client(vro9, login=replace(endpoint(vro9, shelf), latest=shelf.patiently)) as client:
        asked = asyncio.create_task(client.workflows())
        await shelf.asked.wait()
        asked.cancel()
        await asyncio.wait([asked])
        shelf.open.set()
    assert len(shelf.kept) == 1


# one login for all


async def test_fifty_calls_wait_for_one_login(vro8: PretendOrchestrator, open_client: Open) -> None:
    async with open_client(vro8, login=aria(vro8)) as client:
        await asyncio.gather(*(client.workflows() for _ in range(50)))
    assert vro8.logins.count == 1


async def test_fifty_calls_with_a_revoked_token_renew_it_once(
    vro8: PretendOrchestrator, open_client: Open
) -> None:
    async with open_client(vro8, login=aria(vro8)) as client:
        await client.workflows()
        vro8.logins.revoke_all()
        await asyncio.gather(*(client.workflows() for _ in range(50)))
    assert vro8.logins.count == 2


async def test_fifty_calls_with_a_wrong_password_try_it_once(
    vro8: PretendOrchestrator, open_client: Open, clock: Clock
) -> None:
    async with open_client(vro8, login=aria(vro8, password="wrong"), clock=clock.monotonic) as client:
        results = await asyncio.gather(*(client.workflows() for _ in range(50)), return_exceptions=True)
        assert {type(result) for result in results} == {LoginRefused}
        assert vro8.logins.refused == 1
        with pytest.raises(LoginRefused):
            await client.workflows()
        assert vro8.logins.refused == 1
        clock.seconds += 60
        with pytest.raises(LoginRefused):
            await client.workflows()
    assert vro8.logins.refused == 2


async def test_a_caller_who_gives_up_does_not_end_the_login_others_wait_for(
    vro9: PretendOrchestrator, open_client: Open
) -> None:
    shelf = Shelf()
    async with open_client(vro9, login=replace(endpoint(vro9, shelf), latest=shelf.patiently)) as client:
        first, second = (asyncio.create_task(client.workflows()) for _ in range(2))
        await shelf.asked.wait()
        first.cancel()
        await asyncio.wait([first])
        shelf.open.set()
        assert await second == ()
    assert vro9.logins.count == 1


# ahead of its end


async def test_a_token_is_not_sent_in_its_last_seconds(
    vro8: PretendOrchestrator, open_client: Open, clock: Clock
) -> None:
    async with open_client(vro8, login=aria(vro8), clock=clock.monotonic) as client:
        await client.workflows()
        clock.seconds += 3600 - 10
        await client.workflows()
    assert vro8.logins.count == 2


async def test_an_idle_moment_renews_a_token_minutes_ahead(
    vro8: PretendOrchestrator, open_client: Open, clock: Clock
) -> None:
    async with open_client(vro8, login=aria(vro8), clock=clock.monotonic) as client:
        await client.keep_warm()
        await client.keep_warm()
        assert vro8.logins.count == 1
        clock.seconds += 3600 - 200
        await client.workflows()
        assert vro8.logins.count == 1
        await client.keep_warm()
    assert vro8.logins.count == 2


async def test_keeping_warm_a_server_that_is_away_says_nothing(
    vro8: PretendOrchestrator, open_client: Open
) -> None:
    await vro8.refuse_connections()
    async with open_client(vro8, login=aria(vro8)) as client:
        await client.keep_warm()


def test_a_jwt_lives_as_long_as_its_own_claims_say() -> None:
    assert lifetime_of(jwt(iat=5000, exp=5600)) == timedelta(minutes=10)
    assert lifetime_of(jwt(iat=5600, exp=5000)) is None


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.e30.c", "a.W10.c", "a.bnVsbA.c", "a.\u00e9.c"])
def test_a_token_that_says_nothing_has_no_known_life(token: str) -> None:
    assert lifetime_of(token) is None


def jwt(**claims: float) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{part}.sig"


# what goes wrong is no effect


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (ArmedFault.UNAUTHORIZED, LoginRefused),
        (ArmedFault.FORBIDDEN, LoginRefused),
        (ArmedFault.BAD_REQUEST, LoginRefused),
        (ArmedFault.LOGIN_REDIRECT, LoginRefused),
        (ArmedFault.HTML_OK, LoginRefused),
        (ArmedFault.CUT_JSON, LoginRefused),
        (ArmedFault.TOO_MANY, Busy),
        (ArmedFault.ERROR, Unreachable),
        (ArmedFault.UNAVAILABLE, Unreachable),
        (ArmedFault.RESET, Unreachable),
        (ArmedFault.DROP_AFTER, Unreachable),
        (ArmedFault.CUT_STREAM, Unreachable),
        (ArmedFault.HUGE, Unreachable),
        (ArmedFault.SILENCE, Unreachable),
    ],
)
@pytest.mark.parametrize("step", [PASSWORD, EXCHANGE])
async def test_a_login_that_fails_means_that_orchestrator_was_not_asked(
    vro8: PretendOrchestrator,
    open_client: Open,
    step: str,
    fault: ArmedFault,
    expected: type[OrchestratorError],
) -> None:
    vro8.fault(step, fault, times=None)
    short = timedelta(seconds=0.3)
    async with open_client(vro8, login=aria(vro8), timeout=short) as client:
        with pytest.raises(expected) as raised:
            await client.start("w", [])
    assert isinstance(raised.value, NothingSent)


async def test_a_login_service_that_is_not_there_is_unreachable(
    vro8: PretendOrchestrator, open_client: Open
) -> None:
    async with open_client(vro8, login=aria(vro8, url="http://localhost:1")) as client:
        with pytest.raises(Unreachable, match="login service cannot be reached"):
            await client.workflows()


@pytest.mark.parametrize(
    "body", [{}, [], {"token": None}, {"token": ""}, {"token": "a\nb"}, {"token": 5}, "x"]
)
async def test_an_answer_without_a_usable_token_is_a_refused_login(body: object) -> None:
    async with responder(http(200, {"refresh_token": "r"}), http(200, body)) as server:
        login = Aria(url=server.url, user="u", password="p")
        async with reach(server.url, login=login) as client:
            with pytest.raises(LoginRefused):
                await client.workflows()


async def test_a_login_that_stops_half_way_is_bounded_in_time() -> None:
    async with responder(http(200, {"refresh_token": "r"}, cut=5, then=Then.HOLD)) as server:
        login = Aria(url=server.url, user="u", password="p")
        async with reach(server.url, login=login, timeout=timedelta(seconds=0.2)) as client:
            with pytest.raises(Unreachable):
                await client.workflows()


async def test_public_pages_are_read_without_a_login(vro8: PretendOrchestrator, open_client: Open) -> None:
    async with open_client(vro8, login=aria(vro8, password="wrong")) as client:
        assert (await client.about()).version.startswith("8.")
        assert (await client.health()).is_running
    assert vro8.logins.refused == 0


async def test_public_pages_are_read_with_a_login_where_the_server_asks_for_one() -> None:
    replies = http(401), http(200, {"version": "8.18.1", "build-number": "7", "api-version": "5.0"})
    async with responder(*replies) as server, reach(server.url, login=Bearer(token="abc")) as client:
        about = await client.about()
    assert (about.version, about.build, about.api_version) == ("8.18.1", "7", "5.0")
    assert ["authorization" in seen.headers for seen in server.seen] == [False, True]


# nothing of it is told


async def test_no_log_holds_a_password_a_token_or_a_value(
    vro9: PretendOrchestrator, vro8: PretendOrchestrator, open_client: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    vro9.logins.rotates = True
    shelf = Shelf()
    first = vro9.logins.refresh_token()
    vro9.fault("GET /workflows", ArmedFault.TOKEN_EXPIRED)
    async with open_client(vro9, login=endpoint(vro9, shelf, first)) as client:
        await client.workflows()
    vro8.fault("GET /workflows", ArmedFault.UNAUTHORIZED)
    async with open_client(vro8, login=aria(vro8)) as client:
        await client.workflows()
    async with open_client(vro8, login=Basic(user="svc-chatops", password="pretend-password")) as client:
        await client.workflows()
    basic = base64.b64encode(b"svc-chatops:pretend-password").decode()
    tokens = [*vro9.logins._tokens, *vro8.logins._tokens, *vro8.logins._refresh]  # noqa: SLF001 - the secrets themselves
    assert len(caplog.records) > 20
    for secret in [first, *shelf.kept, *tokens, basic, "pretend-password"]:
        assert secret not in caplog.text


def test_no_representation_shows_a_secret() -> None:
    shelf = Shelf()
    basic = Basic(user="u", password="hush")
    logins = [
        basic,
        Bearer(token="hush"),
        Aria(url="https://a", user="u", password="hush"),
        TokenEndpoint(url="https://a", refresh_token="hush", kept=shelf.keep),
    ]
    assert "hush" not in repr(logins)
    assert "hush" not in repr([replace(basic, user="v")])


# a refused password


async def test_a_refused_password_is_sent_again_only_after_growing_pauses() -> None:
    seconds = [0.0]
    wrong = Basic(user="svc-chatops", password="wrong")
    tried_at = []
    async with (
        PretendOrchestrator(dialect=Dialect.V7) as vro,
        reach(vro.url, login=wrong, clock=lambda: seconds[0]) as client,
    ):
        for _ in range(600):
            before = len(vro.requests)
            with pytest.raises(LoginRefused):
                await client.workflows()
            tried_at += [seconds[0]] * (len(vro.requests) - before)
            seconds[0] += 1.0
    assert tried_at == [0, 15, 45, 105, 225, 465]


async def test_a_password_refused_at_one_address_only_goes_on_working() -> None:
    right = Basic(user="svc-chatops", password="pretend-password")
    async with PretendOrchestrator(dialect=Dialect.V7) as vro, reach(vro.url, login=right) as client:
        for _ in range(3):
            await client.workflows()
            vro.fault("GET */state", ArmedFault.UNAUTHORIZED)
            with pytest.raises(LoginRefused):
                await client.state("w", "e")
        assert await client.workflows() == ()
