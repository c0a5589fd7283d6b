"""Answers taken apart: a body into its wire shape, that into the domain's words."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from bot.domain.errors import UnreadableAnswer
from bot.domain.execution import (
    Argument,
    Execution,
    ExecutionList,
    ExecutionState,
    ExecutionSummary,
    Interaction,
)
from bot.domain.server import About, Health
from bot.domain.workflow import Parameter, ParameterType, Workflow, WorkflowSummary
from bot.orchestrator.answers import check, json_of
from bot.orchestrator.decoding import parsed
from bot.orchestrator.values import read_moment, read_value
from bot.orchestrator.wire import LinksAnswer, Wire, WireLine, line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.orchestrator.exchange import ApiAnswer
    from bot.orchestrator.wire import (
        AboutAnswer,
        ExecutionAnswer,
        HealthAnswer,
        InteractionAnswer,
        ParameterAnswer,
        StateAnswer,
        WorkflowAnswer,
    )

_W = TypeVar("_W", bound=Wire)
_T = TypeVar("_T")
_LARGE = 256_000  # bytes; above it a body is read in a thread
_UNDATED = datetime.min.replace(tzinfo=UTC)
_NO_ITEM = "__item-undefined__"
_TAG = re.compile(r"([^,;]+?):__SYSTEM_TAG__|([^,;\s]+)")
_EXECUTION = re.compile(r"/executions/([^/]+)/?$")


async def read(answer: ApiAnswer, shape: type[_W], into: Callable[[_W], _T]) -> _T:
    """Check the status, read the body as `shape` and turn it `into` something of the domain's.

    Raises what the status means, or UnreadableAnswer.
    """
    if len(check(answer).body) > _LARGE:
        return await asyncio.to_thread(_read, answer, shape, into)
    return _read(answer, shape, into)


def _read(answer: ApiAnswer, shape: type[_W], into: Callable[[_W], _T]) -> _T:
    text = json_of(answer)
    try:
        if len(text) > _LARGE:  # the hook is Python, so this thread lets others run between two objects
            return into(shape.model_validate(parsed(text, hook=_HOOKS.get(shape, _same))))
        return into(_validated(text, shape))
    except (ValidationError, ValueError, RecursionError) as exc:
        raise UnreadableAnswer from exc


def _validated(text: str, shape: type[_W]) -> _W:
    """By pydantic's parser, which is fast and strict; what it refuses by the standard library's."""
    try:
        return shape.model_validate_json(text)
    except (ValidationError, ValueError):
        return shape.model_validate(parsed(text))


def _same(fields: dict[str, object]) -> object:
    return fields


def _link(fields: dict[str, object]) -> object:
    """Make a list's lines of its objects one by one, so that a long list never stands in memory twice."""
    return line_of(fields) if "attributes" in fields or "attribute" in fields else fields


_HOOKS: dict[type[Wire], Callable[[dict[str, object]], object]] = {LinksAnswer: _link}


def last_segment(href: str) -> str:
    """The id at the end of an address, with or without a slash after it; empty where there is none."""
    return unquote(urlsplit(href).path.rstrip("/").rpartition("/")[2])


def execution_id_in(href: str) -> str:
    """The id in an address of an execution; empty for any other address."""
    found = _EXECUTION.search(urlsplit(href).path)
    return unquote(found[1]) if found else ""


def arguments(parameters: Iterable[ParameterAnswer]) -> tuple[Argument, ...]:
    """Parameters with their values."""
    return tuple(_argument(parameter) for parameter in parameters if parameter.name)


def _argument(parameter: ParameterAnswer) -> Argument:
    kind = ParameterType(declared=parameter.type or "Any")
    return Argument(
        name=parameter.name,
        type=kind,
        value=read_value(parameter.value, kind),
        scope=parameter.scope.lower() or "local",
        description=parameter.description,
        updated=parameter.updated,
        encrypt_value=parameter.encrypt_value,
    )


def parameters(declared: Iterable[ParameterAnswer]) -> tuple[Parameter, ...]:
    """Parameters without values, as a workflow declares them."""
    return tuple(
        Parameter(
            name=told.name, type=ParameterType(declared=told.type or "Any"), description=told.description
        )
        for told in declared
        if told.name
    )


def workflow(answer: WorkflowAnswer, *, id_asked: str, folder: str) -> Workflow:
    """A workflow in the folder whose path was found apart."""
    return Workflow(
        id=answer.id or id_asked,
        name=answer.name,
        folder=folder,
        version=answer.version,
        description=answer.description,
        inputs=parameters(answer.input_parameters),
        outputs=parameters(answer.output_parameters),
    )


def workflow_summary(link: WireLine, *, folder: str) -> WorkflowSummary:
    """A line of the workflow list."""
    told = link.attributes
    return WorkflowSummary(
        id=told.get("id") or told.get("@id") or last_segment(link.href),
        name=told.get("name") or told.get("@name", ""),
        folder=folder,
        version=told.get("version", ""),
        description=told.get("description", ""),
        tags=tags(told.get("globalTags", "")),
        can_execute=told.get("canExecute", "true").lower() != "false",
    )


def tags(text: str) -> tuple[str, ...]:
    """Tags come as `name:value`, where a plain tag's value is a mark of the system's."""
    return tuple((plain or pair).strip() for plain, pair in _TAG.findall(text))


def lines(answer: LinksAnswer) -> list[WireLine]:
    """The links of a list, wherever they stand; UnreadableAnswer if the answer is no list.

    An empty list says so: by an empty `link`, or by a `total` of 0 where the key is left out. A gateway's
    `{"message": ..., "statusCode": 503}` with status 200 is not one.
    """
    found = answer.link or answer.relations.links
    if not found and not answer.is_list:
        raise UnreadableAnswer("Orchestrator answered with something that is no list.")
    return found


def executions(answer: LinksAnswer, *, since: datetime) -> ExecutionList:
    """The runs of a list that began since a moment, newest first, then those without a date.

    Lines that bear no id are counted: one of them may be the run somebody looks for.
    """
    told = [link for link in lines(answer) if link.rel not in {"up", "add"}]
    listed = [run for run in map(_execution_summary, told) if run is not None]
    if answer.counted > 0 and not told:
        raise UnreadableAnswer("Orchestrator says that there are runs, and lists none.")
    kept = [run for run in listed if run.start_date is None or run.start_date >= since]
    kept.sort(key=lambda run: run.start_date or _UNDATED, reverse=True)
    return ExecutionList(runs=tuple(kept), unread=len(told) - len(listed))


def _execution_summary(link: WireLine) -> ExecutionSummary | None:
    """A line of an execution list; None where it bears no id."""
    told = link.attributes
    identity = told.get("id") or told.get("@id") or execution_id_in(link.href)
    if not identity:
        return None
    return ExecutionSummary(
        id=identity,
        state=ExecutionState.read(told.get("state", "")),
        name=told.get("name", ""),
        started_by=told.get("startedBy", ""),
        start_date=read_moment(told.get("startDate")),
        end_date=read_moment(told.get("endDate")),
    )


def execution(answer: ExecutionAnswer, *, id_asked: str) -> Execution:
    """A run; Orchestrator's word for `no item yet` is left out."""
    if not (answer.id or answer.state):
        raise UnreadableAnswer
    item = answer.current_item_for_display
    return Execution(
        id=answer.id or id_asked,
        state=ExecutionState.read(answer.state),
        name=answer.name,
        href=answer.href,
        started_by=answer.started_by,
        start_date=answer.start_date,
        end_date=answer.end_date,
        inputs=arguments(answer.input_parameters),
        outputs=arguments(answer.output_parameters),
        business_state=answer.business_state,
        content_exception=answer.content_exception,
        current_item_display_name=answer.current_item_display_name,
        current_item_for_display="" if item == _NO_ITEM else item,
        workflow_item=answer.workflow_item,
        workflow_attributes=arguments(answer.workflow_attributes),
        relations=tuple((link.rel, link.href) for link in answer.relations.links),
        statistic="" if answer.statistic is None else json.dumps(answer.statistic, ensure_ascii=False),
    )


def about(answer: AboutAnswer) -> About:
    """The server's version."""
    if not (answer.version or answer.build_number or answer.api_version):
        raise UnreadableAnswer
    return About(version=answer.version, build=answer.build_number, api_version=answer.api_version)


def health(answer: HealthAnswer) -> Health:
    """The server's health."""
    state_told = answer.state or answer.server_state
    if not (state_told or answer.health_status.state):
        raise UnreadableAnswer
    return Health(state=state_told, status=answer.health_status.state, instance=answer.instance_id)


def state(answer: StateAnswer) -> ExecutionState:
    """A run's state; a word that is not known is OTHER, no word at all is no answer."""
    word = answer.value or answer.state
    if not word:
        raise UnreadableAnswer
    return ExecutionState.read(word)


def interaction(answer: InteractionAnswer) -> Interaction:
    """A question to people."""
    if not (answer.id or answer.name or answer.state or answer.input_parameters):
        raise UnreadableAnswer
    return Interaction(
        id=answer.id,
        name=answer.name,
        finished=answer.state.lower() == "finished",
        href=answer.href,
        parameters=arguments(answer.input_parameters),
        assignees=tuple(answer.assignees),
        user_assignees=tuple(answer.user_assignees),
        group_assignees=tuple(answer.group_assignees),
        timeout_date=answer.timeout_date,
    )
