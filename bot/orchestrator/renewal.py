"""The login in use: obtained once for all who wait for it, renewed ahead of its end."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.domain.errors import LoginRefused, Unreachable
from bot.runtime.logging import log_event
from bot.runtime.metrics import LOGINS_REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from bot.orchestrator.connection import Connection
    from bot.orchestrator.login import Grant

_log = logging.getLogger(__name__)

_MARGIN = 30.0  # seconds before its end in which a token is no longer sent
_AHEAD = 300.0  # seconds before its end in which an idle moment renews it
_LATELY = 60.0  # seconds since Orchestrator took the header
_LONGEST_PAUSE = 300.0  # seconds between two tries of a login that is refused
_DOUBT = 60.0  # seconds between two renewals that only a login page asks for


class LoginKeeper:
    """Holds the current grant; however many ask at once, one login is under way."""

    def __init__(
        self, connection: Connection, http: httpx.AsyncClient, *, clock: Callable[[], float]
    ) -> None:
        self._login = connection.login
        self._seconds = connection.timeout.total_seconds()
        self._pause = connection.login_pause.total_seconds()
        self._http = http
        self._clock = clock
        self._grant: Grant | None = None
        self._since = 0.0
        self._refresh_token: str | None = None
        self._flight: asyncio.Task[Grant] | None = None
        self._doubted_until = -float("inf")
        self._refused_until = -float("inf")
        self._refusal = ""
        self._refusals = 0  # one after the other
        self._accepted_at = -float("inf")

    @property
    def is_refused(self) -> bool:
        """Whether the login was refused for good, that is with a pause, and not taken since."""
        return self._refused_until > -float("inf")

    async def header(self) -> str:
        """The Authorization header to send now; logs in when there is none, or its end is near."""
        if self._grant is None or self._left() < self._margin(_MARGIN):
            return (await self._obtained()).header
        if self._clock() < self._refused_until:
            raise LoginRefused(self._refusal)
        return self._grant.header

    def accepted(self) -> None:
        """Orchestrator took the header: what it refused before was no matter of the login."""
        self._refusals, self._refused_until, self._accepted_at = 0, -float("inf"), self._clock()

    def refused(self) -> None:
        """Orchestrator refused the header: pause before it is sent again, longer each time.

        Directories lock an account after a few wrong passwords. A header that was taken a moment ago may be
        refused at one address only, so then a single refusal does not stop everything.
        """
        lately = self._clock() - self._accepted_at < _LATELY
        self._refusals += 1
        if self._refusals > 1 or not lately:
            self._pause_for(LoginRefused())

    def _pause_for(self, problem: LoginRefused) -> None:
        LOGINS_REFUSED.inc()
        pause = min(self._pause * 2 ** min(self._refusals - 1, 10), _LONGEST_PAUSE)
        self._refused_until, self._refusal = self._clock() + pause, problem.message
        log_event(
            _log,
            "login refused",
            level=logging.WARNING,
            login=type(self._login).__name__.lower(),
            why=problem.message,
            pause_seconds=round(pause),
        )

    async def renewed(self, *, refused: str) -> str:
        """Another header than the one just refused, unless somebody has renewed it meanwhile."""
        grant = self._grant
        if grant is None or (grant.header == refused and grant.lifetime is not None):
            return (await self._obtained()).header
        return grant.header

    def suspect(self, header: str) -> bool:
        """Drop a token that leads to a login page, as revoked ones do; seldom, for it may be another page."""
        grant = self._grant
        if grant is None or grant.header != header or grant.lifetime is None:
            return False
        if self._clock() < self._doubted_until:
            return False
        self._grant, self._doubted_until = None, self._clock() + _DOUBT
        return True

    async def refresh_ahead(self) -> None:
        """Renew a token whose end is minutes away, so that no click has to wait for it."""
        if self._grant is None or self._left() < self._margin(_AHEAD):
            await self._obtained()

    async def close(self) -> None:
        """Let a login that is under way end: it may bring a refresh token that has to be kept."""
        if self._flight is not None:
            await asyncio.wait([self._flight])

    def _left(self) -> float:
        if self._grant is None or self._grant.lifetime is None:
            return float("inf")
        return self._since + self._grant.lifetime.total_seconds() - self._clock()

    def _margin(self, seconds: float) -> float:
        """A margin that leaves most of a short life to use."""
        lifetime = self._grant.lifetime if self._grant else None
        return seconds if lifetime is None else min(seconds, lifetime.total_seconds() / 4)

    async def _obtained(self) -> Grant:
        if self._flight is None:
            if self._clock() < self._refused_until:
                raise LoginRefused(self._refusal)
            self._flight = asyncio.create_task(self._obtain(), name="orchestrator-login")
            self._flight.add_done_callback(self._landed)
        return await asyncio.shield(self._flight)

    def _landed(self, flight: asyncio.Task[Grant]) -> None:
        self._flight = None
        problem = None if flight.cancelled() else flight.exception()
        if isinstance(problem, LoginRefused):
            self._refusals += 1
            self._pause_for(problem)

    async def _obtain(self) -> Grant:
        try:
            async with asyncio.timeout(self._seconds):
                grant = await self._login.obtain(self._http, self._refresh_token)
        except TimeoutError as exc:
            raise Unreachable("The login service does not answer. Orchestrator was not asked.") from exc
        self._refresh_token = grant.refresh_token
        if grant.rotated and grant.refresh_token is not None:
            await self._login.keep(grant.refresh_token)
        self._grant, self._since = grant, self._clock()
        return grant
