"""The paths the pretend Orchestrator answers, a module for each part of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.endpoints import (
    actions,
    catalogue,
    executions,
    folders,
    forms,
    interactions,
    logins,
    logs,
    presentations,
    server,
    workflows,
)

if TYPE_CHECKING:
    from aiohttp.web import RouteDef


def all_routes() -> list[RouteDef]:
    """Every route of every door."""
    modules = (
        executions,
        workflows,
        logs,
        interactions,
        catalogue,
        folders,
        actions,
        forms,
        presentations,
        server,
        logins,
    )
    return [route for module in modules for route in module.routes()]
