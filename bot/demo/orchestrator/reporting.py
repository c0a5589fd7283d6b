"""Runs, lists of runs and questions as the server reports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.rendering import workflow_path
from bot.demo.orchestrator.scripts import TERMINAL
from bot.demo.orchestrator.values import parameter
from bot.demo.orchestrator.wire import date, epoch_ms, link, listed_date, parameters_key, state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.demo.orchestrator.dialects import Habits
    from bot.demo.orchestrator.executions import PretendRun, StateFrom
    from bot.demo.orchestrator.scripts import WaitingQuestion
    from bot.demo.orchestrator.state import ServerState
    from bot.demo.orchestrator.values import Obj

_NO_ITEM = "__item-undefined__"
_NOT_AT_START = frozenset({"relations", "href", "statistic", "current-item-display-name"})


def execution_path(execution: PretendRun) -> str:
    """Below `/vco/api`."""
    return f"{workflow_path(execution.workflow)}executions/{execution.id}/"


def execution_body(execution: PretendRun, server: ServerState, *, details: bool = False) -> Obj:
    """GET of one run."""
    now, habits = server.now(), server.habits
    moment = execution.current(now)
    body: Obj = {
        "relations": {"link": _relations(execution, moment, server)},
        "id": execution.id,
        "state": state(moment.state, habits),
        "name": execution.workflow.name,
        "href": server.href(execution_path(execution)),
        "start-date": date(execution.started_at, habits),
    }
    body |= _ending(execution, moment, habits) | {"started-by": execution.started_by}
    body |= _parameters(execution, moment, habits)
    if habits.runtime_details:
        body |= _details(execution, moment, now)
    if habits.page_names:
        body["workflow-item"] = [{"name": "item1", "displayName": moment.item, "parameter": []}]
    return body | {"execution-stack": _stack(moment)} if details else body


def started_body(execution: PretendRun, server: ServerState) -> Obj:
    """The answer to a start, where it has a body."""
    body = execution_body(execution, server)
    if server.habits.start_details:
        return body
    return {key: body[key] for key in body if key not in _NOT_AT_START} | {
        "current-item-for-display": _NO_ITEM
    }


def execution_pairs(execution: PretendRun, server: ServerState) -> dict[str, str | None]:
    """The attributes of a listed run; what is not known yet has no value."""
    now, habits = server.now(), server.habits
    moment = execution.current(now)
    ended = moment.state in TERMINAL
    return {
        "id": execution.id,
        "startDate": listed_date(execution.started_at, habits),
        "endDate": listed_date(moment.at, habits) if ended else None,
        "startedBy": execution.started_by,
        "state": state(moment.state, habits),
        "name": execution.workflow.name,
        "currentItemDisplayName": None if ended else moment.item or None,
    }


def execution_item_pairs(execution: PretendRun, server: ServerState) -> dict[str, str | None]:
    """The attributes of a run as an inventory object."""
    ended = execution.current(server.now()).state in TERMINAL
    return {
        **execution_pairs(execution, server),
        "workflowId": execution.workflow.id,
        "displayName": execution.workflow.name,
        "businessState": (ended and execution.end.business_state) or None,
        "type": "WorkflowExecution",
        "itemHref": server.href(execution_path(execution)),
    }


def executions_body(executions: list[PretendRun], total: int, *, workflow: str, server: ServerState) -> Obj:
    """GET of a workflow's runs; `workflow` is its path."""
    above = [
        {"href": server.href(workflow), "rel": "up"},
        {"href": server.href(f"{workflow}executions/"), "rel": "add"},
    ]
    runs = [
        link(server.href(execution_path(each)), habits=server.habits, pairs=execution_pairs(each, server))
        for each in executions
    ]
    return {"relations": {"total": total, "link": above + runs}}


def question_body(execution: PretendRun, question: WaitingQuestion, server: ServerState) -> Obj:
    """GET of the interaction a run waits for."""
    now = server.now()
    moment = execution.current(now)
    href = server.href(f"{execution_path(execution)}interaction/")
    body: Obj = {
        "relations": {"link": [{"href": server.href(execution_path(execution)), "rel": "up"}]},
        "id": execution.question_id(now),
        "name": question.name,
        "state": "waiting",
        "href": href,
        "input-parameters": [_asked(each.name, each.type, each.description) for each in question.inputs],
        "assignees": [*question.users, *question.groups],
        "user-assignees": list(question.users),
        "group-assignees": list(question.groups),
    }
    phase = execution.workflow.script.phases[moment.phase]
    lasts = phase.lasts if phase.question is question else None
    return body if lasts is None else body | {"timeout-date": date(moment.at + lasts, server.habits)}


def question_pairs(
    execution: PretendRun, question: WaitingQuestion, server: ServerState
) -> dict[str, str | None]:
    """The attributes of a listed interaction; status 0 is pending."""
    now = server.now()
    return {
        "id": execution.question_id(now),
        "name": question.name,
        "createDate": listed_date(execution.current(now).at, server.habits),
        "description": None,
        "state": "waiting",
        "status": "0",
        "type": "UserInteraction",
    }


def _relations(execution: PretendRun, moment: StateFrom, server: ServerState) -> list[Obj]:
    own = execution_path(execution)
    paths: Mapping[str, str] = {
        "up": f"{workflow_path(execution.workflow)}executions/",
        "remove": own,
        "logs": f"{own}logs/",
        "state": f"{own}state/",
    }
    if moment.question:
        paths = {**paths, "interaction": f"{own}interaction/"}
    return [{"href": server.href(path), "rel": rel} for rel, path in paths.items()]


def _ending(execution: PretendRun, moment: StateFrom, habits: Habits) -> Obj:
    end = execution.end
    said: Obj = {}
    if moment.state in TERMINAL:
        said["end-date"] = date(moment.at, habits)
    elif not (execution.failed_so_far and moment.state == "waiting"):
        return {}
    if end.business_state:
        said["business-state"] = end.business_state
    if end.error:
        said["content-exception"] = (
            f"{end.error} (Workflow:{execution.workflow.name} / {moment.item} (item1)#7)"
        )
    return said


def _parameters(execution: PretendRun, moment: StateFrom, habits: Habits) -> Obj:
    outputs = list(execution.end.outputs) if moment.state in TERMINAL else []
    lists = {"input": execution.inputs, "output": outputs}
    shown = {kind: each for kind, each in lists.items() if each or habits.empty_parameter_lists}
    return {parameters_key(kind, habits): each for kind, each in shown.items()}


def _details(execution: PretendRun, moment: StateFrom, now: datetime) -> Obj:
    item = f"item{moment.phase + 1}" if moment.item else _NO_ITEM
    running = {"current-item-display-name": moment.item} if moment.item else {}
    until = moment.at if moment.state in TERMINAL else now
    return {
        "running-instance-id": "orchestrator-app-5d9c7b8f4-x2k7q",
        "workflow-attributes": list(execution.workflow.attributes),
        **running,
        "current-item-for-display": item,
        "statistic": _statistic(execution, until),
    }


def _statistic(execution: PretendRun, until: datetime) -> Obj:
    spent = epoch_ms(until) - epoch_ms(execution.started_at)
    return {
        "id": execution.id,
        "total-time": spent,
        "number-of-transitions": len(execution.moments(until)),
        "total-number-of-transitions": len(execution.moments(until)),
        "token-size": 2048,
        "token-blocked": 0,
        "token-system": spent,
        "token-user": 0,
        "token-wait": 0,
        "activities": [],
        "plugins": [],
    }


def _stack(moment: StateFrom) -> list[Obj]:
    return [
        {
            "name": f"item{moment.phase + 1}",
            "displayName": moment.item,
            "workflowDisplayName": "",
            "attributes": [],
        }
    ]


def _asked(name: str, kind: str, description: str) -> Obj:
    return parameter(name, kind, None) | ({"description": description} if description else {})
