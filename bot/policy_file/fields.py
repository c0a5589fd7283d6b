"""The small pieces of the policy file: ids, durations, names, and what they are checked against."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from bot.domain.patterns import Uncheckable, read_pattern
from bot.domain.policy.arguments import plain

if TYPE_CHECKING:
    from collections.abc import Callable

_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True, kw_only=True)
class ReadingContext:
    """What validators know beside the value: names that are configured or known, and those seen so far."""

    secrets: frozenset[str] | None = None  # None: not known
    groups: frozenset[str] | None = None  # the workspace's user groups; None: not known
    people: set[str] = field(default_factory=set)
    workflows: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    freezes: set[str] = field(default_factory=set)


def context(info: ValidationInfo) -> ReadingContext:
    """What the validation was given to know."""
    return info.context or ReadingContext()


class Strict(BaseModel):
    """A mapping that takes what it names and nothing else."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


def _slack_id(letters: str, what: str, where: str) -> Callable[[str], str]:
    form = re.compile(f"[{letters}][A-Z0-9]+")

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(
                f"is not the id of a {what}. Copy it {where}; it looks like {letters[0]}0123ABCD"
            )
        return text

    return check


def _known_group(group: str, info: ValidationInfo) -> str:
    known = context(info).groups
    if known is not None and group not in known:
        raise ValueError(f"names the user group {group}, which this Slack workspace does not have")
    return group


def _named_people(name: str, info: ValidationInfo) -> str:
    return _named(name, context(info).people, "people")


def _named_workflow(name: str, info: ValidationInfo) -> str:
    return _named(name, context(info).workflows, "workflows")


def _named(name: str, known: set[str], section: str) -> str:
    if name not in known:
        named = f"It has: {', '.join(sorted(known))}" if known else "There is none in this file"
        raise ValueError(f"names “{name}”, which the section `{section}` does not have. {named}")
    return name


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text.casefold()):
        raise ValueError("is not an e-mail domain. It is what stands behind the @, such as example.com")
    return text.casefold()


def _duration(text: object) -> timedelta:
    found = re.fullmatch(r"([1-9][0-9]{0,4})([mhd])", text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("is not a duration. Write minutes, hours or days, such as 30m, 4h or 2d")
    return (
        int(found[1]) * {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[found[2]]
    )


@cache
def _zones() -> set[str]:
    return available_timezones()  # walks a folder


def _zone(text: str) -> str:
    if text not in _zones():
        raise ValueError("is not a time zone. Write its IANA name, such as Europe/Berlin")
    return text


def configured(name: str, info: ValidationInfo) -> str:
    """The name of a secret; ValueError if it is not configured, as far as that is known."""
    known = context(info).secrets
    if known is not None and name not in known:
        raise ValueError(
            f"names the secret “{name}”, which is not configured. Put it into SECRETS_DIR or SECRET_<NAME>"
        )
    return name


def _expression(text: str) -> str:
    try:
        read_pattern(text)
    except Uncheckable as wrong:
        raise ValueError(f"is not a regular expression: it {wrong}") from None
    return text


def _plain(value: object) -> str:
    """A value as arguments are compared with it."""
    written = plain(value) if isinstance(value, str | bool | int | float) else frozenset()
    if not any(written):
        raise ValueError("has to be text, a number, or true or false")
    return next(iter(written))


def once(name: str, seen: set[str], what: str) -> str:
    """The name; ValueError if an earlier one has it."""
    if name in seen:
        raise ValueError(f"is the name of an earlier {what} too. Give each {what} its own")
    seen.add(name)
    return name


Text = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
User = Annotated[str, AfterValidator(_slack_id("UW", "person", "from the person's profile"))]
UserGroup = Annotated[
    str,
    AfterValidator(_slack_id("S", "user group", "from the link to the group")),
    AfterValidator(_known_group),
]
Channel = Annotated[str, AfterValidator(_slack_id("CG", "channel", "from the end of the channel's details"))]
Domain = Annotated[str, AfterValidator(_domain)]
NamedPeople = Annotated[Text, AfterValidator(_named_people)]
NamedWorkflow = Annotated[Text, AfterValidator(_named_workflow)]
Secret = Annotated[Text, AfterValidator(configured)]
Expression = Annotated[Text, AfterValidator(_expression)]
Zone = Annotated[Text, AfterValidator(_zone)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=1000)]
Plain = Annotated[str, BeforeValidator(_plain)]
RuleName = Annotated[Text, AfterValidator(lambda name, info: once(name, context(info).rules, "rule"))]
FreezeName = Annotated[Text, AfterValidator(lambda name, info: once(name, context(info).freezes, "freeze"))]
