"""The policy file's shape, strictly: what may stand where, and the domain's rules made from it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from bot.domain.policy import ApprovalRule, Group, InputRule, Policy, Rule

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class Context:
    """What validators know beside the value: the configured secrets, and the names of rules seen so far."""

    secrets: frozenset[str] = frozenset()
    names: set[str] = field(default_factory=set)


def _context(info: ValidationInfo) -> Context:
    return info.context or Context()


def _slack_id(letters: str, what: str, where: str) -> Callable[[str], str]:
    form = re.compile(f"[{letters}][A-Z0-9]+")

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(
                f"is not the id of a {what}. Copy it {where}; it looks like {letters[0]}0123ABCD"
            )
        return text

    return check


def _duration(text: object) -> timedelta:
    found = re.fullmatch(r"([1-9][0-9]{0,4})([mhd])", text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("is not a duration. Write minutes, hours or days, such as 30m, 4h or 2d")
    return (
        int(found[1]) * {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[found[2]]
    )


def _new_name(name: str, info: ValidationInfo) -> str:
    seen = _context(info).names
    if name in seen:
        raise ValueError("is the name of an earlier rule too. Give each rule its own")
    seen.add(name)
    return name


def _configured(name: str, info: ValidationInfo) -> str:
    if name not in _context(info).secrets:
        raise ValueError(
            f"names the secret “{name}”, which is not configured. Put it into SECRETS_DIR or SECRET_<NAME>"
        )
    return name


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as wrong:
        raise ValueError(f"is not a regular expression: {wrong}") from None
    return text


Text = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
User = Annotated[str, AfterValidator(_slack_id("UW", "person", "from the person's profile"))]
UserGroup = Annotated[str, AfterValidator(_slack_id("S", "user group", "from the link to the group"))]
Channel = Annotated[str, AfterValidator(_slack_id("CG", "channel", "from the end of the channel's details"))]
Number = Annotated[float, Field(allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Selector(_Strict):
    """Which workflows."""

    ids: list[Text] = []
    names: list[Text] = []
    folders: list[Text] = []

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not (self.ids or self.names or self.folders):
            raise ValueError("selects no workflow. Give it ids, names or folders")
        return self


class Runners(_Strict):
    """Who may run."""

    users: list[User] = []
    groups: list[UserGroup] = []
    everyone: bool = False

    @model_validator(mode="after")
    def _clear(self) -> Self:
        if self.everyone and (self.users or self.groups):
            raise ValueError("names people although it says everyone. Keep one of both")
        if not (self.everyone or self.users or self.groups):
            raise ValueError("names nobody. Give it users or groups, or say everyone: true")
        return self


class Approvers(_Strict):
    """Who approves, and within which time."""

    users: list[User] = []
    groups: list[UserGroup] = []
    within: Annotated[timedelta, BeforeValidator(_duration)] = timedelta(hours=24)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not (self.users or self.groups):
            raise ValueError("names nobody, so no launch could start. Give it users or groups")
        return self

    def rule(self) -> ApprovalRule:
        """The domain's word for it."""
        return ApprovalRule(by=_group(self.users, self.groups), within=self.within)


class Input(_Strict):
    """What is known of one input."""

    required: bool = True
    label: Text | None = None
    hint: Text | None = None
    default: Text | None = None
    choices: Annotated[list[Text], Field(min_length=1, max_length=100)] | None = None
    minimum: Number | None = None
    maximum: Number | None = None
    pattern: Annotated[Text, AfterValidator(_expression)] | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("has a minimum above its maximum")
        if self.choices and len(set(self.choices)) < len(self.choices):
            raise ValueError("has the same choice twice")
        if self.default is not None and self.choices and self.default not in self.choices:
            raise ValueError("has a default that is not among its choices")
        return self

    def rule(self) -> InputRule:
        """The domain's word for it."""
        given = self.model_dump(exclude_none=True)
        return InputRule(**given | {"choices": tuple(self.choices or ())})


class RuleModel(_Strict):
    """One rule."""

    name: Annotated[Text, AfterValidator(_new_name)]
    workflows: Selector
    run: Runners
    channels: Annotated[list[Channel], Field(min_length=1)] | None = None
    approve: Approvers | None = None
    safe_to_repeat: bool = False
    secrets: list[Annotated[Text, AfterValidator(_configured)]] = []
    typed_secrets: bool = False
    audit: Literal["plain", "hashed", "none"] = "plain"
    inputs: dict[Text, Input] = {}

    def rule(self) -> Rule:
        """The domain's rule."""
        return Rule(
            name=self.name,
            ids=frozenset(self.workflows.ids),
            names=frozenset(self.workflows.names),
            folders=tuple(self.workflows.folders),
            run=_group(self.run.users, self.run.groups, everyone=self.run.everyone),
            channels=frozenset(self.channels or ()),
            approve=self.approve.rule() if self.approve else None,
            safe_to_repeat=self.safe_to_repeat,
            secrets=frozenset(self.secrets),
            typed_secrets=self.typed_secrets,
            audited=self.audit,
            inputs=tuple((name, extra.rule()) for name, extra in self.inputs.items()),
        )


def _group(users: list[str], groups: list[str], *, everyone: bool = False) -> Group:
    return Group(users=frozenset(users), groups=frozenset(groups), everyone=everyone)


class PolicyModel(_Strict):
    """The whole file."""

    rules: list[RuleModel]

    def policy(self) -> Policy:
        """The domain's policy."""
        return Policy(rules=tuple(rule.rule() for rule in self.rules))


MODELS = (PolicyModel, RuleModel, Selector, Runners, Approvers, Input)
