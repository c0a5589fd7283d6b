"""A YAML document held against its model: the model, or everything that is wrong, each with its line."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from bot.domain.errors import BotError
from bot.policy_file.marked_yaml import MarkedYaml, Problem, read_marked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pydantic_core import ErrorDetails

    from bot.policy_file.fields import ReadingContext
    from bot.policy_file.marked_yaml import Where

Model = TypeVar("Model", bound=BaseModel)

_WORDS = {
    "missing": "is missing",
    "string_type": "has to be text. Put it in quotes",
    "string_too_short": "is empty",
    "string_pattern_mismatch": "is blank",
    "bool_type": "has to be true or false",
    "float_type": "has to be a number",
    "int_type": "has to be a whole number",
    "finite_number": "has to be a finite number",
    "list_type": "has to be a list, such as [A, B]",
    "too_short": "is an empty list. Leave it out, or name something",
    "dict_type": "has to hold keys of its own",
    "model_type": "has to hold keys of its own",
    "literal_error": "has to be {expected}",
    "greater_than_equal": "has to be at least {ge}",
    "less_than_equal": "has to be at most {le}",
}


class PolicyError(BotError):
    """The policy file cannot be used, so nothing may be run."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n- ".join((type(self).__doc__ or "", *problems)))


def held_against(
    model: type[Model],
    text: str,
    *,
    known: ReadingContext,
    source: str,
    shape: str,  # what to say of a document that is no mapping
    keys: Sequence[str] = (),  # what a misspelt key could have meant
    further: Callable[[Model, MarkedYaml], Iterable[Problem]] = lambda _, __: (),
) -> Model:
    """The document as the model; PolicyError lists its problems, `further` ones if it has no others."""
    marked = read_marked(text)
    problems = list(marked.problems)
    if marked.data is not None or not problems:
        try:
            found = model.model_validate(marked.data, context=known)
        except ValidationError as wrong:
            problems += _problems(wrong, marked, shape=shape, keys=keys)
        else:
            problems = problems or list(further(found, marked))
            if not problems:
                return found
    problems.sort(key=lambda problem: problem.line)
    raise PolicyError([f"{source}, line {max(1, problem.line)}: {problem.text}" for problem in problems])


def _problems(
    wrong: ValidationError, marked: MarkedYaml, *, shape: str, keys: Sequence[str]
) -> Iterator[Problem]:
    """What pydantic complains about, but for what YAML already has."""
    for error in wrong.errors(include_url=False, include_input=False):
        place = marked.place(error["loc"])
        if place not in marked.unread:
            text = _in_words(error, place, keys) if place else shape
            yield Problem(line=marked.line(place), text=text)


def _in_words(error: ErrorDetails, place: Where, keys: Sequence[str]) -> str:
    where, kind, about = _spell(place), error["type"], error.get("ctx", {})
    if kind == "value_error":
        return f"{where} {about['error']}."
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(place[-1]), keys, n=1)
        return f"{where} is not known here. " + (f"Did you mean {near[0]}?" if near else "Take it out.")
    words = _WORDS[kind].format_map(about) if kind in _WORDS else error["msg"].removeprefix("Input ")
    return f"{where} {words}."


def _spell(where: Where) -> str:
    """`rules[1].run.users[2]`: positions are counted from 1, as people do."""
    text = ""
    for part in where:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def keys_of(models: Iterable[type[BaseModel]]) -> list[str]:
    """All keys the models take, as they are written."""
    return sorted({field.alias or key for model in models for key, field in model.model_fields.items()})
