"""What the answer to a start means: a run, a refusal, or nobody knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.domain.errors import AnswerLost, InvalidRequest, UnreadableAnswer
from bot.domain.execution import Started
from bot.domain.values import Composite, EncryptedText, Properties, SecretText
from bot.orchestrator import reading
from bot.orchestrator.answers import check, names_key
from bot.orchestrator.reading import read
from bot.orchestrator.wire import ExecutionAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.execution import Argument
    from bot.domain.values import Value
    from bot.orchestrator.connection import ParameterKey
    from bot.orchestrator.exchange import ApiAnswer


async def started(answer: ApiAnswer, *, key: ParameterKey, arguments: Sequence[Argument]) -> Started:
    """The id of the run, from the body or else from Location, which versions send instead of it or beside it.

    Raises what the status means; UnreadableAnswer when the server took the start and named no run.
    """
    try:
        check(answer)
    except InvalidRequest as refusal:
        raise _explained(refusal, answer, key=key, arguments=arguments) from None
    try:
        run = await read(answer, ExecutionAnswer, lambda told: reading.execution(told, id_asked=""))
    except AnswerLost as problem:
        run, lost = None, problem
    else:
        lost = UnreadableAnswer("Orchestrator took the start, but did not say which run it is.")
    if run is not None and run.id:
        return Started(execution_id=run.id, execution=run)
    located = reading.execution_id_in(str(answer.headers.get("location", "")))
    if located:
        return Started(execution_id=located)
    raise lost


def _explained(
    refusal: InvalidRequest, answer: ApiAnswer, *, key: ParameterKey, arguments: Sequence[Argument]
) -> InvalidRequest:
    """Name the setting to change when the server wants the other key; repeat no secret it may have quoted."""
    if names_key(answer, key="parameter") or names_key(answer, key="parameters"):
        other = "parameters" if key == "parameter" else "parameter"
        return InvalidRequest(
            f"Orchestrator does not take the inputs under the key `{key}`. Nothing was started."
            f" The platform team has to set ORCHESTRATOR_PARAMETER_KEY={other}."
        )
    message = refusal.message
    for secret in sorted(_secrets(argument.value for argument in arguments), key=len, reverse=True):
        message = re.sub(re.escape(secret), "•••", message)
    return InvalidRequest(message)


def _secrets(values: Iterable[Value]) -> set[str]:
    found: set[str] = set()
    for value in values:
        match value:
            case SecretText(text=text) | EncryptedText(text=text):
                found.add(text)
            case Properties(entries=pairs) | Composite(members=pairs):
                found |= _secrets(inner for _, inner in pairs)
            case tuple():
                found |= _secrets(value)
            case _:
                pass
    return found - {""}
