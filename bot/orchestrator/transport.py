"""Every request to Orchestrator: with its login, within its time, sent again only where that is harmless."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urlencode

import httpx

from bot.domain.errors import AnswerLost, InvalidRequest, LoginRefused, NothingSent
from bot.orchestrator.answers import clock_gap, failure, is_login_page, is_login_refusal, one_line
from bot.orchestrator.connection import open_http
from bot.orchestrator.exchange import DROPPED, ApiAnswer, Journey, exchange
from bot.orchestrator.renewal import LoginKeeper
from bot.runtime.metrics import ORCHESTRATOR, timed

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from bot.orchestrator.connection import Connection

_log = logging.getLogger(__name__)
_CORRELATION = ("x-request-id", "x-correlation-id", "x-vcf-requestid")
_LONGEST_ID = 500  # characters


@dataclass(frozen=True, kw_only=True)
class ApiCall:
    """One request, free of host and login."""

    path: tuple[str, ...]
    method: str = "GET"
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)
    large: bool = False  # lists and logs may be larger than other answers
    public: bool = False  # answered without a login by most servers
    only_asks: bool = False  # a POST that changes nothing, and so does not stand before a start

    def __post_init__(self) -> None:
        for part in self.path:
            if part in {"", ".", ".."} or len(part) > _LONGEST_ID:
                raise InvalidRequest("That is not an id of Orchestrator's. Nothing was sent.")

    @property
    def target(self) -> str:
        """The path and query below the API's root, quoted."""
        path = "/".join(quote(part, safe="", errors="replace") for part in self.path)
        return f"/{path}?{urlencode(self.query)}" if self.query else f"/{path}"


class Transport:
    """Sends calls over one long-lived HTTP client; use it as a context manager, in one event loop."""

    def __init__(self, connection: Connection, *, clock: Callable[[], float]) -> None:
        self._connection = connection
        self._clock = clock
        self._http = open_http(connection)
        self._login = LoginKeeper(connection, self._http, clock=clock)
        self._reads = asyncio.Semaphore(connection.reads_at_once)
        self._writes = asyncio.Semaphore(connection.writes_at_once)
        self._last_used = -float("inf")
        self._clock_gap: timedelta | None = None

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._login.close()
        await self._http.__aexit__(kind, exc, trace)

    @property
    def idle(self) -> float:
        """Seconds since the last answer."""
        return self._clock() - self._last_used

    @property
    def behind(self) -> timedelta:
        """How far the server's clock is behind ours by its latest `Date`; zero where unknown."""
        return max(self._clock_gap or timedelta(0), timedelta(0))

    @property
    def clock_gap(self) -> timedelta | None:
        """How far the server's clock is behind ours by its latest `Date`; negative: ahead; None: unknown."""
        return self._clock_gap

    @property
    def is_login_refused(self) -> bool:
        """Whether the login was refused and has not been taken since."""
        return self._login.is_refused

    async def refresh_login(self) -> None:
        """Renew a login that ends soon."""
        await self._login.refresh_ahead()

    async def send(self, call: ApiCall) -> ApiAnswer:
        """Send the call and return its answer, whatever its status; measured, waiting for a turn included.

        Raises NothingSent when the request had no effect for sure, else AnswerLost. A GET whose connection
        drops is sent a second time, and so is anything after a 401, which says that nothing was executed.
        """
        with timed(ORCHESTRATOR, method=call.method) as timing:
            try:
                answer = await self._send(call)
            except NothingSent:
                timing.outcome = "not sent"
                raise
            except AnswerLost:
                timing.outcome = "answer lost"
                raise
            timing.outcome = f"{answer.status // 100}xx"
            return answer

    async def _send(self, call: ApiCall) -> ApiAnswer:
        journey = Journey()
        try:
            async with asyncio.timeout(self._connection.timeout.total_seconds()), self._gate(call):
                return await self._logged_in(call, journey)
        except TimeoutError as exc:
            if journey.answer is not None:
                return journey.answer  # its status stands, though the rest of the body did not come in time
            raise failure(exc, journey=journey) from exc
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise failure(exc, journey=journey) from exc
        finally:
            self._last_used = self._clock()

    def _gate(self, call: ApiCall) -> asyncio.Semaphore:
        return self._reads if call.method == "GET" or call.only_asks else self._writes

    async def _logged_in(self, call: ApiCall, journey: Journey) -> ApiAnswer:
        header = "" if call.public else await self._login.header()
        answer = await self._sent(call, header, journey)
        if is_login_refusal(answer):
            journey.had_no_effect()
            renewed = await self._login.renewed(refused=header)
            if renewed != header or not header.startswith("Basic "):  # a password sent twice locks accounts
                answer = await self._sent(call, renewed, journey)
            if is_login_refusal(answer):
                journey.had_no_effect()
                self._login.refused()
                raise LoginRefused
        elif is_login_page(answer) and self._login.suspect(header) and call.method == "GET":
            answer = await self._sent(call, await self._login.header(), journey)
        if header and not is_login_page(answer):
            self._login.accepted()
        return answer

    async def _sent(self, call: ApiCall, header: str, journey: Journey) -> ApiAnswer:
        """Send once; a GET whose connection drops, before or within the answer, twice."""
        if call.method != "GET":
            return await self._once(call, header, journey)
        try:
            answer = await self._once(call, header, journey)
        except DROPPED:
            return await self._once(call, header, journey)
        if answer.is_success and answer.fault and isinstance(answer.fault.__cause__, DROPPED):
            return await self._once(call, header, journey)
        return answer

    async def _once(self, call: ApiCall, header: str, journey: Journey) -> ApiAnswer:
        began = time.perf_counter()
        headers = {"Authorization": header} if header else {}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        url = self._connection.api + call.target
        request = self._http.build_request(call.method, url, headers=headers, content=call.body)
        most = self._connection.max_list if call.large else self._connection.max_body
        answer = await exchange(self._http, request, most=most, journey=journey)
        self._clock_gap = clock_gap(answer, now=datetime.now(UTC))
        _tell(call, answer, seconds=time.perf_counter() - began)
        return answer


def _tell(call: ApiCall, answer: ApiAnswer, *, seconds: float) -> None:
    """Log a call's outcome with the ids that find it in the server's logs; no body, no value, no login."""
    told = answer.headers
    ids = " ".join(f"{name}={one_line(told[name])}" for name in _CORRELATION if name in told)
    level = logging.WARNING if httpx.codes.is_server_error(answer.status) else logging.DEBUG
    path = one_line("/".join(call.path))
    _log.log(level, "%s /%s -> %d, %.0f ms %s", call.method, path, answer.status, seconds * 1e3, ids)
