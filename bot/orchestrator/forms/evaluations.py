"""Sources worked out by Orchestrator: by the form's own evaluation, else by the action itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from bot.domain.errors import (
    AnswerLost,
    Declined,
    InvalidRequest,
    NotSupported,
    NotVisible,
    OrchestratorError,
    UnreadableAnswer,
)
from bot.domain.values import (
    Composite,
    Properties,
    SdkObject,
    UnreadableValue,
    Value,
    is_secret,
)
from bot.domain.workflow import Kind, ParameterType
from bot.orchestrator.answers import check
from bot.orchestrator.forms.presented import PresentationAnswer, Presented, presented
from bot.orchestrator.reading import read
from bot.orchestrator.sending import encoded, parameters, start_body
from bot.orchestrator.transport import ApiCall
from bot.orchestrator.values import clean, read_value
from bot.orchestrator.wire import Text, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.domain.execution import Argument
    from bot.orchestrator.connection import ParameterKey
    from bot.orchestrator.exchange import ApiAnswer
    from bot.orchestrator.transport import Transport

_FRESH = 300.0  # seconds in which a token, or that there is none, is not asked for again
_DEEPEST = 20


class EvaluationContextAnswer(Wire):
    """What a form is evaluated with."""

    token: Text = ""


class EvaluationsAnswer(Wire):
    """A result for each source asked for, in their order."""

    results: Any = None


class ActionAnswer(Wire):
    """An action that was run."""

    state: Text = ""
    type: Text = ""
    error: Text = ""
    error_message: Text = ""
    value: Any = None


class Evaluations:
    """Asks one source at a time: one that hangs would hold up all that were asked with it."""

    def __init__(self, transport: Transport, *, clock: Callable[[], float], key: ParameterKey) -> None:
        self._transport = transport
        self._clock = clock
        self._key = key
        self._tokens: dict[str, tuple[float, str]] = {}  # by workflow: until when; empty: there is none
        self._fetching: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run(self, workflow_id: str, action: str, inputs: Sequence[Argument]) -> Value:
        """What the action answers; Declined when it fails, UnreadableAnswer when it makes no sense."""
        try:
            token = await self._token(workflow_id)
            if token:
                return await self._evaluated(workflow_id, token, action, inputs)
        except (InvalidRequest, NotVisible, NotSupported):  # the token may have ended
            self._tokens.pop(workflow_id, None)
        return await self._executed(action, inputs)

    async def presented(self, workflow_id: str, arguments: Sequence[Argument]) -> tuple[Presented, ...]:
        """The fields of a legacy presentation with these values in it, judged by the server."""
        path = ("workflows", workflow_id, "presentation", "instances")
        body = start_body(arguments, key=self._key)
        answer = await self._post(path, body)
        told = await read(answer, PresentationAnswer, lambda told: told)
        if told.id:
            await self._forget((*path, told.id))
        groups = (group for step in presented(told) for group in step.groups)
        return tuple(each for group in groups for each in group.fields)

    async def _forget(self, path: tuple[str, ...]) -> None:
        with contextlib.suppress(OrchestratorError, TimeoutError):
            async with asyncio.timeout(1):
                await self._transport.send(ApiCall(method="DELETE", path=path, only_asks=True))

    async def _post(self, path: tuple[str, ...], body: bytes) -> ApiAnswer:
        return check(await self._transport.send(ApiCall(method="POST", path=path, body=body, only_asks=True)))

    async def _token(self, workflow_id: str) -> str:
        """Fetched once, however many sources of a form are asked at the same time."""
        async with self._fetching[workflow_id]:
            until, token = self._tokens.get(workflow_id, (-float("inf"), ""))
            if self._clock() < until:
                return token
            try:
                answer = await self._transport.send(ApiCall(path=("forms", workflow_id, "evaluationContext")))
                token = await read(answer, EvaluationContextAnswer, lambda told: told.token)
            except (Declined, AnswerLost):
                token = ""
            self._tokens[workflow_id] = (self._clock() + _FRESH, token)
            return token

    async def _evaluated(
        self, workflow_id: str, token: str, action: str, inputs: Sequence[Argument]
    ) -> Value:
        execution = {"actionId": action, "inputs": {"parameters": parameters(inputs)}}
        body = encoded({"token": token, "executions": [execution]})
        answer = await self._post(("forms", workflow_id, "evaluations"), body)
        return await read(answer, EvaluationsAnswer, _first_result)

    async def _executed(self, action: str, inputs: Sequence[Argument]) -> Value:
        body = encoded({"parameters": parameters(inputs), "async-execution": False})
        answer = await self._post(("actions", *action.split("/", 1), "executions"), body)
        return await read(answer, ActionAnswer, _outcome)


def _first_result(answer: EvaluationsAnswer) -> Value:
    results = answer.results
    if not isinstance(results, list) or len(results) != 1 or not isinstance(results[0], dict):
        raise UnreadableAnswer
    if results[0].get("error"):
        raise Declined("The action failed.")
    return result_value(results[0].get("result"))


def _outcome(answer: ActionAnswer) -> Value:
    if answer.error or answer.error_message or answer.state.lower() in {"failed", "canceled"}:
        raise Declined("The action failed.")
    if not (answer.state or answer.type or answer.value is not None):  # null comes with its type
        raise UnreadableAnswer
    return _sensible(read_value(answer.value, ParameterType(declared=answer.type or "Any")))


def result_value(raw: object) -> Value:
    """A result as an envelope or as bare JSON, which servers use is not recorded."""
    return _sensible(_read_result(raw, depth=0))


def _read_result(raw: object, *, depth: int) -> Value:
    if depth > _DEEPEST:
        raise UnreadableAnswer
    match raw:
        case None | bool() | int() | float():
            return raw
        case str():
            return clean(raw)
        case list():
            return tuple(_read_result(each, depth=depth + 1) for each in raw)
        case {"id": str(identity), "type": str(kind), **more} if _is_object(kind):
            name = more.get("displayValue") or more.get("name") or ""
            return SdkObject(type=kind, id=identity, name=clean(str(name)))
        case {**fields} if _is_envelope(fields):
            return read_value(fields)
        case {**fields}:
            entries = ((str(key), _read_result(each, depth=depth + 1)) for key, each in fields.items())
            return Properties(entries=tuple(entries))
        case _:
            raise UnreadableAnswer


def _is_object(kind: str) -> bool:
    return ParameterType(declared=kind).kind is Kind.SDK_OBJECT


def _is_envelope(fields: Mapping[Any, Any]) -> bool:
    """Whether this is one value in Orchestrator's wrapping, `{"string": {"value": "x"}}`, known or not."""
    inner = next(iter(fields.values())) if len(fields) == 1 else None
    return isinstance(inner, dict) and bool(inner.keys() & {"value", "elements", "property", "type"})


def _sensible(value: Value) -> Value:
    """The value, unless something in it was not understood, or nobody is to see it."""
    if is_secret(value) or any(isinstance(each, UnreadableValue) for each in _parts(value)):
        raise UnreadableAnswer("The action answered with something that cannot be shown in a form.")
    return value


def _parts(value: Value) -> list[Value]:
    match value:
        case tuple():
            inner: list[Value] = [part for each in value for part in _parts(each)]
        case Properties(entries=pairs) | Composite(members=pairs):
            inner = [part for _, each in pairs for part in _parts(each)]
        case _:
            inner = []
    return [value, *inner]
