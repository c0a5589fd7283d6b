"""A pretend Orchestrator in every dialect, and clients of it."""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.demo.orchestrator import Declared, Dialect, PretendOrchestrator, PretendWorkflow
from bot.orchestrator.login import Bearer
from tests.orchestrator.reaching import reach

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from bot.orchestrator.client import Orchestrator

RESIZE = PretendWorkflow(
    name="Resize disk",
    folder="Storage/Disks",
    description="Grows a disk.",
    inputs=(
        Declared(name="server", type="string", description="Whose disk"),
        Declared(name="sizeGb", type="number"),
        Declared(name="password", type="SecureString"),
        Declared(name="tags", type="Array/string"),
    ),
    outputs=(Declared(name="ticket", type="string"),),
    tags=("disks",),
)


@pytest.fixture(params=list(Dialect), ids=lambda dialect: dialect.name)
async def vro(request: pytest.FixtureRequest) -> AsyncIterator[PretendOrchestrator]:
    looks = itertools.count()

    def now() -> datetime:
        """A millisecond later at each look: no two things happen at once."""
        return began + timedelta(milliseconds=next(looks))

    began = datetime.now(UTC)
    async with PretendOrchestrator(dialect=request.param, now=now) as pretend:
        pretend.add_workflow(RESIZE)
        yield pretend


@pytest.fixture
async def vro8() -> AsyncIterator[PretendOrchestrator]:
    async with PretendOrchestrator() as pretend:
        pretend.add_workflow(RESIZE)
        yield pretend


@pytest.fixture
def resize() -> PretendWorkflow:
    return RESIZE


@pytest.fixture
def open_client() -> Callable[..., AbstractAsyncContextManager[Orchestrator]]:
    """A client of a pretend server; keywords change its `Connection` or the client's clock."""

    @asynccontextmanager
    async def opened(vro: PretendOrchestrator, **changes: Any) -> AsyncIterator[Orchestrator]:  # noqa: ANN401 - as Connection takes them
        changes.setdefault("login", Bearer(token=vro.logins.static_token()))
        changes.setdefault("parameter_key", vro.habits.context_key)
        async with reach(vro.url, **changes) as client:
            yield client

    return opened


@pytest.fixture
async def client(
    vro: PretendOrchestrator, open_client: Callable[..., AbstractAsyncContextManager[Orchestrator]]
) -> AsyncIterator[Orchestrator]:
    async with open_client(vro) as opened:
        yield opened


@pytest.fixture
async def client8(
    vro8: PretendOrchestrator, open_client: Callable[..., AbstractAsyncContextManager[Orchestrator]]
) -> AsyncIterator[Orchestrator]:
    async with open_client(vro8) as opened:
        yield opened
