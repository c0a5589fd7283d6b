"""How the bot reaches Orchestrator and logs in there, and where people find its pages, from the settings."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.domain.errors import DatabaseLost, Unreachable
from bot.orchestrator.connection import Connection
from bot.orchestrator.login import Aria, Basic, Bearer, TokenEndpoint
from bot.settings import LoginKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.domain.launch import Launch
    from bot.orchestrator.login import Login as OrchestratorLogin
    from bot.settings import Settings
    from bot.store.store import Store

_REFRESH_TOKEN = ("orchestrator", "refresh token")  # where a rotated one is kept, sealed


def connection(settings: Settings, store: Store | None) -> Connection:
    """How to reach Orchestrator; with a store, a rotated refresh token is kept in it, sealed."""
    return Connection(
        url=settings.orchestrator_url,
        login=_login(settings, store),
        ca_bundle=settings.orchestrator_ca_bundle,
        verify=settings.orchestrator_verify_tls,
        timeout=settings.timeout,
        parameter_key=settings.orchestrator_parameter_key,
    )


def _login(settings: Settings, store: Store | None) -> OrchestratorLogin:
    user = settings.orchestrator_username or ""
    password = settings.orchestrator_password.get_secret_value() if settings.orchestrator_password else ""
    match settings.orchestrator_login:
        case LoginKind.BASIC:
            return Basic(user=user, password=password)
        case LoginKind.ARIA:
            domain = settings.orchestrator_domain or ""
            return Aria(url=settings.auth_url, user=user, password=password, domain=domain)
        case LoginKind.TOKEN:
            token = settings.orchestrator_token
            return Bearer(token=token.get_secret_value() if token else "")
        case LoginKind.VCF:
            return _token_endpoint(settings, store)


def _token_endpoint(settings: Settings, store: Store | None) -> TokenEndpoint:
    tenant = quote(settings.orchestrator_tenant or "", safe="")
    url = f"{settings.auth_url}/tm/oauth/tenant/{tenant}/token"
    first = settings.orchestrator_refresh_token
    token = first.get_secret_value() if first else ""
    if store is None:
        return TokenEndpoint(url=url, refresh_token=token)
    owner, slot = _REFRESH_TOKEN

    async def keep(renewed: str) -> None:
        with _needed_to_log_in():
            await store.transact(
                lambda tx: tx.secrets.seal(owner=owner, slot=slot, text=renewed), background=True
            )

    async def latest() -> str | None:
        with _needed_to_log_in():
            return await store.transact(lambda tx: tx.secrets.unseal(owner=owner, slot=slot))

    return TokenEndpoint(url=url, refresh_token=token, kept=keep, latest=latest)


@contextmanager
def _needed_to_log_in() -> Iterator[None]:
    """Without the database there is no login, so Orchestrator cannot be reached."""
    try:
        yield
    except DatabaseLost as lost:
        raise Unreachable(
            "The bot's database does not answer, so it cannot log in to Orchestrator."
        ) from lost


def login_key(settings: Settings) -> str:
    """A name for this Orchestrator and this login; another token or user has another."""
    tokens = (settings.orchestrator_token, settings.orchestrator_refresh_token)
    parts = (
        settings.orchestrator_url,
        settings.orchestrator_login.value,
        settings.orchestrator_username or "",
        settings.orchestrator_domain or "",
        settings.orchestrator_tenant or "",
        *(token.get_secret_value() if token else "" for token in tokens),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def workflow_link(web_url: str | None) -> Callable[[str], str | None]:
    """A workflow's page in Orchestrator's own client."""
    if web_url is None:
        return lambda _: None
    base = web_url.rstrip("/")
    return lambda workflow_id: f"{base}/#/workflows/{quote(workflow_id, safe='')}"


def run_link(of_workflow: Callable[[str], str | None]) -> Callable[[Launch], str | None]:
    """The page of the workflow that a launch runs."""
    return lambda launch: of_workflow(launch.workflow.id)
