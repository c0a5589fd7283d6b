"""Where Orchestrator is, as whom to speak to it, and the bounds of every call."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from pathlib import Path

    from bot.orchestrator.login import Login

ParameterKey: TypeAlias = Literal["parameters", "parameter"]

LEASE = timedelta(seconds=20)  # a launch is held this long while its call is under way
IDLE = timedelta(seconds=15)  # Tomcat, which Orchestrator runs on, closes idle connections after 20 s
_API = "/vco/api"
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "orchestrator-bot"}


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How to reach one Orchestrator; what cannot work raises ValueError at once."""

    url: str  # `https://host`, with or without a port, a gateway's path and `/vco/api`
    login: Login
    ca_bundle: Path | None = None  # PEM file; these authorities and no others
    verify: bool = True  # False accepts any certificate
    timeout: timedelta = timedelta(seconds=15)  # of a whole call, login included
    connect_timeout: timedelta = timedelta(seconds=3)
    parameter_key: ParameterKey = "parameters"  # reference pages write `parameter`, servers take the plural
    max_body: int = 5_000_000  # bytes of an answer
    max_list: int = 50_000_000  # bytes of a list or a log
    reads_at_once: int = 24
    writes_at_once: int = 12  # beside the reads, so that no start has to wait for them
    login_pause: timedelta = timedelta(seconds=15)  # after a refused login, so that no account is locked
    proxy: str | None = field(default=None, repr=False)  # the environment's proxy settings are not used

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("Orchestrator's URL has to look like https://orchestrator.example.com")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("Orchestrator's URL takes no user, no query and no fragment")
        if not timedelta(0) < self.timeout < LEASE:
            raise ValueError(f"Orchestrator's timeout has to be above 0 and below {LEASE.seconds} seconds")
        if min(self.reads_at_once, self.writes_at_once) < 1:
            raise ValueError("Orchestrator needs at least one read and one write at a time")

    @property
    def api(self) -> str:
        """The root of the REST API, without a slash at its end."""
        root = self.url.rstrip("/")
        return root if root.endswith(_API) else root.removesuffix("/vco") + _API


def open_http(connection: Connection) -> httpx.AsyncClient:
    """The one HTTP client: no redirects, no cookies, nothing taken from the environment.

    Its pool has no bound, the callers have: a request cancelled while it waits in a bounded pool of
    httpcore 1.0 can leave its place taken for ever, and after an outage no place is left.
    """
    seconds = connection.timeout.total_seconds()
    connecting = min(connection.connect_timeout.total_seconds(), seconds / 2)  # a cancelled handshake leaks
    return httpx.AsyncClient(
        headers=_HEADERS,
        timeout=httpx.Timeout(seconds, connect=connecting),
        limits=httpx.Limits(
            max_connections=None,
            max_keepalive_connections=connection.reads_at_once + connection.writes_at_once,
            keepalive_expiry=IDLE.total_seconds(),
        ),
        verify=_trust(connection.ca_bundle, verify=connection.verify),
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=())),
        proxy=connection.proxy,
        trust_env=False,
        follow_redirects=False,
    )


@cache  # reading the system's authorities takes as long as a thousand calls
def _trust(ca_bundle: Path | None, *, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_bundle)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
