"""What GET /workflows/{id}/content answers: a workflow's inside, never twice in the same spelling.

No two reads on record show what differs without a change, so everything differs that JSON leaves open: the
order of keys, the node that links name, `1` and `1.0`, a null and no key.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from bot.demo.orchestrator.rendering import workflow_path

if TYPE_CHECKING:
    from bot.demo.orchestrator.presentation import PField, PStep
    from bot.demo.orchestrator.scripts import Declared
    from bot.demo.orchestrator.state import ServerState
    from bot.demo.orchestrator.values import Obj
    from bot.demo.orchestrator.workflows import PretendWorkflow

_reads = count()


def content_body(workflow: PretendWorkflow, server: ServerState) -> Obj:
    """The content, as this read spells it."""
    turn = next(_reads) % 2
    body: Obj = {
        "id": workflow.id,
        "display-name": workflow.name,
        "version": workflow.version,
        "api-version": "6.0.0",
        "object-name": "workflow:name=generic",
        "root-name": "item1",
        "allowed-operations": ("vef", "ve")[turn],
        "href": f"https://node-{turn}.internal.example/vco/api{workflow_path(workflow)}content/",
        "relations": {"link": [{"rel": "up", "href": server.href(workflow_path(workflow))}]},
        "position": {"x": (50, 50.0)[turn], "y": 10},
        "input": {"param": [_param(each) for each in workflow.inputs]},
        "output": {"param": [_param(each) for each in workflow.outputs]},
        "attrib": [],
        "workflow-item": [_task(workflow, turn), {"name": "item0", "type": "end", "end-mode": "0"}],
        "presentation": {"p-step": [_step(each) for each in workflow.steps]},
    }
    if turn:
        body |= {"error-handler": None}
    return dict(reversed(body.items())) if turn else body


def _task(workflow: PretendWorkflow, turn: int) -> Obj:
    script = {"value": workflow.code.replace("\n", ("\n", "\r\n")[turn]), "encoded": False}
    return {
        "name": "item1",
        "type": "task",
        "out-name": "item0",
        "display-name": "Scriptable task",
        "script": script,
    }


def _step(step: PStep) -> Obj:
    groups = [{"title": each.title, "p-param": list(map(_field, each.fields))} for each in step.groups]
    return {"title": step.title, "p-group": groups}


def _field(field: PField) -> Obj:
    """An input with its qualifiers; one that has none has no key for them."""
    named: Obj = {"name": field.name, "desc": field.label}
    mandatory = {"kind": "static", "name": "mandatory", "type": "boolean", "value": "true"}
    return named | {"p-qual": [mandatory]} if field.mandatory else named


def _param(declared: Declared) -> Obj:
    return {"name": declared.name, "type": declared.type, "description": declared.description}
