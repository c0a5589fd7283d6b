"""What an Orchestrator server says about itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class About:
    """The server's version, as `GET /about` gives it; what it leaves out is empty."""

    version: str = ""
    build: str = ""
    api_version: str = ""


@dataclass(frozen=True, kw_only=True)
class Health:
    """The server's own word on its health, as `GET /healthstatus` gives it."""

    state: str = ""  # RUNNING when it takes requests
    status: str = ""  # OK when nothing is wrong
    instance: str = ""

    @property
    def is_running(self) -> bool:
        """Whether the server says that it takes requests."""
        return self.state.upper() == "RUNNING"
