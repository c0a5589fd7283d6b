"""Workflows, objects and actions that make the demo look like somebody's data centre."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.samples.machines import machine_workflows
from bot.demo.orchestrator.samples.objects import ACTIONS_MODULE, datastore_names, sample_items
from bot.demo.orchestrator.samples.operations import operation_workflows
from bot.demo.orchestrator.samples.services import service_workflows
from bot.demo.orchestrator.samples.synthetic import synthetic_workflows

if TYPE_CHECKING:
    from bot.demo.orchestrator.server import PretendOrchestrator
    from bot.demo.orchestrator.workflows import PretendWorkflow

__all__ = ["furnish", "sample_items", "sample_workflows", "synthetic_workflows"]


def sample_workflows() -> list[PretendWorkflow]:
    """The demo's workflows."""
    return [*machine_workflows(), *operation_workflows(), *service_workflows()]


def furnish(vro: PretendOrchestrator) -> None:
    """Put the samples into a pretend Orchestrator."""
    vro.add_workflows(sample_workflows())
    vro.add_items(sample_items())
    vro.add_action(ACTIONS_MODULE, "datastoreNames", datastore_names)
