"""The ways to log in: Basic, a fixed token, Aria 8's two steps, and a token endpoint as of VCF 9."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeAlias

import httpx
from pydantic import ValidationError

from bot.domain.errors import Busy, LoginRefused, Unreachable
from bot.orchestrator.answers import is_untrusted, retry_after
from bot.orchestrator.decoding import parsed, text_of
from bot.orchestrator.exchange import ApiAnswer, Journey, exchange
from bot.orchestrator.wire import TokenAnswer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

UNSAID_LIFETIME = timedelta(minutes=20)  # Aria 8 ends a token after 25 idle minutes
_MOST = 1_000_000  # bytes of a login's answer
_NOT_UNDERSTOOD = "The login service did not give the bot a token. The platform team has to look at it."


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A header that opens Orchestrator's door, and how long it does; without a lifetime it does not end."""

    header: str = field(repr=False)
    lifetime: timedelta | None = None
    refresh_token: str | None = field(default=None, repr=False)
    rotated: bool = False  # the refresh token is a new one and has to be kept


class Login(Protocol):
    """A way to log in; `obtain` raises NothingSent and nothing else."""

    async def obtain(self, http: httpx.AsyncClient, refresh_token: str | None, /) -> Grant:
        """Log in, with the refresh token of the last grant where there is one."""

    async def keep(self, refresh_token: str, /) -> None:
        """Keep a rotated refresh token for the next start of the bot."""


@dataclass(frozen=True, kw_only=True)
class Basic:
    """A user name and a password with every request."""

    user: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        if ":" in self.user:
            raise ValueError("Basic authentication takes no colon in a user name")

    async def obtain(self, _http: httpx.AsyncClient, _refresh_token: str | None, /) -> Grant:
        """There is nothing to obtain."""
        pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return Grant(header=f"Basic {pair}")

    async def keep(self, _refresh_token: str, /) -> None:
        """There is nothing to keep."""


@dataclass(frozen=True, kw_only=True)
class Bearer:
    """A token somebody else renews."""

    token: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _is_token(self.token.strip()):
            raise ValueError("A bearer token is one word of plain ASCII")

    async def obtain(self, _http: httpx.AsyncClient, _refresh_token: str | None, /) -> Grant:
        """There is nothing to obtain."""
        return Grant(header=f"Bearer {self.token.strip()}")

    async def keep(self, _refresh_token: str, /) -> None:
        """There is nothing to keep."""


@dataclass(frozen=True, kw_only=True)
class Aria:
    """Aria Automation 8: user and password for a refresh token, that for an access token."""

    url: str  # of Aria Automation, without a path
    user: str
    password: str = field(repr=False)
    domain: str = ""  # such as `System Domain`

    async def obtain(self, http: httpx.AsyncClient, refresh_token: str | None, /) -> Grant:
        """Exchange the refresh token, or log in anew when there is none or it is no longer taken."""
        if refresh_token is not None:
            try:
                return await self._exchanged(http, refresh_token)
            except LoginRefused:
                pass  # it ends after 90 days, or when somebody revokes it
        return await self._exchanged(http, await self._logged_in(http))

    async def keep(self, _refresh_token: str, /) -> None:
        """Nothing to keep: the password obtains another one."""

    async def _logged_in(self, http: httpx.AsyncClient) -> str:
        url = f"{self.url.rstrip('/')}/csp/gateway/am/api/login?access_token"
        who = {"username": self.user, "password": self.password}
        answer = await ask(http, url, body=who | ({"domain": self.domain} if self.domain else {}))
        if not answer.refresh_token:
            raise LoginRefused(_NOT_UNDERSTOOD)
        return answer.refresh_token

    async def _exchanged(self, http: httpx.AsyncClient, refresh_token: str) -> Grant:
        url = f"{self.url.rstrip('/')}/iaas/api/login"
        answer = await ask(http, url, body={"refreshToken": refresh_token})
        return granted(answer, refresh_token=refresh_token)


async def _forget(_refresh_token: str) -> None:
    """Keep nothing, for servers that do not rotate."""


async def _none() -> str | None:
    return None


@dataclass(frozen=True, kw_only=True)
class TokenEndpoint:
    """An OAuth token endpoint that takes a refresh token, as VCF 9 has at `/tm/oauth/tenant/{tenant}/token`.

    A service account's refresh token is good for one use: the next one goes to `kept`, which returns when it
    is stored; `latest` reads it back, also when another replica put it there.
    """

    url: str  # the whole address
    refresh_token: str = field(repr=False)  # the first one, from the settings
    kept: Callable[[str], Awaitable[None]] = field(default=_forget, repr=False)
    latest: Callable[[], Awaitable[str | None]] = field(default=_none, repr=False)

    async def obtain(self, http: httpx.AsyncClient, refresh_token: str | None, /) -> Grant:
        """Try what was stored, what is remembered, then what was configured, which may have been renewed."""
        candidates = (await self.latest(), refresh_token, self.refresh_token.strip())
        known = list(dict.fromkeys(token for token in candidates if token))
        for token in known[:-1]:
            try:
                return await self._exchanged(http, token)
            except LoginRefused:
                continue
        return await self._exchanged(http, known[-1])

    async def keep(self, refresh_token: str, /) -> None:
        """Hand the new refresh token to whoever stores it."""
        await self.kept(refresh_token)

    async def _exchanged(self, http: httpx.AsyncClient, token: str) -> Grant:
        answer = await ask(http, self.url, form={"grant_type": "refresh_token", "refresh_token": token})
        return granted(answer, refresh_token=token)


AnyLogin: TypeAlias = Basic | Bearer | Aria | TokenEndpoint


_Fields: TypeAlias = dict[str, str]


async def ask(
    http: httpx.AsyncClient, url: str, *, body: _Fields | None = None, form: _Fields | None = None
) -> TokenAnswer:
    """Ask a login service for a token; whatever goes wrong, the request that needed it was not sent."""
    try:
        request = http.build_request("POST", url, json=body, data=form)
        answer = await exchange(http, request, most=_MOST, journey=Journey())
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        problem = "has a certificate that is not trusted here" if is_untrusted(exc) else "cannot be reached"
        raise Unreachable(f"The login service {problem}. Orchestrator was not asked.") from exc
    return _token(answer)


def _token(answer: ApiAnswer) -> TokenAnswer:
    if answer.status == httpx.codes.TOO_MANY_REQUESTS:
        raise Busy("The login service asks to slow down.", retry_after=retry_after(answer))
    if httpx.codes.is_server_error(answer.status) or answer.fault is not None:
        raise Unreachable("The login service fails at the moment. Orchestrator was not asked.")
    if not answer.is_success:
        raise LoginRefused
    try:
        return TokenAnswer.model_validate(parsed(text_of(answer.body, charset=answer.charset)))
    except (ValidationError, ValueError, RecursionError) as exc:
        raise LoginRefused(_NOT_UNDERSTOOD) from exc


def _is_token(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text and text != ""


def granted(answer: TokenAnswer, *, refresh_token: str) -> Grant:
    """Turn a token endpoint's answer into a grant."""
    token = answer.access_token or answer.token
    if not token or not _is_token(token):
        raise LoginRefused(_NOT_UNDERSTOOD)
    lifetime = timedelta(seconds=answer.expires_in) if answer.expires_in else lifetime_of(token)
    following = answer.refresh_token or refresh_token
    return Grant(
        header=f"Bearer {token}",
        lifetime=lifetime or UNSAID_LIFETIME,
        refresh_token=following,
        rotated=following != refresh_token,
    )


def lifetime_of(token: str) -> timedelta | None:
    """How long a JWT lives by its own claims, `exp` less `iat`; with `iat` no clocks have to agree."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        lifetime = timedelta(seconds=float(claims["exp"]) - float(claims.get("iat", time.time())))
    except (IndexError, KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        return None
    return lifetime if lifetime > timedelta(0) else None
