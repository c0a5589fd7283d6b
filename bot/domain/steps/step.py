"""What a step gives: the launch as it is after it, what to tell, and when to look next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from bot.domain.launch import Happening

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.launch import Launch
    from bot.domain.people import Person


class Due(Enum):
    """When the tracker looks at a launch next, where that is no moment."""

    UNCHANGED = "unchanged"
    CLAIMED = "claimed"  # it is the caller's alone, for a lease


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """What happened, by whom, with what note: the thread will tell it."""

    what: Happening
    by: Person | None = None
    email: str = ""  # of `by`, for the audit
    note: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)  # JSON: counts, places, moments


@dataclass(frozen=True, kw_only=True)
class Step:
    """The launch after a step, what it gave to tell, and when it is looked at next (None: never)."""

    launch: Launch
    told: tuple[NewEvent, ...] = ()
    due: datetime | Due | None = None


def closing(step: Step) -> Step:
    """A step that ends a launch; of one that passed the policy's barriers a review is asked for."""
    if not step.launch.wants_review:
        return step
    asked = NewEvent(what=Happening.REVIEW_ASKED, note=step.launch.break_glass)
    return replace(step, told=(*step.told, asked))
