"""A pretend Orchestrator: strict where the real one is, in four dialects, with faults on demand.

It is written against what is known of the real server and imports nothing of the product, so that
the two cannot drift into agreeing with each other.
"""

from bot.demo.orchestrator.actions import Call, PretendAction, Thrown, Trouble
from bot.demo.orchestrator.dialects import Complaint, Dialect, Habits, Unauthorized
from bot.demo.orchestrator.faults import Armed, Fault
from bot.demo.orchestrator.inventory import Item
from bot.demo.orchestrator.journal import Journal
from bot.demo.orchestrator.login import Account
from bot.demo.orchestrator.scripts import Declared, End, Inputs, Phase, Question, Script, lasting, manual
from bot.demo.orchestrator.server import PretendOrchestrator
from bot.demo.orchestrator.state import InvalidStart, Start
from bot.demo.orchestrator.workflows import PretendWorkflow

__all__ = [
    "Account",
    "Armed",
    "Call",
    "Complaint",
    "Declared",
    "Dialect",
    "End",
    "Fault",
    "Habits",
    "Inputs",
    "InvalidStart",
    "Item",
    "Journal",
    "Phase",
    "PretendAction",
    "PretendOrchestrator",
    "PretendWorkflow",
    "Question",
    "Script",
    "Start",
    "Thrown",
    "Trouble",
    "Unauthorized",
    "lasting",
    "manual",
]
