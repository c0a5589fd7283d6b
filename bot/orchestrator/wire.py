"""The shapes Orchestrator's answers come in: every spelling and wrapping seen, unknown keys ignored.

Its JSON is made from XML classes, so a key is `start-date` in a recording and `startDate` in a specification,
and a list may stand bare, wrapped in an object, or as its only item. Nothing here is required: what an
operation cannot do without is checked where it is read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AliasChoices,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from bot.orchestrator.values import clean, read_moment


def _spellings(name: str) -> AliasChoices:
    head, *rest = name.split("_")
    return AliasChoices("-".join([head, *rest]), head + "".join(word.capitalize() for word in rest), name)


def _text(raw: object) -> str:
    if isinstance(raw, bool):
        return str(raw).lower()
    try:
        return clean(str(raw)) if isinstance(raw, (str, int, float)) else ""
    except ValueError:  # a number of thousands of digits, which Python does not write
        return ""


def _flag(raw: object) -> bool | None:
    return {"true": True, "false": False}.get(str(raw).lower()) if isinstance(raw, (bool, str)) else None


def _seconds(raw: object) -> float:
    try:
        seconds = float(raw) if isinstance(raw, (str, int, float)) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return seconds if 0 < seconds < 1e9 else 0.0  # noqa: PLR2004 - thirty years, beyond any token


def _rows(raw: object) -> list[object]:
    """The objects of a list: `[...]`, `{"parameter": [...]}`, a lone object, `{"entry": {...}}` for one."""
    if isinstance(raw, dict):
        wrapped = next(iter(raw.values()), None) if len(raw) == 1 else None
        raw = wrapped if isinstance(wrapped, list) else [raw]
    return [_unwrapped(row) for row in raw if isinstance(row, (dict, Wire))] if isinstance(raw, list) else []


def _entries(raw: object) -> list[object] | None:
    return _rows(raw) if isinstance(raw, (list, dict)) else None


def _unwrapped(row: object) -> object:
    inner = next(iter(row.values())) if isinstance(row, dict) and len(row) == 1 else None
    return inner if isinstance(inner, dict) else row


def _title(raw: object) -> str:
    """A text, or the name of the first object where one stands in its place."""
    rows = [row for row in _rows(raw) if isinstance(row, dict)]
    return _text(raw) or next((_text(row.get("displayName") or row.get("name")) for row in rows), "")


def _words(raw: object) -> list[str]:
    """Texts, out of `["a"]`, `{"assignee": ["a"]}` and `"a"`."""
    if isinstance(raw, dict):
        raw = next(iter(raw.values()), None)
    listed = raw if isinstance(raw, list) else [raw]
    return [_text(word) for word in listed if isinstance(word, str)]


def _attributes(raw: object) -> dict[str, str]:
    """Names with their values; attributes often come without a value, and links without attributes."""
    named = ((row.get("name"), row.get("value")) for row in _rows(raw) if isinstance(row, dict))
    return {name: _text(value) for name, value in named if isinstance(name, str) and value is not None}


Text: TypeAlias = Annotated[str, BeforeValidator(_text)]
Flag: TypeAlias = Annotated[bool | None, BeforeValidator(_flag)]
Seconds: TypeAlias = Annotated[float, BeforeValidator(_seconds)]
Moment: TypeAlias = Annotated[datetime | None, BeforeValidator(read_moment)]
Words: TypeAlias = Annotated[list[str], BeforeValidator(_words)]
Attributes: TypeAlias = Annotated[dict[str, str], BeforeValidator(_attributes)]


class Wire(BaseModel):
    """The base of all shapes; a validation error never quotes the input."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=AliasGenerator(validation_alias=_spellings),
    )


class WireLine(Wire):
    """A line of a list, or a relation."""

    rel: Text = ""
    href: Text = ""
    attributes: Attributes = Field({}, validation_alias=AliasChoices("attributes", "attribute"))


def line_of(row: object) -> WireLine:
    """A list's line, read on its own so that one that cannot be read costs no other: it is left empty."""
    if isinstance(row, WireLine):
        return row
    try:
        return WireLine.model_validate(_unwrapped(row))
    except (ValidationError, RecursionError):
        return WireLine()


def _lines(raw: object) -> object:
    """None where there is no list; a lone line may stand without one."""
    if isinstance(raw, dict):
        inner = next(iter(raw.values()), None) if len(raw) == 1 else None
        raw = inner if isinstance(inner, list) else [raw]
    return [line_of(row) for row in raw] if isinstance(raw, list) else None


def _count(raw: object) -> int | None:
    """A count; None where the server gives none, or writes it as nobody does."""
    try:
        return int(raw) if isinstance(raw, (int, str)) else None
    except ValueError:
        return None


def _object(raw: object) -> object:
    return raw if isinstance(raw, (dict, Wire)) else {}


Lines: TypeAlias = Annotated[list[WireLine] | None, BeforeValidator(_lines)]
Count: TypeAlias = Annotated[int | None, BeforeValidator(_count)]


class Relations(Wire):
    """Links of an object; of a list of runs they are its lines."""

    link: Lines = None
    total: Count = None

    @property
    def links(self) -> list[WireLine]:
        """The links, none where they are left out."""
        return self.link or []


Related: TypeAlias = Annotated[Relations, BeforeValidator(_object)]


class LinksAnswer(Wire):
    """A list: `{"link": [...]}` of workflows and inventory, `{"relations": {"link": [...]}}` of runs."""

    link: Lines = None
    relations: Related = Relations()
    total: Count = None

    @property
    def is_list(self) -> bool:
        """Whether it has the shape of a list, though it may be empty; servers leave out an empty `link`."""
        listed = self.link is not None or self.relations.link is not None
        return listed or 0 in {self.total, self.relations.total}

    @property
    def counted(self) -> int:
        """How many lines the server says there are; 0 where it does not say."""
        return max(self.total or 0, self.relations.total or 0)


class ParameterAnswer(Wire):
    """A parameter; `value` is an envelope that `values.read_value` opens."""

    name: Text = ""
    type: Text = ""
    description: Text = ""
    scope: Text = ""
    value: Any = None
    updated: Flag = None
    encrypt_value: Flag = None


Parameters: TypeAlias = Annotated[list[ParameterAnswer], BeforeValidator(_rows)]


class WorkflowAnswer(Wire):
    """A workflow's own description."""

    id: Text = ""
    name: Text = ""
    version: Text = ""
    description: Text = ""
    category_id: Text = ""
    input_parameters: Parameters = []
    output_parameters: Parameters = []
    relations: Related = Relations()


class ExecutionAnswer(Wire):
    """A run, whole."""

    id: Text = ""
    state: Text = ""
    name: Text = ""
    href: Text = ""
    started_by: Text = ""
    start_date: Moment = None
    end_date: Moment = None
    input_parameters: Parameters = []
    output_parameters: Parameters = []
    workflow_attributes: Parameters = []
    business_state: Text = ""
    content_exception: Text = ""
    current_item_display_name: Text = ""
    current_item_for_display: Text = ""
    workflow_item: Annotated[str, BeforeValidator(_title)] = ""
    relations: Related = Relations()
    statistic: Any = None


class StateAnswer(Wire):
    """A run's state: servers write `value`, the specification `state`."""

    value: Text = ""
    state: Text = ""


class InteractionAnswer(Wire):
    """A user interaction."""

    id: Text = ""
    name: Text = ""
    state: Text = ""
    href: Text = ""
    input_parameters: Parameters = []
    assignees: Words = []
    user_assignees: Words = []
    group_assignees: Words = []
    timeout_date: Moment = None


class LogEntry(Wire):
    """A line of a log."""

    origin: Text = ""
    severity: Text = ""
    user: Text = ""
    user_name: Text = ""
    short_description: Text = ""
    long_description: Text = ""
    time_stamp: Moment = None
    time_stamp_val: Moment = None


class LogsAnswer(Wire):
    """A log; what else the answer holds is kept, to tell an empty log from a complaint."""

    model_config = ConfigDict(extra="allow")

    logs: Annotated[list[LogEntry] | None, BeforeValidator(_entries)] = None


class CategoryAnswer(Wire):
    """A folder."""

    name: Text = ""
    path: Text = ""


class AboutAnswer(Wire):
    """The server's version."""

    version: Text = ""
    build_number: Text = ""
    api_version: Text = ""


class StatusAnswer(Wire):
    """The inner part of the server's health."""

    state: Text = ""


class HealthAnswer(Wire):
    """The server's health: recordings have `state`, the specification `serverState`."""

    state: Text = ""
    server_state: Text = ""
    health_status: StatusAnswer = StatusAnswer()
    instance_id: Text = ""


class TokenAnswer(BaseModel):
    """A login service's answer, in the words of Aria 8 or of OAuth (RFC 6749, 5.1)."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    access_token: str | None = None
    token: str | None = None
    refresh_token: str | None = None
    expires_in: Seconds = 0.0
