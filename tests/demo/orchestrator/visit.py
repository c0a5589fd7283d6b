"""A pretend Orchestrator with a visitor who writes plain JSON by hand, and a clock that is moved by hand."""

from __future__ import annotations

import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from bot.demo.orchestrator import Dialect, PretendOrchestrator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.demo.orchestrator import PretendWorkflow

# Reading the system's certificates takes longer than most tests.
UNUSED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(kw_only=True)
class Clock:
    at: datetime = field(default_factory=lambda: datetime(2031, 3, 4, 5, 6, 7, 89000, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(kw_only=True)
class Visit:
    vro: PretendOrchestrator
    clock: Clock
    api: httpx.AsyncClient  # below /vco/api, logged in
    dialect: Dialect

    @property
    def key(self) -> str:
        return "parameter" if self.dialect is Dialect.PAGE else "parameters"

    async def post(self, workflow: PretendWorkflow, body: object) -> httpx.Response:
        return await self.api.post(f"/workflows/{workflow.id}/executions", json=body)

    async def start(self, workflow: PretendWorkflow, *parameters: dict[str, Any]) -> str:
        """The id of the run, which the server remembers whatever the dialect answers."""
        answer = await self.post(workflow, {self.key: list(parameters)})
        assert answer.is_success, answer.text
        return self.vro.starts[-1].execution_id

    async def get(self, path: str, **query: str | list[str]) -> Any:  # noqa: ANN401 - JSON
        answer = await self.api.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def run(self, workflow: PretendWorkflow, execution_id: str, tail: str = "") -> Any:  # noqa: ANN401 - JSON
        return await self.get(f"/workflows/{workflow.id}/executions/{execution_id}{tail}")


@asynccontextmanager
async def visiting(dialect: Dialect = Dialect.V8) -> AsyncIterator[Visit]:
    clock = Clock()
    async with PretendOrchestrator(dialect=dialect, now=clock) as vro:
        headers = {"Authorization": f"Bearer {vro.logins.static_token()}", "Accept": "application/json"}
        async with httpx.AsyncClient(
            base_url=f"{vro.url}/vco/api", headers=headers, timeout=5, verify=UNUSED
        ) as api:
            yield Visit(vro=vro, clock=clock, api=api, dialect=dialect)


def pairs(link: Any) -> dict[str, str | None]:  # noqa: ANN401 - JSON
    """A link's attributes by name; None for one without a value."""
    listed = link.get("attributes") or link.get("attribute") or []
    return {each["name"]: each.get("value") for each in listed}


def string(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "type": "string", "scope": "local", "value": {"string": {"value": value}}}
