"""From the policy file to the domain's policy, or to the list of everything that is wrong with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.policy.shadows import unreachable
from bot.policy_file.document import PolicyError, held_against, keys_of
from bot.policy_file.fields import ReadingContext
from bot.policy_file.marked_yaml import Problem
from bot.policy_file.model import MODELS, PolicyModel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from bot.domain.policy import Policy
    from bot.policy_file.marked_yaml import MarkedYaml

_SHAPE = "has to hold `rules:` and a list; `rules: []` allows nothing."
_KEYS = keys_of(MODELS)


@dataclass(frozen=True, kw_only=True)
class Edition:
    """A policy, and the SHA-256 of the file it was read from, in hexadecimal."""

    policy: Policy
    digest: str


def read_edition(
    file: Path, *, secrets: Collection[str] | None, groups: Collection[str] | None = None
) -> Edition:
    """Read the policy file; PolicyError lists every problem.

    `secrets` are the configured names, `groups` the workspace's user groups; None: not known, not checked.
    """
    raw = read_raw(file)
    policy = parse_policy(as_text(raw, file), secrets=secrets, groups=groups, source=str(file))
    return Edition(policy=policy, digest=digest_of(raw))


def read_policy(
    file: Path, *, secrets: Collection[str] | None, groups: Collection[str] | None = None
) -> Policy:
    """Like `read_edition`, the policy alone."""
    return read_edition(file, secrets=secrets, groups=groups).policy


def read_raw(
    file: Path, *, advice: str = "Write one, or name it with POLICY_FILE; `rules: []` allows nothing."
) -> bytes:
    """What the file holds; PolicyError if it cannot be read, with `advice` if it is not there."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise PolicyError([f"{file}: there is no such file. {advice}"]) from None
    except OSError as wrong:
        raise PolicyError([f"{file}: cannot be read: {wrong.strerror}."]) from wrong


def as_text(raw: bytes, file: Path) -> str:
    """The file as text; PolicyError if it is none."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise PolicyError([f"{file}: cannot be read: it is not UTF-8 text."]) from wrong


def digest_of(raw: bytes) -> str:
    """What tells one edition of the file from another."""
    return hashlib.sha256(raw).hexdigest()


def parse_policy(
    text: str,
    *,
    secrets: Collection[str] | None,
    groups: Collection[str] | None = None,
    source: str = "policy",
) -> Policy:
    """Like `read_policy`, of the text itself; `source` is what problems are reported under."""
    known = ReadingContext(
        secrets=None if secrets is None else frozenset(secrets),
        groups=None if groups is None else frozenset(groups),
    )
    built: list[Policy] = []  # by the check below, which every document that is returned has passed

    def check(model: PolicyModel, marked: MarkedYaml) -> Iterator[Problem]:
        built.append(model.policy())
        return _unreachable(built[-1], marked)

    held_against(
        PolicyModel,
        text,
        known=known,
        source=source,
        shape=_SHAPE,
        keys=_KEYS,
        further=check,
    )
    policy = built[-1]
    policy.prepare()  # here, because a changed file is read in a thread
    return policy


def _unreachable(policy: Policy, marked: MarkedYaml) -> Iterator[Problem]:
    for shadow in unreachable(policy.rules):
        behind = " and ".join(f"“{policy.rules[number].name}”" for number in shadow.behind)
        covers = "covers" if len(shadow.behind) == 1 else "cover"
        yield Problem(
            line=marked.line(("rules", shadow.number, "name")),
            text=f"rules[{shadow.number + 1}] can never decide: {behind} above {covers} all of it. "
            "Move it up, or take it out.",
        )
