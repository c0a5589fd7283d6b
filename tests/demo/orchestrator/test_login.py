from __future__ import annotations

import base64
import json
from dataclasses import replace

import httpx
import pytest

from bot.demo.orchestrator import Dialect, Unauthorized
from tests.demo.orchestrator.visit import Visit, visiting

CREDENTIALS = {"username": "svc-chatops", "password": "pretend-password", "domain": "System Domain"}


def claims(token: str) -> dict[str, object]:
    middle = token.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return found


async def csp(visit: Visit, **wrong: str) -> httpx.Response:
    url = f"{visit.vro.url}/csp/gateway/am/api/login?access_token"
    return await visit.api.post(url, json={**CREDENTIALS, **wrong})


async def iaas(visit: Visit, refresh: str) -> httpx.Response:
    return await visit.api.post(f"{visit.vro.url}/iaas/api/login", json={"refreshToken": refresh})


async def oauth(visit: Visit, *, tenant: str = "pretend", **form: str) -> httpx.Response:
    return await visit.api.post(f"{visit.vro.url}/tm/oauth/tenant/{tenant}/token", data=form)


async def status_with(visit: Visit, authorization: str) -> int:
    answer = await visit.api.get("/workflows", headers={"Authorization": authorization})
    return answer.status_code


@pytest.mark.parametrize(("dialect", "status"), [(Dialect.V7, 200), (Dialect.V8, 200), (Dialect.V9, 401)])
async def test_basic_works_where_it_does(dialect: Dialect, status: int) -> None:
    async with visiting(dialect) as visit:
        visit.api.auth = httpx.BasicAuth("svc-chatops", "pretend-password")
        assert (await visit.api.get("/workflows")).status_code == status
        visit.api.auth = httpx.BasicAuth("svc-chatops", "wrong")
        assert (await visit.api.get("/workflows")).status_code == 401


async def test_basic_can_be_switched_off_as_embedded_8_does() -> None:
    async with visiting() as visit:
        visit.vro.habits = replace(visit.vro.habits, logins=frozenset({"csp"}))
        visit.api.auth = httpx.BasicAuth("svc-chatops", "pretend-password")
        assert (await visit.api.get("/workflows")).status_code == 401


async def test_arias_exchange_leads_to_a_token_that_dies_with_the_clock() -> None:
    async with visiting() as visit:
        refresh = (await csp(visit)).json()["refresh_token"]
        token = (await iaas(visit, refresh)).json()["token"]
        assert claims(token)["exp"] == int(visit.clock().timestamp()) + 3600
        assert await status_with(visit, f"Bearer {token}") == 200
        visit.clock.move(3600)
        assert await status_with(visit, f"Bearer {token}") == 401
        assert (await iaas(visit, refresh)).status_code == 200
        assert visit.vro.logins.count == 2


async def test_arias_exchange_refuses_what_is_wrong() -> None:
    async with visiting() as visit:
        assert (await csp(visit, password="wrong")).status_code == 401
        assert (await csp(visit, domain="elsewhere")).status_code == 401
        assert (await csp(visit, mfa="1")).status_code == 400
        stale = await iaas(visit, "stale")
        assert (stale.status_code, stale.json()["message"]) == (404, "Token not found")
        assert (visit.vro.logins.count, visit.vro.logins.refused) == (0, 3)


async def test_without_access_token_in_the_address_there_is_no_refresh_token() -> None:
    async with visiting() as visit:
        answer = await visit.api.post(f"{visit.vro.url}/csp/gateway/am/api/login", json=CREDENTIALS)
        assert "refresh_token" not in answer.json()


async def test_the_authorize_form_grants_a_token_too() -> None:
    async with visiting() as visit:
        url = f"{visit.vro.url}/csp/gateway/am/api/auth/api-tokens/authorize"
        body = (await visit.api.post(url, data={"refresh_token": visit.vro.logins.refresh_token()})).json()
        assert set(body) == {"scope", "access_token", "refresh_token", "id_token", "token_type", "expires_in"}
        assert await status_with(visit, f"Bearer {body['access_token']}") == 200


async def test_9_grants_a_token_for_an_api_token() -> None:
    async with visiting(Dialect.V9) as visit:
        refresh = visit.vro.logins.refresh_token()
        body = (await oauth(visit, grant_type="refresh_token", refresh_token=refresh)).json()
        assert set(body) == {"access_token", "token_type", "expires_in"}
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
        assert await status_with(visit, f"Bearer {body['access_token']}") == 200


async def test_9_refuses_what_is_wrong() -> None:
    async with visiting(Dialect.V9) as visit:
        refresh = visit.vro.logins.refresh_token()
        assert (await oauth(visit, grant_type="password", refresh_token=refresh)).status_code == 400
        assert (await oauth(visit, grant_type="refresh_token", refresh_token="stale")).json() == {
            "error": "invalid_grant"
        }
        elsewhere = await oauth(visit, tenant="other", grant_type="refresh_token", refresh_token=refresh)
        assert elsewhere.status_code == 401
        assert (await csp(visit)).status_code == 404


async def test_a_rotating_refresh_token_works_once_and_brings_the_next() -> None:
    async with visiting(Dialect.V9) as visit:
        visit.vro.logins.rotates = True
        first = visit.vro.logins.refresh_token()
        second = (await oauth(visit, grant_type="refresh_token", refresh_token=first)).json()["refresh_token"]
        assert (await oauth(visit, grant_type="refresh_token", refresh_token=first)).status_code == 400
        assert (await oauth(visit, grant_type="refresh_token", refresh_token=second)).status_code == 200


async def test_refresh_tokens_live_ninety_days() -> None:
    async with visiting(Dialect.V9) as visit:
        refresh = visit.vro.logins.refresh_token()
        visit.clock.move(90 * 86_400)
        assert (await oauth(visit, grant_type="refresh_token", refresh_token=refresh)).status_code == 400


async def test_revoked_tokens_are_refused() -> None:
    async with visiting() as visit:
        visit.vro.logins.revoke_all()
        assert (await visit.api.get("/workflows")).status_code == 401


@pytest.mark.parametrize(
    ("manner", "status", "kind"),
    [
        (Unauthorized.HTML, 401, "text/html"),
        (Unauthorized.JSON, 401, "application/json"),
        (Unauthorized.LOGIN_PAGE, 200, "text/html"),
        (Unauthorized.REDIRECT, 302, ""),
    ],
)
async def test_a_stranger_is_turned_away_in_several_manners(
    manner: Unauthorized, status: int, kind: str
) -> None:
    async with visiting() as visit:
        visit.vro.habits = replace(visit.vro.habits, unauthorized=manner)
        answer = await visit.api.get("/workflows", headers={"Authorization": "Bearer wrong"})
        assert answer.status_code == status
        assert answer.headers.get("Content-Type", "").startswith(kind)


async def test_7_turns_strangers_away_with_a_challenge() -> None:
    async with visiting(Dialect.V7) as visit:
        answer = await visit.api.get("/workflows", headers={"Authorization": "Bearer wrong"})
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
