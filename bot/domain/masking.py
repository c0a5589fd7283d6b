"""Masks a launch's secrets in whatever comes back from its run, before that is stored or told."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from bot.domain.secret_forms import SHORTEST, fold, forms_of, squeezed, texts_in
from bot.domain.values import (
    Attachment,
    AttributeReference,
    Composite,
    Properties,
    SdkObject,
    UnreadableValue,
    is_secret,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.domain.execution import Argument, Execution, LogLine
    from bot.domain.launch import Launch
    from bot.domain.values import Value

Described = TypeVar("Described", SdkObject, AttributeReference)

MASK = "••••••"
_WITHHELD = "(not shown: the bot could not open this launch's secrets to take them out; they may be wiped)"
_CUT = "…"  # where something of a text is missing
_MOST_CUTS = 20  # of one text
_LONGEST = 1000  # characters before a cut that may begin a secret
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=_-]")


class Masker:
    """Takes secrets out of texts and values."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._forms = forms_of(secrets)

    def text(self, text: str) -> str:
        """The text with a mask for each secret in it; a mask alone where it cannot be told what to keep."""
        if fold(text) in self._forms.short:
            return MASK
        masked = _without(text, self._spans(text))
        return MASK if self._is_left(masked) else masked

    def value(self, value: Value) -> Value:
        """The value with every text in it masked; a number or date that holds a secret becomes a mask."""
        match value:
            case None | bool():
                return value
            case str():
                return self.text(value)
            case Properties(entries=pairs):
                return Properties(entries=self._pairs(pairs))
            case Composite(members=pairs):
                return replace(value, members=self._pairs(pairs))
            case tuple():
                return tuple(self.value(item) for item in value)
            case SdkObject():
                return self._described(value)
            case AttributeReference():
                return self._described(value)
            case Attachment():
                is_clean = not any(self._spans(value.content.decode(errors="replace")))
                return replace(value, name=self.text(value.name), content=value.content if is_clean else b"")
            case UnreadableValue(json=text):
                return replace(value, json=self._json(text))
            case _ if is_secret(value):
                return value  # hidden as it is
            case _:
                said = next(iter(texts_in(value)), "")
                return value if self.text(said) == said else MASK

    def arguments(self, arguments: Iterable[Argument]) -> tuple[Argument, ...]:
        """Outputs as a run gave them back; their names are the workflow's own and stay."""
        return tuple(
            replace(each, value=self.value(each.value), description=self.text(each.description))
            for each in arguments
        )

    def run(self, run: Execution) -> Execution:
        """A run's whole answer, as far as any of it is kept or shown."""
        return replace(
            run,
            outputs=self.arguments(run.outputs),
            business_state=self.text(run.business_state),
            content_exception=self.text(run.content_exception),
            current_item_display_name=self.text(run.current_item_display_name),
            current_item_for_display=self.text(run.current_item_for_display),
        )

    def lines(self, lines: Iterable[LogLine]) -> tuple[LogLine, ...]:
        """Lines of a log."""
        return tuple(replace(each, text=self.text(each.text), user=self.text(each.user)) for each in lines)

    def _pairs(self, pairs: tuple[tuple[str, Value], ...]) -> tuple[tuple[str, Value], ...]:
        return tuple((self.text(key), self.value(inner)) for key, inner in pairs)

    def _described(self, value: Described) -> Described:
        texts = {each.name: self.text(getattr(value, each.name)) for each in fields(value)}
        return replace(value, **texts)

    def _json(self, text: str) -> str:
        """JSON with its strings masked, however they are escaped."""
        try:
            data = json.loads(text)
            masked = self._data(data)
        except (ValueError, RecursionError):
            return self.text(text)
        return self.text(text if masked == data else json.dumps(masked, ensure_ascii=False))

    def _data(self, data: Any) -> Any:  # noqa: ANN401 - JSON
        match data:
            case str():
                return self.text(data)
            case list():
                return [self._data(item) for item in data]
            case dict():
                return {self.text(key): self._data(item) for key, item in data.items()}
            case int() | float() if not isinstance(data, bool):
                return self.value(data)
            case _:
                return data

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where secrets stand in it."""
        plain = fold(text)
        for form in self._forms.folded:
            if form in plain:
                words = r"\s+".join(re.escape(word) for word in form.split())
                yield from (found.span() for found in re.finditer(words, text, re.IGNORECASE))
        for form in self._forms.exact:
            yield from _around(text, form)
        for cut in list(re.finditer(_CUT, text))[:_MOST_CUTS]:
            yield from self._before_cut(text, cut.start())

    def _before_cut(self, text: str, cut: int) -> Iterator[tuple[int, int]]:
        """The beginning of a secret whose rest was cut off, by Orchestrator or by the bot's own client."""
        for forms, ending in (
            (self._forms.folded, text[:cut][-_LONGEST:].lower()),
            (self._forms.exact, text[:cut][-_LONGEST:]),
        ):
            for form in forms:
                at = next(
                    (
                        at
                        for at in range(min(len(form), len(ending)), SHORTEST - 1, -1)
                        if ending.endswith(form[:at])
                    ),
                    0,
                )
                yield cut - at, cut

    def _is_left(self, masked: str) -> bool:
        """Whether a secret is still in it: written in other characters, or with white space within."""
        plain = fold(masked)
        if any(form in plain for form in self._forms.folded):
            return True
        if not self._forms.unbroken or masked.isspace():
            return False
        exact = squeezed(masked)
        folded = exact.casefold()
        return any(form in exact or form in folded for form in self._forms.unbroken)


class Withholder(Masker):
    """Stands in where a launch's secrets cannot be opened: shows no text at all."""

    def __init__(self) -> None:
        super().__init__(())

    def text(self, text: str) -> str:
        """A word on why there is none; nothing for nothing."""
        return _WITHHELD if text else text

    def value(self, value: Value) -> Value:
        """The same for a value."""
        return value if value is None else _WITHHELD


def hidden_texts(launch: Launch) -> frozenset[str]:
    """The texts of a launch that the policy hides, and those Orchestrator encrypted."""
    values = (each.value for each in launch.arguments if each.name in launch.hidden or is_secret(each.value))
    return frozenset(text for value in values for text in texts_in(value) if text)


def _around(text: str, form: str) -> Iterator[tuple[int, int]]:
    """Where a piece of Base64 stands, with all of the Base64 it is a part of."""
    at = text.find(form)
    while at >= 0:
        begin = at
        while begin and not _NOT_BASE64.match(text[begin - 1]):
            begin -= 1
        after = _NOT_BASE64.search(text, at + len(form))
        end = after.start() if after else len(text)
        yield begin, end
        at = text.find(form, end)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with one mask for each stretch that spans cover."""
    kept, reached = [], -1
    for begin, end in sorted(spans):
        if begin > reached:
            kept += [text[max(reached, 0) : begin], MASK]
        reached = max(reached, end)
    return "".join((*kept, text[max(reached, 0) :]))
