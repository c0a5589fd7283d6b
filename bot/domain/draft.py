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
