"""The strict reading of what is posted to start a run or to answer its question."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from bot.demo.orchestrator.checking import Misfit, check
from bot.demo.orchestrator.refusals import ErrorAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.demo.orchestrator.dialects import Habits
    from bot.demo.orchestrator.scripts import Declared
    from bot.demo.orchestrator.values import Obj

_NAME = re.compile(r"^[^\W\d][\w$]*$|^\$[\w$]*$")
_PARAMETER_KEYS = {
    "name",
    "type",
    "description",
    "scope",
    "updated",
    "encrypt-value",
    "encryptValue",
    "value",
}
_PROFILER_KEYS = {"enabled", "debuggerEnabled", "tokenReplayEnabled"}


@dataclass(frozen=True, kw_only=True)
class PostedParameter:
    """A parameter as posted; `value` is the whole envelope, None when it was left out."""

    name: str
    value: Obj | None


@dataclass(frozen=True, kw_only=True)
class PostedContext:
    """What was posted, found to be in order."""

    given: tuple[PostedParameter, ...]
    execution_id: str | None
    body: object


def read_context(raw: bytes, *, declared: Iterable[Declared], habits: Habits) -> PostedContext:
    """Read a body, or raise a 400 `Refusal` that says what does not fit."""
    body = _object(raw, required=habits.body_required)
    key = habits.context_key
    _only(body, {"executionId", "profilerOptions", key}, where="execution-context")
    _check_profiler(body.get("profilerOptions"))
    execution_id = body.get("executionId")
    if execution_id is not None and not isinstance(execution_id, str):
        _bad("executionId must be a string")
    posted = body.get(key, [])
    if not isinstance(posted, list):
        _bad(f'"{key}" must be an array')
    given = _given_of(posted, {each.name: each.type for each in declared})
    return PostedContext(given=given, execution_id=execution_id, body=body)


def read_object(raw: bytes, known: set[str], *, where: str) -> Mapping[str, object]:
    """Read a body that has no other keys than these."""
    body = _object(raw, required=True)
    _only(body, known, where=where)
    return body


def read_inputs(posted: object) -> dict[str, Obj | None]:
    """The parameters of an action, by name: each of the type it names itself."""
    if not isinstance(posted, list):
        _bad("parameters must be an array")
    types = {each["name"]: each.get("type") or "Any" for each in posted if _is_named(each)}
    return {each.name: each.value for each in _given_of(posted, types)}


def _is_named(posted: object) -> bool:
    return isinstance(posted, dict) and isinstance(posted.get("name"), str)


def _object(raw: bytes, *, required: bool) -> Mapping[str, object]:
    if not raw.strip() and not required:
        return {}
    try:
        body = json.loads(raw, parse_constant=_bad)
    except ValueError:
        _bad("the body is not JSON")
    if not isinstance(body, dict):
        _bad("the body is not a JSON object")
    return body


def _given_of(posted: list[object], types: Mapping[str, str]) -> tuple[PostedParameter, ...]:
    given = tuple(_read(each, types) for each in posted)
    if len({each.name for each in given}) != len(given):
        _bad("a parameter is given twice")
    return given


def _read(posted: object, types: Mapping[str, str]) -> PostedParameter:
    if not isinstance(posted, dict):
        _bad("a parameter must be an object")
    _only(posted, _PARAMETER_KEYS, where="parameter")
    name = posted.get("name")
    if not isinstance(name, str) or not _NAME.match(name):
        _bad(f"not a parameter's name: {name!r}")
    if name not in types:
        _bad(f'the workflow has no parameter "{name}"')
    if posted.get("scope") not in (None, "local", "token"):
        _bad(f"no scope is called {posted['scope']!r}")
    _check_type(posted.get("type"), declared=types[name])
    _check_value(posted, declared=types[name])
    return PostedParameter(name=name, value=posted.get("value"))


def _check_type(sent: object, *, declared: str) -> None:
    """Orchestrator was seen to take another case, and a bare Array for an array of something."""
    bare_array = sent == "Array" and declared.startswith("Array/")
    if sent is not None and not bare_array and str(sent).casefold() != declared.casefold():
        _bad(f"type {sent} is not the declared {declared}")


def _check_value(posted: Mapping[str, object], *, declared: str) -> None:
    if "value" not in posted:
        return
    try:
        check(posted["value"], declared)
    except Misfit as misfit:
        _bad(f"{posted['name']}: {misfit}")


def _check_profiler(options: object) -> None:
    if options is None:
        return
    if not isinstance(options, dict):
        _bad("profilerOptions must be an object")
    _only(options, _PROFILER_KEYS, where="profilerOptions")


def _only(body: Mapping[str, object], known: set[str], *, where: str) -> None:
    for key in body:
        if key not in known:
            _bad(f'Unrecognized field "{key}" ({where})')


def _bad(message: str) -> NoReturn:
    raise ErrorAnswer(400, message, malformed=True)
