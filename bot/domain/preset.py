"""A preset: the values of a form kept under a name, by one person, for themselves or for a channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.people import identities_of
from bot.domain.values import Attachment, is_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from bot.domain.execution import Argument
    from bot.domain.people import Membership, Person
    from bot.domain.workflow import WorkflowRef

LONGEST_NAME = 60  # characters


@dataclass(frozen=True, kw_only=True)
class Editor:
    """Somebody else whose values a form was filled in with."""

    person: Person
    email: str = ""
    preset: str = ""  # its name; empty: the values are those of their launch

    @property
    def identities(self) -> frozenset[str]:
        """What they are one human by."""
        return identities_of(self.person, self.email)


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Values somebody wants to use again; it holds no secret and no file."""

    id: str
    owner: Person
    workflow: WorkflowRef
    name: str
    channel_id: str = ""  # of the channel it is shared with; empty: with nobody
    arguments: tuple[Argument, ...] = ()
    owner_email: str = ""
    editors: tuple[Editor, ...] = ()  # whose values its owner saved as their own
    unknown_fields: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)  # for the store

    def editors_for(self, who: Membership) -> tuple[Editor, ...]:
        """Who else has a hand in a form that this person fills in from it."""
        owner = Editor(person=self.owner, email=self.owner_email, preset=self.name)
        return tuple(each for each in (owner, *self.editors) if not each.identities & who.identities)


def keepable(arguments: Iterable[Argument], *, hidden: frozenset[str]) -> tuple[Argument, ...]:
    """The arguments a preset may hold: no secrets, no files, nothing the policy hides."""
    return tuple(
        each
        for each in arguments
        if each.name not in hidden and not is_secret(each.value) and not _holds_file(each)
    )


def _holds_file(argument: Argument) -> bool:
    items = argument.value if isinstance(argument.value, tuple) else (argument.value,)
    return any(isinstance(item, Attachment) for item in items)
