"""Example cases kept beside a policy: who wants to run what where, and what the policy has to answer.

The file is YAML and holds `people`, `workflows` and `cases`.

- A person has a `user`, and may have `groups`, a confirmed `email` and `member: false`.
- A workflow has a `name` or `id`, and may have a `folder` and `tags`.
- A case says `name`, `who`, `workflow` and `expect`: `deny`, `approval`, `freeze` or `allow`. It may say
  `where` (left out: anywhere), `with` (the arguments; left out: none), `at` (left out: freezes are left
  aside) and `break_glass` (the reason), and expect a `rule`, `approvals` (how many people in all) and a
  `freeze` by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from bot.domain.execution import Argument
from bot.domain.people import Membership, Person, Place
from bot.domain.policy import RulingOutcome, Wish
from bot.domain.workflow import ParameterType, WorkflowSummary
from bot.policy_file.document import held_against, keys_of
from bot.policy_file.fields import (
    Channel,
    NamedPeople,
    NamedWorkflow,
    ReadingContext,
    Strict,
    Text,
    User,
    UserGroup,
    context,
    once,
)
from bot.policy_file.reading import as_text, read_raw

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.values import Value


@dataclass(frozen=True, kw_only=True)
class PolicyCase:
    """One example, and what is expected of it; None: whatever it is."""

    name: str
    wish: Wish
    expected: RulingOutcome
    rule: str | None
    approvals: int | None
    freeze: str | None


def read_cases(file: Path) -> tuple[PolicyCase, ...]:
    """Read a file of cases; PolicyError lists every problem."""
    text = as_text(read_raw(file, advice="Write example cases there, or name their file with --cases."), file)
    shape = "has to hold `people`, `workflows` and `cases`."
    found = held_against(
        _Cases, text, known=ReadingContext(), source=str(file), shape=shape, keys=keys_of(_MODELS)
    )
    return found.all()


def argument(name: str, value: Value) -> Argument:
    """An argument whose declared type does not matter, because policies compare values alone."""
    return Argument(name=name, type=ParameterType(declared="Any"), value=value)


class _Person(Strict):
    user: User
    groups: list[UserGroup] = []
    email: Text | None = None
    member: bool = True

    def membership(self, name: str) -> Membership:
        return Membership(
            person=Person(team_id="", user_id=self.user),
            is_member=self.member,
            groups=frozenset(self.groups),
            name=name,
            email=self.email or "",
            email_confirmed=self.email is not None,
        )


class _Workflow(Strict):
    id: Text | None = None
    name: Text | None = None
    folder: Text | None = None
    tags: list[Text] = []

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if not (self.id or self.name):
            raise ValueError("needs a name or an id")
        return self

    def summary(self) -> WorkflowSummary:
        return WorkflowSummary(
            id=self.id or "", name=self.name or "", folder=self.folder or "", tags=tuple(self.tags)
        )


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError("is not a moment. Write it as 2026-12-24 18:00+01:00; without an offset it is UTC")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _value(given: object) -> Value:
    if isinstance(given, list):
        return tuple(_value(item) for item in given)
    if given is None or isinstance(given, str | bool | int | float):
        return given
    raise ValueError("has to be text, a number, true or false, or a list of these")


class _Case(Strict):
    name: Annotated[Text, AfterValidator(lambda name, info: once(name, context(info).rules, "case"))]
    who: NamedPeople
    where: Channel | None = None
    workflow: NamedWorkflow
    arguments: dict[Text, Annotated[object, AfterValidator(_value)]] = Field(default={}, alias="with")
    at: Annotated[datetime, BeforeValidator(_moment)] | None = None
    break_glass: Text | None = None
    expect: Literal["deny", "approval", "freeze", "allow"]
    rule: Text | None = None
    approvals: Annotated[int, Field(ge=0)] | None = None
    freeze: Text | None = None


class _Cases(Strict):
    people: dict[Text, _Person]
    workflows: dict[Text, _Workflow]
    cases: list[_Case]

    @field_validator("people", "workflows", mode="before")
    @classmethod
    def _names_are_known(cls, given: object, info: ValidationInfo) -> object:
        """Let the cases refer to the names, also where one of them is wrong."""
        if isinstance(given, dict):
            known = context(info)
            (known.people if info.field_name == "people" else known.workflows).update(given)
        return given

    def all(self) -> tuple[PolicyCase, ...]:
        return tuple(self._case(each) for each in self.cases)

    def _case(self, each: _Case) -> PolicyCase:
        return PolicyCase(
            name=each.name,
            wish=Wish(
                who=self.people[each.who].membership(each.who),
                place=Place(channel_id=each.where) if each.where else None,
                workflow=self.workflows[each.workflow].summary(),
                arguments=tuple(argument(name, _value(value)) for name, value in each.arguments.items()),
                at=each.at,
                break_glass=each.break_glass or "",
            ),
            expected=RulingOutcome(each.expect),
            rule=each.rule,
            approvals=each.approvals,
            freeze=each.freeze,
        )


_MODELS = (_Cases, _Case, _Workflow, _Person)
