"""A draft: a form as it was shown to one person, kept until they submit it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.form import Form
    from bot.domain.people import Person, Place
    from bot.domain.workflow import Workflow


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What was shown; its id becomes the launch's id."""

    id: str
    person: Person
    place: Place
    workflow: Workflow
    form: Form
    expires_at: datetime
    revision: int = 0  # counts the changes; each names the one it was made on


@dataclass(frozen=True, kw_only=True)
class Left:
    """A form that was begun and never sent."""

    draft_id: str
    at: datetime  # of its last change


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What somebody may ask for beside the workflow's inputs."""

    start_at: datetime | None = None  # None: as soon as it may
    break_glass: str = ""  # why it cannot wait for approval or the end of a freeze; empty: it can
