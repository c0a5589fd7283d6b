"""The policy file's shape, strictly: what may stand where, and the domain's rules made from it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from bot.domain.policy import ArgumentTest, InFreeze, InputRule, OnExpiry, Policy, Risk, Rule
from bot.policy_file.fields import (
    Channel,
    Count,
    Expression,
    Number,
    Plain,
    RuleName,
    Secret,
    Strict,
    Text,
    configured,
    context,
)
from bot.policy_file.freezes import FreezeModel
from bot.policy_file.people import (
    BreakGlassModel,
    Deciders,
    DelegationModel,
    Escalation,
    Named,
    NamedSet,
    NotifyModel,
    Runners,
    StageFields,
    Stages,
)


class Selector(Strict):
    """Which workflows."""

    ids: list[Text] = []
    names: list[Text] = []
    folders: list[Text] = []
    tags: list[Text] = []

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not (self.ids or self.names or self.folders or self.tags):
            raise ValueError("selects no workflow. Give it ids, names, folders or tags")
        return self


class Test(Strict):
    """What one argument has to hold."""

    values: list[Plain] = []
    minimum: Number | None = None
    maximum: Number | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        bounds = [bound for bound in (self.minimum, self.maximum) if bound is not None]
        if bool(self.values) == bool(bounds):
            raise ValueError("has to be one value, a list of values, or a minimum and maximum")
        if bounds != sorted(bounds):
            raise ValueError("has a minimum above its maximum")
        return self

    def rule(self, name: str) -> ArgumentTest:
        """The domain's word for it."""
        return ArgumentTest(
            name=name, values=frozenset(self.values), minimum=self.minimum, maximum=self.maximum
        )


def _as_test(given: object) -> object:
    if isinstance(given, dict):
        return given
    return {"values": given if isinstance(given, list) else [given]}


class Input(Strict):
    """What is known of one input."""

    required: bool | None = None
    label: Text | None = None
    hint: Text | None = None
    default: Text | None = None
    choices: Annotated[list[Text], Field(min_length=1, max_length=100)] | None = None
    minimum: Number | None = None
    maximum: Number | None = None
    pattern: Expression | None = None

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


class SecretGrant(Strict):
    """A named secret, and the inputs it is for."""

    name: Secret
    inputs: list[Text] = []


def _as_grant(given: object, info: ValidationInfo) -> object:
    if not isinstance(given, str):
        return given
    return {"name": configured(given, info) if given.strip() else given}


class RuleModel(Strict):
    """One rule."""

    name: RuleName
    workflows: Selector
    when: dict[Text, Annotated[Test, BeforeValidator(_as_test)]] = {}
    run: Runners
    channels: Annotated[list[Channel], Field(min_length=1)] | None = None
    risk: Literal["read_only", "change", "destructive"] | None = None
    approve: Stages | None = None
    editors_may_not_approve: bool = False
    on_expiry: Literal["end", "escalate"] = "end"
    in_freeze: Literal["run", "wait", "refuse"] = "wait"
    one_at_a_time: Text | None = None
    requester_input: Text | None = None
    hidden: list[Text] = []
    safe_to_repeat: bool = False
    secrets: list[Annotated[SecretGrant, BeforeValidator(_as_grant)]] = []
    typed_secrets: bool = False
    audit: Literal["plain", "hashed", "none"] = "plain"
    log: Literal["private", "thread", "off"] = "private"
    inputs: dict[Text, Input] = {}

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        stages = self.approve or []
        if self.on_expiry == "escalate" and not any(stage.escalate for stage in stages):
            raise ValueError("escalates on expiry, but no stage of `approve` says to whom: `escalate`")
        if self.on_expiry == "end" and any(stage.escalate and not stage.escalate.after for stage in stages):
            raise ValueError("never escalates. Give `escalate` an `after`, or say on_expiry: escalate")
        if len({each.name for each in self.secrets}) < len(self.secrets):
            raise ValueError("names the same secret twice. Put its inputs into one list")
        if self.requester_input and self.requester_input in {*self.when, self.one_at_a_time}:
            raise ValueError(f"goes by “{self.requester_input}”, which the bot fills with who asked")
        return self

    @model_validator(mode="after")
    def _limits_can_be_held(self) -> Self:
        """Whether each limit speaks of an input whose text somebody can compare."""
        named = {name for each in self.secrets for name in each.inputs}
        for name, extra in self.inputs.items():
            if name in named and extra.rule().is_bound:
                raise ValueError(
                    f"limits “{name}”, which takes named secrets: nobody compares their text. Take it out"
                )
        return self

    def rule(self, named: Named) -> Rule:
        """The domain's rule."""
        return Rule(
            name=self.name,
            ids=frozenset(self.workflows.ids),
            names=frozenset(self.workflows.names),
            folders=tuple(self.workflows.folders),
            tags=frozenset(self.workflows.tags),
            when=tuple(test.rule(name) for name, test in self.when.items()),
            run=self.run.group(named),
            channels=frozenset(self.channels or ()),
            risk=Risk(self.risk) if self.risk else None,
            approve=tuple(stage.rule(named) for stage in self.approve or ()),
            editors_may_not_approve=self.editors_may_not_approve,
            on_expiry=OnExpiry(self.on_expiry),
            in_freeze=InFreeze(self.in_freeze),
            one_at_a_time=self.one_at_a_time or "",
            requester_input=self.requester_input or "",
            hidden=frozenset(self.hidden),
            safe_to_repeat=self.safe_to_repeat,
            secrets=frozenset(each.name for each in self.secrets),
            secret_inputs=tuple((each.name, frozenset(each.inputs)) for each in self.secrets if each.inputs),
            typed_secrets=self.typed_secrets,
            audited=self.audit,
            log=self.log,
            inputs=tuple((name, extra.rule()) for name, extra in self.inputs.items()),
        )


class PolicyModel(Strict):
    """The whole file."""

    people: dict[Text, NamedSet] = {}
    freezes: list[FreezeModel] = []
    break_glass: BreakGlassModel | None = None
    delegation: DelegationModel = DelegationModel()
    pause: Deciders | None = None
    at_most: Count | None = None
    assignees: dict[Text, Deciders] = {}
    rules: list[RuleModel]

    @field_validator("people", mode="before")
    @classmethod
    def _names_are_known(cls, given: object, info: ValidationInfo) -> object:
        """Let what follows refer to the names, also where one of them is wrong."""
        if isinstance(given, dict):
            context(info).people.update(given)
        return given

    def policy(self) -> Policy:
        """The domain's policy."""
        named = {name: people.named(name) for name, people in self.people.items()}
        return Policy(
            rules=tuple(rule.rule(named) for rule in self.rules),
            freezes=tuple(freeze.freeze() for freeze in self.freezes),
            break_glass=self.break_glass.rule(named) if self.break_glass else None,
            delegation=self.delegation.limits(named),
            pause=self.pause.group(named) if self.pause else None,
            at_most=self.at_most,
            assignees=tuple((name, people.group(named)) for name, people in self.assignees.items()),
        )


MODELS = (
    PolicyModel,
    RuleModel,
    Selector,
    Test,
    SecretGrant,
    NamedSet,
    Runners,
    Deciders,
    StageFields,
    Escalation,
    NotifyModel,
    BreakGlassModel,
    DelegationModel,
    FreezeModel,
    Input,
)
