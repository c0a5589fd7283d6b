"""A presentation as the server writes it, for the values that are known so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.input_validation import flaws_of_field
from bot.demo.orchestrator.presentation import fields_of
from bot.demo.orchestrator.rendering import declared, workflow_path
from bot.demo.orchestrator.values import parameter, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.demo.orchestrator.presentation import PField, PGroup, PStep
    from bot.demo.orchestrator.scripts import Declared
    from bot.demo.orchestrator.state import ServerState
    from bot.demo.orchestrator.values import Obj
    from bot.demo.orchestrator.workflows import PretendWorkflow

_INVALID = "VCO-CNS0002"


def presentation_body(workflow: PretendWorkflow, server: ServerState) -> Obj:
    """GET /workflows/{id}/presentation: as it stands before anything is filled in."""
    own = workflow_path(workflow)
    relations = {
        "up": own,
        "instances": f"{own}presentation/instances/",
        "add": f"{own}presentation/instances/",
    }
    return {
        "id": workflow.id,
        "name": workflow.name,
        "href": server.href(f"{own}presentation/"),
        "input-parameters": declared(workflow.inputs),
        "output-parameters": declared(workflow.inputs),
        "steps": steps_body(workflow, defaults_of(workflow), judged=False),
        "relations": {"link": [{"rel": rel, "href": server.href(path)} for rel, path in relations.items()]},
    }


def defaults_of(workflow: PretendWorkflow) -> dict[str, Obj | None]:
    """What stands in the fields at first."""
    fields = fields_of(workflow.steps)
    return {name: field.default for name, field in fields.items() if field.default is not None}


def steps_body(workflow: PretendWorkflow, given: Mapping[str, Obj | None], *, judged: bool) -> list[Obj]:
    """The steps; a judged one says at its fields what is wrong."""
    types = {each.name: each for each in workflow.inputs}
    return [{"step": _step(step, types, given, judged=judged)} for step in workflow.steps]


def outputs_of(workflow: PretendWorkflow, given: Mapping[str, Obj | None]) -> list[Obj]:
    """What a start of the workflow is to be sent."""
    return [parameter(each.name, each.type, given.get(each.name)) for each in workflow.inputs]


def _step(
    step: PStep, types: Mapping[str, Declared], given: Mapping[str, Obj | None], *, judged: bool
) -> Obj:
    elements = [_group(group, types, given, judged=judged) for group in step.groups]
    named = {"display-name": step.title} if step.title else {}
    return {**named, "hidden": False, "messages": [], "elements": elements}


def _group(
    group: PGroup, types: Mapping[str, Declared], given: Mapping[str, Obj | None], *, judged: bool
) -> Obj:
    fields = [_field(each, types[each.name], given, judged=judged) for each in group.fields]
    named = {"display-name": group.title} if group.title else {}
    return {**named, "@type": "group", "hidden": False, "messages": [], "fields": fields}


def _field(field: PField, parameter: Declared, given: Mapping[str, Obj | None], *, judged: bool) -> Obj:
    values = {name: plain(value) for name, value in given.items()}
    flaws = flaws_of_field(field, values) if judged else []
    shown: Obj = {
        "@type": "field",
        "id": parameter.name,
        "type": parameter.type,
        "display-name": field.label or parameter.description or parameter.name,
        "description": parameter.description,
        "hidden": field.hidden_for(values),
        "messages": [_message(flaw) for flaw in flaws],
        "constraints": list(_constraints(field)),
        "decorators": list(_decorators(field, values)),
        "fields": [],
    }
    value = given.get(field.name)
    return shown if value is None else shown | {"value": value}


def _message(flaw: str) -> Obj:
    return {"severity": "ERROR", "code": _INVALID, "Summary": flaw, "Details": flaw}


def _constraints(field: PField) -> Iterator[Obj]:
    """Bounds are strings here, for numbers and for the length of texts alike."""
    if field.mandatory:
        yield {"@type": "mandatory"}
    if field.no_duplicates:
        yield {"@type": "restrict-duplicates"}
    bounds = {
        name: str(bound) for name, bound in (("min", field.low), ("max", field.high)) if bound is not None
    }
    if bounds:
        yield {"@type": "number-range", **bounds}
    if field.pattern:
        yield {"@type": "regexp", "expression": field.pattern}
    if field.number_format:
        yield {"@type": "number-format", "value": field.number_format}
    if field.complains is not None:
        yield {"@type": "ognl", "expression": field.complains.expression}


def _decorators(field: PField, values: Mapping[str, object]) -> Iterator[Obj]:
    if field.refreshes:
        yield {"@type": "refresh-on-change"}
    choices = field.choices_for(values)
    if choices:
        yield {"@type": "drop-down", "array": {"elements": list(choices)}}
    if field.chooser:
        yield {"@type": "chooser", "type": field.chooser}
    if field.root:
        yield {"@type": "root-element", "ognl": field.root}
    if field.multiline:
        yield {"@type": "multiline"}
    if field.default is not None:
        yield {"@type": "default-value", **field.default}
    if field.bound:
        yield {"@type": "data-binding", "ognl": field.bound}
    if field.shown is not None:
        yield {"@type": "visible"}
