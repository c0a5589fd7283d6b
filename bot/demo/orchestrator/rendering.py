"""Workflows and folders as the server describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.demo.orchestrator.wire import epoch_ms, link, parameters_key, quoted_twice
from bot.demo.orchestrator.workflows import Folder, folder_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.demo.orchestrator.dialects import Habits
    from bot.demo.orchestrator.scripts import Declared
    from bot.demo.orchestrator.state import ServerState
    from bot.demo.orchestrator.values import Obj
    from bot.demo.orchestrator.workflows import PretendWorkflow

_RELATIONS = ("executions", "presentation", "tasks", "icon", "schema", "permissions", "interactions")


def workflow_path(workflow: PretendWorkflow) -> str:
    """Below `/vco/api`."""
    return f"/workflows/{workflow.id}/"


def folder_path(folder: Folder) -> str:
    """Below `/vco/api`."""
    return f"/catalog/System/WorkflowCategory/{folder.id}/"


def workflow_pairs(workflow: PretendWorkflow, server: ServerState) -> dict[str, str | None]:
    """The attributes of a listed workflow, by the dialect."""
    folder, bare = folder_of(workflow), server.habits.valueless_description
    common: dict[str, str | None] = {
        "itemHref": server.href(workflow_path(workflow)),
        "id": workflow.id,
        "categoryName": folder.name,
        "canExecute": _flag(workflow.can_execute),
        "categoryHref": server.href(folder_path(folder)),
        "description": workflow.description or (None if bare else ""),
        "name": workflow.name,
        "customIcon": "false",
        "type": "Workflow",
        "canEdit": "false",
        "version": workflow.version,
    }
    return common | _newer_pairs(workflow, folder) if server.habits.runtime_details else common


def workflow_link(workflow: PretendWorkflow, server: ServerState) -> Obj:
    """A line of a workflow list."""
    pairs = workflow_pairs(workflow, server)
    return link(server.href(workflow_path(workflow)), habits=server.habits, pairs=pairs)


def workflow_body(workflow: PretendWorkflow, server: ServerState) -> Obj:
    """GET /workflows/{id}; parameter keys are absent when there are none."""
    habits = server.habits
    body: Obj = {
        "relations": {"link": list(_relations(workflow, server))},
        "id": workflow.id,
        "name": workflow.name,
        "version": workflow.version,
        "href": server.href(workflow_path(workflow)),
        "customized-icon": False,
    }
    if workflow.description or not habits.valueless_description:
        body["description"] = workflow.description
    body |= _declared(parameters_key("output", habits), workflow.outputs)
    body |= _declared(parameters_key("input", habits), workflow.inputs)
    return body | {"category-id": folder_of(workflow).id} if habits.runtime_details else body


def folder_pairs(folder: Folder, *, with_id: bool = True) -> dict[str, str | None]:
    """The attributes of a listed folder; root folders of the old recordings have no id."""
    named = {"name": folder.name, "type": "WorkflowCategory", "description": None}
    return named | {"id": folder.id} if with_id else named


def folder_item_pairs(folder: Folder, server: ServerState) -> dict[str, str | None]:
    """The attributes of a folder as an inventory object: `displayName` is the whole path."""
    return {
        **folder_pairs(folder),
        "displayName": "/".join(folder.path),
        "@type": "WorkflowCategory",
        "@id": folder.id,
        "itemHref": server.href(folder_path(folder)),
    }


def folder_link(folder: Folder, server: ServerState, *, rel: str = "down", with_id: bool = True) -> Obj:
    """A line of a folder list."""
    pairs = folder_pairs(folder, with_id=with_id)
    return link(server.href(f"/categories/{folder.id}/"), habits=server.habits, rel=rel, pairs=pairs)


def folder_body(folder: Folder, server: ServerState) -> Obj:
    """GET /categories/{id}."""
    up = [folder_link(each, server, rel="up") for each in folder.ancestors[-1:]]
    below = [folder_link(each, server) for each in server.library.folders_in(folder.path)]
    inside = [workflow_link(each, server) for each in server.library.workflows_in(folder)]
    return {
        "relations": {"link": up + below + inside},
        "id": folder.id,
        "name": server.library.path_of(folder)[-1],
        "path": "/".join(server.library.path_of(folder)),
        "path-ids": [each.id for each in (*folder.ancestors, folder)],
        "type": "WorkflowCategory",
        "href": server.href(f"/categories/{folder.id}/"),
    }


def declared(parameters: Iterable[Declared]) -> list[Obj]:
    """Declarations; without a description there is no key for it."""
    return [_declaration(each) for each in parameters]


def _declaration(parameter: Declared) -> Obj:
    named: Obj = {"name": parameter.name, "type": parameter.type}
    return named | {"description": parameter.description} if parameter.description else named


def _declared(key: str, parameters: tuple[Declared, ...]) -> Obj:
    return {key: declared(parameters)} if parameters else {}


def _newer_pairs(workflow: PretendWorkflow, folder: Folder) -> dict[str, str | None]:
    changed = str(epoch_ms(workflow.changed))
    return {
        "@type": "Workflow",
        "@name": workflow.name,
        "@id": workflow.id,
        "@fullType": "Workflow",
        "categoryId": folder.id,
        "editable": "false",
        "globalTags": " ".join(f"{tag}:__SYSTEM_TAG__" for tag in (folder.path[0], *workflow.tags)),
        "createdAt": changed,
        "updatedAt": changed,
    }


def _relations(workflow: PretendWorkflow, server: ServerState) -> Iterable[Obj]:
    yield {"rel": "up", "href": server.href(_up(workflow, server.habits))}
    for rel in _RELATIONS:
        yield {"rel": rel, "href": server.href(f"{workflow_path(workflow)}{rel}/")}


def _up(workflow: PretendWorkflow, habits: Habits) -> str:
    folder = folder_of(workflow)
    if habits.runtime_details:
        return folder_path(folder)
    return f"/inventory/System/Workflows/{quoted_twice(folder.path[0])}/{quote('/'.join(folder.path[1:]))}/"


def _flag(value: bool) -> str:  # noqa: FBT001 - the value itself
    return "true" if value else "false"
