"""What Orchestrator was asked about a form, and what it answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bot.domain.forms.form import SourceKind

if TYPE_CHECKING:
    from bot.domain.execution import Argument
    from bot.domain.values import SdkObject, Value


class Trouble(Enum):
    """Why there is no answer."""

    FAILED = "failed"
    TOO_LATE = "took too long"
    NONSENSE = "answered what cannot be read"
    NOT_UNDERSTOOD = "is not understood"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A source with what stood in the fields it depends on."""

    kind: SourceKind
    id: str
    inputs: tuple[Argument, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: a value, or trouble."""

    value: Value = None
    trouble: Trouble | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """All answers so far, and the objects of the inventory that were picked, as it describes them."""

    answers: tuple[tuple[Question, Answer], ...] = ()
    objects: tuple[SdkObject, ...] = ()

    def answer(self, question: Question) -> Answer | None:
        """The answer to a question; None if it was not answered yet."""
        if question.kind is SourceKind.NOT_UNDERSTOOD:
            return Answer(trouble=Trouble.NOT_UNDERSTOOD)
        return next((answer for asked, answer in self.answers if asked == question), None)

    def object(self, kind: str, key: str) -> SdkObject | None:
        """The object of that type and id, if it was looked up."""
        return next((each for each in self.objects if (each.type, each.id) == (kind, key)), None)

    def joined(self, more: Found) -> Found:
        """These answers and newer ones, of which the newer count."""
        newer = {(each.type, each.id) for each in more.objects}
        return Found(
            answers=(*((q, a) for q, a in self.answers if more.answer(q) is None), *more.answers),
            objects=(*(each for each in self.objects if (each.type, each.id) not in newer), *more.objects),
        )
