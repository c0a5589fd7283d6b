"""From the file's text to the domain's policy, or to the list of everything that is wrong with it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bot.domain.errors import BotError
from bot.policy_file.fields import Context
from bot.policy_file.marked_yaml import Problem, read_marked
from bot.policy_file.model import MODELS, PolicyModel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from bot.domain.policy import Policy
    from bot.policy_file.marked_yaml import MarkedYaml, Where

_KEYS = sorted({field.alias or key for model in MODELS for key, field in model.model_fields.items()})
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
}


class PolicyError(BotError):
    """The policy file cannot be used, so nothing may be run."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n- ".join((type(self).__doc__ or "", *problems)))


def read_policy(file: Path, *, secrets: Collection[str]) -> Policy:
    """Read the policy file; `secrets` are the configured names. PolicyError lists every problem."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        advice = "Write one, or name it with POLICY_FILE; `rules: []` allows nothing."
        raise PolicyError([f"{file}: there is no such file. {advice}"]) from None
    except (OSError, UnicodeDecodeError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else "it is not UTF-8 text"
        raise PolicyError([f"{file}: cannot be read: {reason}."]) from wrong
    return parse_policy(text, secrets=secrets, source=str(file))


def parse_policy(text: str, *, secrets: Collection[str], source: str = "policy") -> Policy:
    """Like `read_policy`, of the text itself; `source` is what problems are reported under."""
    marked = read_marked(text)
    problems = list(marked.problems)
    if marked.data is not None or not problems:
        try:
            model = PolicyModel.model_validate(marked.data, context=Context(secrets=frozenset(secrets)))
        except ValidationError as wrong:
            problems += _problems(wrong, marked)
        else:
            if not problems:
                return model.policy()
    problems.sort(key=lambda problem: problem.line)
    raise PolicyError([f"{source}, line {max(1, problem.line)}: {problem.text}" for problem in problems])


def _problems(wrong: ValidationError, marked: MarkedYaml) -> Iterator[Problem]:
    """What pydantic complains about, but for what YAML already has."""
    for error in wrong.errors(include_url=False, include_input=False):
        place = marked.place(error["loc"])
        if place not in marked.unread:
            yield Problem(line=marked.line(place), text=_in_words(error, place))


def _in_words(error: ErrorDetails, place: Where) -> str:
    where = _spell(place)
    kind = error["type"]
    if not where:
        return "has to hold `rules:` and a list; `rules: []` allows nothing."
    if kind == "value_error":
        return f"{where} {error['ctx']['error']}."
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(place[-1]), _KEYS, n=1)
        return f"{where} is not known here. " + (f"Did you mean {near[0]}?" if near else "Take it out.")
    return f"{where} {_WORDS.get(kind) or error['msg'].removeprefix('Input ')}."


def _spell(where: Where) -> str:
    """`rules[1].run.users[2]`: positions are counted from 1, as people do."""
    text = ""
    for part in where:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text
