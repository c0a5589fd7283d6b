"""From the file's text to the domain's policy, or to the list of everything that is wrong with it."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bot.domain.errors import BotError
from bot.domain.policy.shadows import unreachable
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


@dataclass(frozen=True, kw_only=True)
class Edition:
    """A policy, and the SHA-256 of the file it was read from, in hexadecimal."""

    policy: Policy
    digest: str


def read_edition(file: Path, *, secrets: Collection[str], groups: Collection[str] | None = None) -> Edition:
    """Read the policy file; PolicyError lists every problem.

    `secrets` are the configured names, `groups` the workspace's user groups; None: Slack was not asked.
    """
    raw = read_raw(file)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise PolicyError([f"{file}: cannot be read: it is not UTF-8 text."]) from wrong
    policy = parse_policy(text, secrets=secrets, groups=groups, source=str(file))
    return Edition(policy=policy, digest=digest_of(raw))


def read_policy(file: Path, *, secrets: Collection[str], groups: Collection[str] | None = None) -> Policy:
    """Like `read_edition`, the policy alone."""
    return read_edition(file, secrets=secrets, groups=groups).policy


def read_raw(file: Path) -> bytes:
    """What the file holds; PolicyError if it cannot be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        advice = "Write one, or name it with POLICY_FILE; `rules: []` allows nothing."
        raise PolicyError([f"{file}: there is no such file. {advice}"]) from None
    except OSError as wrong:
        raise PolicyError([f"{file}: cannot be read: {wrong.strerror}."]) from wrong


def digest_of(raw: bytes) -> str:
    """What tells one edition of the file from another."""
    return hashlib.sha256(raw).hexdigest()


def parse_policy(
    text: str,
    *,
    secrets: Collection[str],
    groups: Collection[str] | None = None,
    source: str = "policy",
) -> Policy:
    """Like `read_policy`, of the text itself; `source` is what problems are reported under."""
    known = Context(secrets=frozenset(secrets), groups=None if groups is None else frozenset(groups))
    marked = read_marked(text)
    problems = list(marked.problems)
    if marked.data is not None or not problems:
        try:
            policy = PolicyModel.model_validate(marked.data, context=known).policy()
        except ValidationError as wrong:
            problems += _problems(wrong, marked)
        else:
            problems += _unreachable(policy, marked)
            if not problems:
                return policy
    problems.sort(key=lambda problem: problem.line)
    raise PolicyError([f"{source}, line {max(1, problem.line)}: {problem.text}" for problem in problems])


def _problems(wrong: ValidationError, marked: MarkedYaml) -> Iterator[Problem]:
    """What pydantic complains about, but for what YAML already has."""
    for error in wrong.errors(include_url=False, include_input=False):
        place = marked.place(error["loc"])
        if place not in marked.unread:
            yield Problem(line=marked.line(place), text=_in_words(error, place))


def _unreachable(policy: Policy, marked: MarkedYaml) -> Iterator[Problem]:
    for shadow in unreachable(policy.rules):
        behind = " and ".join(f"“{policy.rules[number].name}”" for number in shadow.behind)
        covers = "covers" if len(shadow.behind) == 1 else "cover"
        yield Problem(
            line=marked.line(("rules", shadow.number, "name")),
            text=f"rules[{shadow.number + 1}] can never decide: {behind} above {covers} all of it. "
            "Move it up, or take it out.",
        )


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
