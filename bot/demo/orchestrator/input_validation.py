"""What is wrong with the inputs of a start, by the workflow's own form: the real server does not look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.demo.orchestrator.presentation import PField, fields_of
from bot.demo.orchestrator.sources import Unknowable, schema_of, settled
from bot.demo.orchestrator.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.demo.orchestrator.actions import Actions
    from bot.demo.orchestrator.dialects import Habits
    from bot.demo.orchestrator.inventory import PretendInventory
    from bot.demo.orchestrator.values import Obj
    from bot.demo.orchestrator.workflows import PretendWorkflow

_OPEN_LISTS = frozenset({"combobox", "array"})  # displays that take values beyond their list


@dataclass(frozen=True, kw_only=True)
class _Limits:
    """What one field allows."""

    required: bool = False
    low: float | None = None  # of a number, of a text's length, or of how many items
    high: float | None = None
    pattern: str = ""
    whole: bool = False
    no_duplicates: bool = False
    choices: tuple[object, ...] | None = None  # None: anything


def flaws_of(
    workflow: PretendWorkflow,
    given: Mapping[str, Obj | None],
    *,
    habits: Habits,
    inventory: PretendInventory,
    actions: Actions,
) -> list[str]:
    """Every flaw as "name: what is wrong"; only by a form that this dialect serves."""
    values = {name: plain(value) for name, value in given.items()}
    flaws = [
        f"{name}: no {kind} has the id {identity}"
        for name, value in given.items()
        for kind, identity in _objects_in(value)
        if inventory.find(kind, identity) is None
    ]
    if habits.forms and workflow.form is not None:
        return flaws + flaws_by_form(workflow, values, actions)
    return flaws + (flaws_by_presentation(workflow, values) if habits.presentation else [])


def flaws_by_form(workflow: PretendWorkflow, values: Mapping[str, object], actions: Actions) -> list[str]:
    """What the custom form says; where one of its sources fails, nothing is said."""
    form = _Form(workflow, values, actions)
    flaws = [f"{placed.name}: {flaw}" for placed in form.shown() for flaw in form.flaws(placed)]
    return flaws + form.complaints()


def flaws_by_presentation(workflow: PretendWorkflow, values: Mapping[str, object]) -> list[str]:
    """What the presentation says."""
    fields = fields_of(workflow.steps)
    return [f"{name}: {flaw}" for name, field in fields.items() for flaw in flaws_of_field(field, values)]


def flaws_of_field(field: PField, values: Mapping[str, object]) -> list[str]:
    """What a presentation says of one field."""
    if field.hidden_for(values):
        return []
    choices = tuple(plain(each) for each in field.choices_for(values))
    limits = _Limits(
        required=field.mandatory,
        low=field.low,
        high=field.high,
        pattern=field.pattern,
        no_duplicates=field.no_duplicates,
        choices=choices or None,
    )
    said = field.complains.says(values) if field.complains is not None else ""
    return [*_flaws(values.get(field.name), limits), *([said] if said else [])]


class _Form:
    """A custom form with values in it."""

    def __init__(self, workflow: PretendWorkflow, values: Mapping[str, object], actions: Actions) -> None:
        self._form = workflow.form or {}
        self._inputs = {each.name for each in workflow.inputs}
        self._values = values
        self._actions = actions
        self._schema = schema_of(self._form)

    def shown(self) -> Iterator[_Placed]:
        """The inputs that are in sight."""
        for placed in _placed(self._form):
            seen = [self._settled(each.get("visible")) is not False for each in placed.states]
            if all(seen) and placed.name in self._inputs:
                yield placed

    def flaws(self, placed: _Placed) -> list[str]:
        """What is wrong with one value."""
        name = placed.name
        drawn = self._schema.get(name, {})
        constraints = drawn.get("constraints")
        limits = constraints if isinstance(constraints, Mapping) else {}
        known = {key: self._settled(value) for key, value in limits.items()}
        value = self._values.get(name)
        flaws = _flaws(
            value,
            _Limits(
                required=known.get("required") is True,
                low=_bound(known.get("min-value")),
                high=_bound(known.get("max-value")),
                pattern=str(known.get("pattern") or known.get("regex") or ""),
                whole=_data_type(drawn) == "integer",
                choices=self._choices(placed, drawn),
            ),
        )
        if known.get("match") and value != self._values.get(str(known["match"])):
            flaws.append(f"differs from {known['match']}")
        return [*flaws, *self._changed(placed, drawn)]

    def _changed(self, placed: _Placed, drawn: Mapping[str, object]) -> Iterator[str]:
        """A field that is only read holds its default."""
        is_read_only = any(self._settled(each.get("read-only")) is True for each in placed.states)
        default, value = self._settled(drawn.get("default")), self._values.get(placed.name)
        if is_read_only and default is not None and not _same(value or "", default):
            yield f"read-only, and not {default}"

    def complaints(self) -> list[str]:
        """What the external validations say."""
        options = self._form.get("options")
        listed = options.get("externalValidations", []) if isinstance(options, Mapping) else []
        said = [(each, self._settled(each.get("source"))) for each in listed]
        return [
            f"{', '.join(each['target'])}: {text}" for each, text in said if isinstance(text, str) and text
        ]

    def _choices(self, placed: _Placed, drawn: Mapping[str, object]) -> tuple[object, ...] | None:
        listed = self._settled(drawn.get("valueList"))
        if placed.display in _OPEN_LISTS or listed is None:
            return None
        options = listed if isinstance(listed, list) else [listed]
        split = (each.split("\n") if isinstance(each, str) else [each] for each in options)
        return tuple(_key(option) for options in split for option in options)

    def _settled(self, facet: object) -> object:
        try:
            return settled(facet, self._values, self._actions)
        except Unknowable:
            return None


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """A field in the layout, with the states of it and of its page."""

    name: str
    display: str
    states: tuple[Mapping[str, object], ...]


def _placed(form: Mapping[str, object]) -> Iterator[_Placed]:
    layout = form.get("layout")
    for page in layout.get("pages", []) if isinstance(layout, Mapping) else []:
        for field in (field for section in page.get("sections", []) for field in section.get("fields", [])):
            states = (page.get("state") or {}, field.get("state") or {})
            yield _Placed(name=field["id"], display=field.get("display", ""), states=states)


def _flaws(value: object, limits: _Limits) -> list[str]:
    if value in (None, "", []):
        return ["required, but empty"] if limits.required else []
    items = value if isinstance(value, list) else [value]
    flaws = _range_flaws(value, limits) + [flaw for item in items for flaw in _item_flaws(item, limits)]
    if limits.no_duplicates and len({repr(item) for item in items}) < len(items):
        flaws.append("an item stands in it twice")
    return flaws


def _range_flaws(value: object, limits: _Limits) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, str | list | int | float):
        return []
    size = float(value) if isinstance(value, int | float) else len(value)
    low = limits.low is not None and size < limits.low
    high = limits.high is not None and size > limits.high
    return ([f"{size:g} is below {limits.low:g}"] if low else []) + (
        [f"{size:g} is above {limits.high:g}"] if high else []
    )


def _item_flaws(item: object, limits: _Limits) -> Iterator[str]:
    if limits.pattern and isinstance(item, str) and not re.search(limits.pattern, item):
        yield f"not of the form {limits.pattern}"
    if limits.whole and isinstance(item, float) and not item.is_integer():
        yield "not a whole number"
    if limits.choices is not None and not any(_same(_key(item), each) for each in limits.choices):
        yield "not in the list"


def _objects_in(value: object) -> Iterator[tuple[str, str]]:
    """The inventory's objects anywhere in an envelope, as (type, id)."""
    if isinstance(value, Mapping):
        found = value.get("sdk-object")
        if isinstance(found, Mapping):
            yield str(found.get("type")), str(found.get("id"))
        for inner in value.values():
            yield from _objects_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects_in(inner)


def _key(option: object) -> object:
    """What a choice stands for: `value` beside a label, the id of an object, else itself."""
    return option.get("value", option.get("id")) if isinstance(option, Mapping) else option


def _same(left: object, right: object) -> bool:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return float(left) == float(right)
    return str(left) == str(right)


def _bound(limit: object) -> float | None:
    return float(limit) if isinstance(limit, int | float) and not isinstance(limit, bool) else None


def _data_type(drawn: Mapping[str, object]) -> object:
    kind = drawn.get("type")
    return kind.get("dataType") if isinstance(kind, Mapping) else None
