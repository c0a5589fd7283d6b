"""Clients of a server by its address, with everything else as tests like it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.orchestrator.client import Orchestrator
from bot.orchestrator.connection import Connection
from bot.orchestrator.login import Bearer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.orchestrator.raw_server import RawServer


def reach(url: str, *, clock: Callable[[], float] = time.monotonic, **changes: Any) -> Orchestrator:  # noqa: ANN401 - as Connection takes them
    """A client; keywords are fields of its `Connection`."""
    fields: dict[str, Any] = {"url": url, "login": Bearer(token="t"), "timeout": timedelta(seconds=5)}
    return Orchestrator(Connection(**(fields | changes)), clock=clock)


def to(server: RawServer, **changes: Any) -> Orchestrator:  # noqa: ANN401 - the same
    """A client of a server that answers with bytes."""
    return reach(changes.pop("url", server.url), **changes)
