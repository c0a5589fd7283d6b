"""What Orchestrator was asked about a form, and what it answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from bot.domain.forms.form import Choice, SourceKind
from bot.domain.value_text import text_of
from bot.domain.values import Properties, SdkObject

if TYPE_CHECKING:
    from bot.domain.execution import Argument
    from bot.domain.values import Value

_SIMPLE = (str, int, float)  # what a label may be, as yes and no are numbers here


class Trouble(Enum):
    """Why there is no answer."""

    FAILED = "failed"
    TOO_LATE = "took too long"
    NONSENSE = "answered what cannot be read"
    NOT_UNDERSTOOD = "is not understood"


@dataclass(frozen=True, kw_only=True)
class SourceQuery:
    """A source with what stood in the fields it depends on."""

    kind: SourceKind
    id: str
    inputs: tuple[Argument, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: a value, or trouble."""

    value: Value = None
    trouble: Trouble | None = None

    @cached_property
    def choices(self) -> tuple[Choice, ...] | Trouble:
        """It as a list of choices, made once: it may be long, and every field below may ask for it."""
        return self.trouble or _choices_in(self.value)


@dataclass(frozen=True, kw_only=True)
class FormAnswers:
    """All answers so far, and the objects of the inventory that were picked, as it describes them."""

    answers: tuple[tuple[SourceQuery, Answer], ...] = ()
    objects: tuple[SdkObject, ...] = ()

    def answer(self, question: SourceQuery) -> Answer | None:
        """The answer to a question; None if it was not answered yet."""
        if question.kind is SourceKind.NOT_UNDERSTOOD:
            return Answer(trouble=Trouble.NOT_UNDERSTOOD)
        return self._by_question.get(question)

    @cached_property
    def _by_question(self) -> dict[SourceQuery, Answer]:
        return dict(self.answers)

    def object(self, kind: str, key: str) -> SdkObject | None:
        """The object of that type and id, if it was looked up."""
        return next((each for each in self.objects if (each.type, each.id) == (kind, key)), None)

    def joined(self, more: FormAnswers) -> FormAnswers:
        """These answers and newer ones, of which the newer count."""
        newer = {(each.type, each.id) for each in more.objects}
        return FormAnswers(
            answers=(*((q, a) for q, a in self.answers if more.answer(q) is None), *more.answers),
            objects=(*(each for each in self.objects if (each.type, each.id) not in newer), *more.objects),
        )


def _choices_in(value: Value) -> tuple[Choice, ...] | Trouble:
    """An answer as a list of choices: of values, or of properties with `label` and `value`."""
    match value:
        case None:
            return ()
        case Properties(entries=pairs) if all(isinstance(inner, _SIMPLE) for _, inner in pairs):
            return tuple(Choice(value=key, label=text_of(inner)) for key, inner in pairs)
        case tuple():
            return _known(value) or tuple(_choice(each) for each in value if each is not None)
        case str() if value:
            return tuple(Choice(value=line, label=line) for line in value.splitlines())
        case _:
            return Trouble.NONSENSE


def _known(listed: tuple[Value, ...]) -> tuple[Choice, ...] | None:
    """The choices of a list of texts, or of texts with labels: a draft is read anew at every click."""
    if all(type(each) is str for each in listed):
        return _of_texts(listed, listed)
    pairs = [dict(each.entries) for each in listed if type(each) is Properties]
    values = tuple(each.get("value") for each in pairs)
    labels = tuple(each.get("label", each.get("value")) for each in pairs)
    if len(pairs) < len(listed) or not all(type(each) is str for each in (*values, *labels)):
        return None
    return _of_texts(values, labels)


@lru_cache(maxsize=16)
def _of_texts(values: tuple[Value, ...], labels: tuple[Value, ...]) -> tuple[Choice, ...]:
    pairs = zip(values, labels, strict=True)
    return tuple(Choice(value=str(value), label=str(label)) for value, label in pairs)


def _choice(value: Value) -> Choice:
    if isinstance(value, Properties):
        pairs = dict(value.entries)
        if "value" in pairs:
            return Choice(value=pairs["value"], label=text_of(pairs.get("label", pairs["value"])))
    if isinstance(value, SdkObject):
        return Choice(value=value, label=value.name or value.id)
    return Choice(value=value, label=text_of(value))
