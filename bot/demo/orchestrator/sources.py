"""The sources in a form: what they name, and what they yield for given values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.demo.orchestrator.actions import Thrown
from bot.demo.orchestrator.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.demo.orchestrator.actions import Actions

_SCRIPT = "scriptAction"


class Unknowable(Exception):
    """A source that yields nothing: not a script, without its action, or failing."""


def schema_of(form: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    """A form's fields by their id."""
    schema = form.get("schema")
    return schema if isinstance(schema, Mapping) else {}


def is_source(facet: object) -> bool:
    """Whether a facet is worked out rather than given."""
    return isinstance(facet, Mapping) and "id" in facet and isinstance(facet.get("type"), str)


def action_ids(part: object) -> set[str]:
    """The actions that sources anywhere in a form name."""
    return {str(each["id"]) for each in _sources(part) if each["type"] == _SCRIPT}


def settled(facet: object, values: Mapping[str, object], actions: Actions) -> object:
    """What a facet is while the form holds these values; `Unknowable` when its source does not say."""
    if not is_source(facet):
        return facet
    assert isinstance(facet, Mapping)  # noqa: S101 - `is_source` has looked
    action = actions.find(str(facet["id"]))
    if facet["type"] != _SCRIPT or action is None:
        raise Unknowable(str(facet["id"]))
    if actions.trouble_of(action) is not None:
        raise Unknowable(action.fqn)
    try:
        _, value = action.script(arguments(facet.get("parameters") or (), values))
    except Thrown as error:
        raise Unknowable(action.fqn) from error
    return plain(value)


def arguments(parameters: Sequence[Mapping[str, str]], values: Mapping[str, object]) -> dict[str, object]:
    """A source's parameters: `` `constant` `` in backticks, else the field whose value is meant."""
    pairs = ((name, written) for each in parameters for name, written in each.items())
    return {name: _argument(written, values) for name, written in pairs}


def _argument(written: str, values: Mapping[str, object]) -> object:
    return written.strip("`") if written.startswith("`") else values.get(written)


def _sources(part: object) -> Iterator[Mapping[str, object]]:
    if isinstance(part, Mapping):
        if is_source(part):
            yield part
        for inner in part.values():
            yield from _sources(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _sources(inner)
