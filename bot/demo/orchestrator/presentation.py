"""The legacy presentation of a workflow: as its author wrote it, or made from its inputs and custom form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bot.demo.orchestrator.sources import schema_of
from bot.demo.orchestrator.values import number, text

if TYPE_CHECKING:
    from bot.demo.orchestrator.scripts import Declared, Inputs
    from bot.demo.orchestrator.values import Obj

Choices: TypeAlias = "tuple[Obj | None, ...] | Callable[[Inputs], tuple[Obj | None, ...]]"


@dataclass(frozen=True, kw_only=True)
class Complains:
    """An OGNL constraint: the expression as written, and what it comes to."""

    expression: str
    says: Callable[[Inputs], str]  # empty when all is well


@dataclass(frozen=True, kw_only=True)
class PField:
    """One input as a presentation shows it."""

    name: str
    label: str = ""
    mandatory: bool = False
    no_duplicates: bool = False
    low: float | None = None  # of a number; of a text, its length
    high: float | None = None
    pattern: str = ""
    number_format: str = ""
    complains: Complains | None = None
    choices: Choices = ()
    chooser: str = ""  # list or tree: how an object of the inventory is picked
    root: str = ""  # where a tree begins, an OGNL expression
    multiline: bool = False
    refreshes: bool = False  # the server has to be asked again after a change
    default: Obj | None = None
    bound: str = ""  # data-binding: the OGNL expression the value comes from
    shown: Callable[[Inputs], bool] | None = None

    def choices_for(self, values: Inputs) -> tuple[Obj | None, ...]:
        """What may be chosen; `(None,)` while something it depends on is missing."""
        return self.choices(values) if callable(self.choices) else self.choices

    def hidden_for(self, values: Inputs) -> bool:
        """Whether it is out of sight."""
        return self.shown is not None and not self.shown(values)


@dataclass(frozen=True, kw_only=True)
class PGroup:
    """Fields under a title."""

    title: str = ""
    fields: tuple[PField, ...]


@dataclass(frozen=True, kw_only=True)
class PStep:
    """One page of a presentation."""

    title: str = ""
    groups: tuple[PGroup, ...]


def step_of(inputs: tuple[Declared, ...], form: Mapping[str, object] | None) -> tuple[PStep, ...]:
    """The presentation of a workflow that has none of its own: one step with all inputs."""
    schema = schema_of(form or {})
    fields = tuple(_drawn(each, schema.get(each.name, {})) for each in inputs)
    return (PStep(groups=(PGroup(fields=fields),)),)


def fields_of(steps: tuple[PStep, ...]) -> dict[str, PField]:
    """All fields by name."""
    return {each.name: each for step in steps for group in step.groups for each in group.fields}


def _drawn(parameter: Declared, drawn: Mapping[str, object]) -> PField:
    constraints = drawn.get("constraints")
    limits = constraints if isinstance(constraints, Mapping) else {}
    choices, pattern = drawn.get("valueList"), limits.get("pattern")
    return PField(
        name=parameter.name,
        label=str(drawn.get("label", "")),
        mandatory=parameter.mandatory or limits.get("required") is True,
        low=_bound(limits.get("min-value")),
        high=_bound(limits.get("max-value")),
        pattern=pattern if isinstance(pattern, str) else "",
        choices=tuple(text(_key(each)) for each in choices) if isinstance(choices, list) else (),
        default=_default(drawn.get("default")),
    )


def _key(choice: object) -> str:
    return str(choice["value"] if isinstance(choice, Mapping) else choice)


def _bound(limit: object) -> float | None:
    return float(limit) if isinstance(limit, int | float) else None


def _default(default: object) -> Obj | None:
    if isinstance(default, str):
        return text(default)
    return number(default) if isinstance(default, int | float) and not isinstance(default, bool) else None
