"""An execution: one run of a workflow in Orchestrator."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.values import Value
    from bot.domain.workflow import ParameterType


class ExecutionState(Enum):
    """Orchestrator's execution states; whatever it says beyond them is OTHER, which is not an end."""

    INITIALIZING = "initializing"
    RUNNING = "running"
    SUSPENDED = "suspended"
    WAITING = "waiting"  # for the answer to a user interaction
    WAITING_SIGNAL = "waiting-signal"  # for a timer, an event or a nested run
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    OTHER = "other"

    @property
    def is_end(self) -> bool:
        """Whether the run is over."""
        return self in {ExecutionState.COMPLETED, ExecutionState.FAILED, ExecutionState.CANCELED}

    @classmethod
    def read(cls, text: str) -> ExecutionState:
        """Read any spelling seen on the wire: `STATE_WAITING_ON_SIGNAL`, `Cancelled`, `waiting Signal`."""
        word = text.strip().lower().replace("_", "-").replace(" ", "-")
        word = {"state-waiting-on-signal": "waiting-signal", "cancelled": "canceled"}.get(word, word)
        return cls(word) if word in cls._value2member_map_ else cls.OTHER


@dataclass(frozen=True, kw_only=True)
class Argument:
    """A named, typed value: an input as sent or an output as received."""

    name: str
    type: ParameterType
    value: Value
    scope: str = "local"  # Orchestrator's word: local, or token for its own bookkeeping
    description: str = ""
    updated: bool | None = None  # sent only when set
    encrypt_value: bool | None = None  # sent only when set


@dataclass(frozen=True, kw_only=True)
class ExecutionSummary:
    """A line of an execution list; Orchestrator leaves out what it likes."""

    id: str
    state: ExecutionState
    name: str = ""
    started_by: str = ""
    start_date: datetime | None = None
    end_date: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ExecutionList:
    """A workflow's runs as Orchestrator listed them, and how many of its lines name no run."""

    runs: tuple[ExecutionSummary, ...] = ()
    unread: int = 0


@dataclass(frozen=True, kw_only=True)
class Execution:
    """A run with all that its full answer holds."""

    id: str
    state: ExecutionState
    name: str = ""
    href: str = ""
    started_by: str = ""
    start_date: datetime | None = None
    end_date: datetime | None = None
    inputs: tuple[Argument, ...] = ()
    outputs: tuple[Argument, ...] = ()
    business_state: str = ""
    content_exception: str = ""
    current_item_display_name: str = ""
    current_item_for_display: str = ""
    workflow_item: str = ""
    workflow_attributes: tuple[Argument, ...] = ()  # may hold credentials: never shown
    relations: tuple[tuple[str, str], ...] = ()  # (rel, href)
    statistic: str = ""  # JSON text, as it came


@dataclass(frozen=True, kw_only=True)
class ProfilerOptions:
    """What Orchestrator should record of a run; an option left at None is not sent."""

    enabled: bool | None = None
    debugger_enabled: bool | None = None
    token_replay_enabled: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Started:
    """An accepted start: the id Orchestrator gave the run, and the run where the answer described it."""

    execution_id: str
    execution: Execution | None = None


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """A question a waiting run asks of people."""

    id: str = ""
    name: str = ""
    finished: bool = False
    href: str = ""
    parameters: tuple[Argument, ...] = ()  # what is asked, with the values offered
    assignees: tuple[str, ...] = ()
    user_assignees: tuple[str, ...] = ()
    group_assignees: tuple[str, ...] = ()
    timeout_date: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """A line of a run's log."""

    text: str
    severity: str = "info"  # debug, info, warning, error or unknown
    at: datetime | None = None
    user: str = ""
