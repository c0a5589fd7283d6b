"""A draft: a form as it was shown to one person and as far as they filled it in, kept until they send it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from bot.domain.errors import BadWish
from bot.domain.forms.form import Control
from bot.domain.forms.found import FormAnswers
from bot.domain.forms.live import LiveField, LiveForm, as_it_stands

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from bot.domain.forms.form import Form, Typed, TypedAnswers
    from bot.domain.people import Person, Place
    from bot.domain.preset import Editor
    from bot.domain.values import Attachment
    from bot.domain.workflow import Workflow


LATEST_START = timedelta(days=90)  # from now


class OfferKind(Enum):
    """Where a form can be filled in from."""

    LEFT = "left"  # another form of the workflow that was begun and never sent
    LAST_RUN = "last run"
    PRESET = "preset"
    MESSAGE = "message"  # the text of the message that it is about, into one field


@dataclass(frozen=True, kw_only=True)
class PrefillSource:
    """Values that a form can be filled in from."""

    kind: OfferKind
    id: str  # of the draft, the launch or the preset; for a message, the field's name
    name: str = ""  # of the preset; for a message, what the field is called
    at: datetime | None = None  # of the run, or of the last change
    own: bool = True  # else somebody shares it with the channel


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What was shown and filled in; its id becomes the launch's id."""

    id: str
    person: Person
    place: Place
    workflow: Workflow
    form: Form
    expires_at: datetime
    zone: str = "UTC"  # the person's, an IANA name
    offers: tuple[PrefillSource, ...] = ()
    typed: TypedAnswers = ()
    editors: tuple[Editor, ...] = ()  # whose values it was filled in with
    again_of: str = ""  # the launch that it was opened to run again
    about: str = ""  # the thread of the message it is about
    message: str = ""  # what that message says
    found: FormAnswers = field(default_factory=FormAnswers)
    files: tuple[tuple[str, Attachment], ...] = ()  # by what stands in their field
    page: int = 0  # of `form.pages`; one behind the last is the review
    turn: int = 0  # how often it was filled in from elsewhere
    problems: tuple[tuple[str, str], ...] = ()  # by field name, as found when it was last checked
    remarks: tuple[str, ...] = ()
    checked_at: datetime | None = None  # when Orchestrator last found no fault with exactly these answers
    view_id: str = ""  # the window it is filled in in
    seen: str = ""  # when the newest change that was read left Slack, in Slack's own counting
    revision: int = 0  # counts the changes; each names the one it was made on
    unknown_fields: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)  # for the store

    @cached_property
    def live(self) -> LiveForm:
        """The form as it stands."""
        return as_it_stands(self.form, dict(self.typed), self.found)

    @property
    def is_at_review(self) -> bool:
        """Whether everything is filled in and only looked at once more."""
        return self.page >= len(self.form.pages)

    def entered(self, values: Mapping[str, Typed]) -> Draft:
        """With what a page holds now; a field that holds its default follows the default."""
        typed = dict(self.typed)
        for name, value in values.items():
            live = self.live.field(name)
            if live is not None and _plain(live, value) == _plain(live, live.default):
                typed.pop(name, None)
            else:
                typed[name] = value
        if typed == dict(self.typed):
            return self
        return replace(self, typed=tuple(typed.items()), checked_at=None)

    def filled(self, typed: Mapping[str, Typed], *, editors: tuple[Editor, ...] = ()) -> Draft:
        """Filled in anew from elsewhere."""
        return replace(
            self,
            typed=tuple(typed.items()),
            editors=editors,
            remarks=(),
            problems=(),
            checked_at=None,
            page=0,
            turn=self.turn + 1,
        )

    @property
    def numbers(self) -> list[int]:
        """The pages that are visible, by their place in the form."""
        return [self.form.pages.index(each.page) for each in self.live.pages]

    @property
    def pages_on(self) -> list[int]:
        """The pages that can be turned to: those that are visible, and the review behind the last."""
        return [*self.numbers, len(self.form.pages)]

    def placed(self) -> Draft:
        """On a page that is visible: where it is, else on the next one."""
        return replace(self, page=min(number for number in self.pages_on if number >= self.page))

    def turned(self, *, forward: bool) -> Draft:
        """On the next page, or the one before."""
        if forward:
            page = min((number for number in self.pages_on if number > self.page), default=self.page)
        else:
            page = max((number for number in self.pages_on if number < self.page), default=self.page)
        return replace(self, page=page, problems=())

    def wrong(self, problems: Mapping[str, str]) -> Draft:
        """On the first page that has one of the problems, where it is if none has."""
        named = {name.partition(".")[0] for name in problems}
        pages = (
            number
            for number, page in zip(self.numbers, self.live.pages, strict=True)
            if named & {each.name.partition(".")[0] for each in page.fields}
        )
        last = max(self.numbers, default=self.page)
        return replace(self, page=next(pages, min(self.page, last)), problems=tuple(problems.items()))


def _plain(live: LiveField, typed: Typed) -> Typed:
    """What stands in a field, where nothing can be written in several ways."""
    return typed or ("false" if live.field.control is Control.CHECK else "")


@dataclass(frozen=True, kw_only=True)
class AbandonedDraft:
    """A form that was begun and never sent."""

    draft_id: str
    at: datetime  # of its last change


@dataclass(frozen=True, kw_only=True)
class LaunchOptions:
    """What somebody may ask for beside the workflow's inputs; `check_wishes` says whether it can be."""

    start_at: datetime | None = None  # None: as soon as it may
    break_glass: str = ""  # why it cannot wait for approval or the end of a freeze; empty: it can


def check_wishes(wishes: LaunchOptions, *, now: datetime) -> None:
    """BadWish if it cannot start when it is asked to."""
    if wishes.start_at is not None and not now < wishes.start_at <= now + LATEST_START:
        raise BadWish
