"""Workflows, objects and actions that make the demo look like somebody's data centre."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.samples.estate import estate_actions
from bot.demo.orchestrator.samples.objects import ACTIONS_MODULE, datastore_names, sample_items
from bot.demo.orchestrator.samples.ordering import ordering
from bot.demo.orchestrator.samples.reader import workflows_of
from bot.demo.orchestrator.samples.synthetic import synthetic_items, synthetic_workflows

if TYPE_CHECKING:
    from bot.demo.orchestrator.server import PretendOrchestrator
    from bot.demo.orchestrator.workflows import PretendWorkflow

_FILES = (
    "machines",
    "operations",
    "services",
    "provisioning",
    "hardware",
    "windows",
    "registry",
    "troubled",
)

__all__ = ["sample_items", "sample_workflows", "seed", "synthetic_items", "synthetic_workflows"]


def sample_workflows() -> list[PretendWorkflow]:
    """The demo's workflows."""
    return [*(workflow for name in _FILES for workflow in workflows_of(name)), ordering()]


def seed(vro: PretendOrchestrator) -> None:
    """Put the samples into a pretend Orchestrator."""
    vro.add_workflows(sample_workflows())
    vro.add_items(sample_items())
    vro.add_action(ACTIONS_MODULE, "datastoreNames", datastore_names)
    vro.add_actions(estate_actions())
