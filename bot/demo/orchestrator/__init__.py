"""A pretend Orchestrator: strict where the real one is, in four dialects, with faults on demand.

It is written against what is known of the real server and imports nothing of the product, so that
the two cannot drift into agreeing with each other.
"""

from bot.demo.orchestrator.actions import ActionFault, ActionRun, PretendAction, Thrown
from bot.demo.orchestrator.dialects import Complaint, Dialect, Habits, Unauthorized
from bot.demo.orchestrator.faults import Armed, ArmedFault
from bot.demo.orchestrator.inventory import InventoryObject
from bot.demo.orchestrator.journal import Journal
from bot.demo.orchestrator.login import Account
from bot.demo.orchestrator.scripts import (
    Declared,
    End,
    Inputs,
    Phase,
    Script,
    WaitingQuestion,
    lasting,
    manual,
)
from bot.demo.orchestrator.server import PretendOrchestrator
from bot.demo.orchestrator.state import InvalidStart, Start
from bot.demo.orchestrator.workflows import PretendWorkflow

__all__ = [
    "Account",
    "ActionFault",
    "ActionRun",
    "Armed",
    "ArmedFault",
    "Complaint",
    "Declared",
    "Dialect",
    "End",
    "Habits",
    "Inputs",
    "InvalidStart",
    "InventoryObject",
    "Journal",
    "Phase",
    "PretendAction",
    "PretendOrchestrator",
    "PretendWorkflow",
    "Script",
    "Start",
    "Thrown",
    "Unauthorized",
    "WaitingQuestion",
    "lasting",
    "manual",
]
