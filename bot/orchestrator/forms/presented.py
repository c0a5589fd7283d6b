"""What a legacy presentation says of each field, before anything is filled in or with values so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from bot.domain.errors import UnreadableAnswer
from bot.domain.workflow import ParameterType
from bot.orchestrator.values import clean, read_value
from bot.orchestrator.wire import Flag, Text, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.values import Value

Raw = Mapping[str, Any]
_TAG = "@type"


def _listed(raw: object) -> list[object]:
    return [each for each in raw if isinstance(each, dict)] if isinstance(raw, list) else []


Objects = Annotated[tuple[dict[str, Any], ...], BeforeValidator(_listed)]


class Element(Wire):
    """A group or a field: groups hold fields and groups."""

    id: Text = ""
    type: Text = ""
    display_name: Text = ""
    description: Text = ""
    hidden: Flag = None
    constraints: Objects = ()
    decorators: Objects = ()
    messages: Objects = ()
    elements: Objects = ()
    fields: Objects = ()
    value: Any = None


class PresentationAnswer(Wire):
    """A presentation, or an instance of one with values in it."""

    id: Text = ""
    valid: Flag = None
    steps: Objects = ()


@dataclass(frozen=True, kw_only=True)
class Presented:
    """One field."""

    name: str
    type: str = ""
    label: str = ""
    description: str = ""
    hidden: bool = False
    value: Value = None
    constraints: tuple[Raw, ...] = ()
    decorators: tuple[Raw, ...] = ()
    problem: str = ""  # what the server says is wrong with the value

    def decorator(self, kind: str) -> Raw | None:
        """The decorator of that kind, if there is one."""
        return next((each for each in self.decorators if each.get(_TAG) == kind), None)

    @property
    def choices(self) -> tuple[Value, ...] | None:
        """The values of its list; a list of nothing but null has none yet."""
        listed = self.decorator("drop-down")
        if listed is None:
            return None
        read = read_value({"array": listed.get("array")}, ParameterType(declared=f"Array/{self.type}"))
        return tuple(each for each in read if each is not None) if isinstance(read, tuple) else ()


@dataclass(frozen=True, kw_only=True)
class PresentedGroup:
    """Fields under a title."""

    title: str
    fields: tuple[Presented, ...]


@dataclass(frozen=True, kw_only=True)
class PresentedStep:
    """A page."""

    title: str
    groups: tuple[PresentedGroup, ...]


def presented(answer: PresentationAnswer) -> tuple[PresentedStep, ...]:
    """The steps, with groups in groups one after the other; UnreadableAnswer if it is no presentation."""
    if not (answer.id or answer.model_fields_set & {"steps", "valid"}):
        raise UnreadableAnswer
    steps = (_unwrapped(each) for each in answer.steps)
    return tuple(
        PresentedStep(title=step.display_name, groups=tuple(_groups(step, hidden=bool(step.hidden))))
        for step in steps
    )


def _unwrapped(raw: Raw) -> Element:
    inner = raw.get("step", raw)
    return Element.model_validate(inner if isinstance(inner, dict) else {})


def _groups(element: Element, *, hidden: bool) -> Iterator[PresentedGroup]:
    inner = [(each, Element.model_validate(each)) for each in (*element.elements, *element.fields)]
    own = tuple(_field(each, hidden=hidden) for raw, each in inner if _is_field(raw, each))
    if own:
        yield PresentedGroup(title=element.display_name, fields=own)
    for raw, each in inner:
        if not _is_field(raw, each):
            yield from _groups(each, hidden=hidden or bool(each.hidden))


def _is_field(raw: Raw, element: Element) -> bool:
    return raw.get(_TAG, "field" if element.id else "group") == "field" and bool(element.id)


def _field(element: Element, *, hidden: bool) -> Presented:
    kind = ParameterType(declared=element.type or "string")
    bare = Presented(name=element.id, decorators=element.decorators)
    preset = bare.decorator("default-value") or {}
    envelope = {key: value for key, value in preset.items() if key != _TAG} or None
    return Presented(
        name=element.id,
        type=kind.declared,
        label=element.display_name,
        description=element.description,
        hidden=hidden or bool(element.hidden),
        value=read_value(element.value if element.value is not None else envelope, kind),
        constraints=element.constraints,
        decorators=element.decorators,
        problem=_problem(element),
    )


def _problem(element: Element) -> str:
    for message in element.messages:
        said = message.get("Summary") or message.get("summary") or message.get("Details") or ""
        if str(message.get("severity", "")).upper() == "ERROR" and said:
            return clean(str(said))
    return ""
