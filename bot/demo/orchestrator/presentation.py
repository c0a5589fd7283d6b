"""The legacy presentation of a workflow, made from its inputs and its custom form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bot.demo.orchestrator.describing import declared, workflow_path
from bot.demo.orchestrator.values import number, text, texts

if TYPE_CHECKING:
    from bot.demo.orchestrator.house import House
    from bot.demo.orchestrator.scripts import Declared
    from bot.demo.orchestrator.values import Obj
    from bot.demo.orchestrator.workflows import PretendWorkflow


def presentation_body(workflow: PretendWorkflow, house: House) -> Obj:
    """GET /workflows/{id}/presentation: one step with one group of fields."""
    own = workflow_path(workflow)
    schema = workflow.form.get("schema") if workflow.form else None
    known = schema if isinstance(schema, Mapping) else {}
    fields = [_field(each, known.get(each.name, {})) for each in workflow.inputs]
    group: Obj = {"@type": "group", "hidden": False, "messages": [], "fields": fields}
    relations = {
        "up": own,
        "instances": f"{own}presentation/instances/",
        "add": f"{own}presentation/instances/",
    }
    return {
        "id": workflow.id,
        "name": workflow.name,
        "href": house.href(f"{own}presentation/"),
        "input-parameters": declared(workflow.inputs),
        "output-parameters": declared(workflow.inputs),
        "steps": [{"step": {"hidden": False, "messages": [], "elements": [group]}}],
        "relations": {"link": [{"rel": rel, "href": house.href(path)} for rel, path in relations.items()]},
    }


def _field(parameter: Declared, drawn: Mapping[str, object]) -> Obj:
    constraints = drawn.get("constraints")
    limits = constraints if isinstance(constraints, Mapping) else {}
    return {
        "@type": "field",
        "id": parameter.name,
        "type": parameter.type,
        "display-name": drawn.get("label", parameter.description or parameter.name),
        "description": parameter.description,
        "hidden": False,
        "messages": [],
        "constraints": list(_constraints(limits)),
        "decorators": list(_decorators(drawn)),
        "fields": [],
    }


def _constraints(limits: Mapping[str, object]) -> Iterator[Obj]:
    """Bounds are strings here, for numbers and for the length of texts alike."""
    if limits.get("required") is True:
        yield {"@type": "mandatory"}
    bounds = {name: limits.get(f"{name}-value") for name in ("min", "max")}
    if any(each is not None for each in bounds.values()):
        known = {name: str(float(str(each))) for name, each in bounds.items() if each is not None}
        yield {"@type": "number-range", **known}
    pattern = limits.get("pattern")
    if isinstance(pattern, str):
        yield {"@type": "regexp", "expression": pattern}


def _decorators(drawn: Mapping[str, object]) -> Iterator[Obj]:
    choices = drawn.get("valueList")
    if isinstance(choices, list):
        yield {"@type": "drop-down", **texts(str(each) for each in choices)}
    default = drawn.get("default")
    if isinstance(default, str):
        yield {"@type": "default-value", **text(default)}
    elif isinstance(default, int | float) and not isinstance(default, bool):
        yield {"@type": "default-value", **number(default)}
