"""What a pretend workflow does once started: phases in order of time, then an end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from bot.demo.orchestrator.values import Obj

Inputs: TypeAlias = Mapping[str, object]  # by name, as the workflow's own script would see them

TERMINAL = frozenset({"completed", "failed", "canceled"})
STATES = TERMINAL | {"initializing", "running", "waiting", "waiting-signal", "suspended"}


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A declared input, output or attribute."""

    name: str
    type: str
    description: str = ""
    mandatory: bool = False  # by its definition


@dataclass(frozen=True, kw_only=True)
class WaitingQuestion:
    """What a waiting run asks a person."""

    name: str
    inputs: tuple[Declared, ...] = ()
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of a run in one state, on one item of the workflow's schema."""

    state: str = "running"
    lasts: timedelta | None = None  # None: until an answer, `finish`, `set_state` or a cancel
    item: str = ""  # display name of the current item
    says: tuple[str, ...] = ()  # System.log lines, written when the phase begins
    question: WaitingQuestion | None = (
        None  # with it `lasts` is the time after which nobody need answer any more
    )


@dataclass(frozen=True, kw_only=True)
class End:
    """How a run ends; `outputs` are parameters as they go over the wire."""

    state: str = "completed"
    outputs: tuple[Obj, ...] = ()
    error: str = ""
    business_state: str = ""


def completes(_: Inputs) -> End:
    """An end without outputs."""
    return End()


@dataclass(frozen=True, kw_only=True)
class Script:
    """Phases one after the other, and the end they lead to."""

    phases: tuple[Phase, ...]
    end: Callable[[Inputs], End] = completes


def manual(end: Callable[[Inputs], End] = completes) -> Script:
    """Running until told to finish."""
    return Script(phases=(Phase(item="Working"),), end=end)


def lasting(
    length: timedelta, *, end: Callable[[Inputs], End] = completes, says: tuple[str, ...] = ()
) -> Script:
    """Initializing for a fifth of a second, then running for `length`."""
    return Script(
        phases=(
            Phase(state="initializing", lasts=timedelta(milliseconds=200)),
            Phase(lasts=length, item="Scriptable task", says=says),
        ),
        end=end,
    )
