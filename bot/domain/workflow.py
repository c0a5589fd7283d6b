"""A workflow as Orchestrator describes it: where it lives, what it asks for and what it gives back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

_COMPOSITE = re.compile(r"^CompositeType\((?P<members>.*)\)(?::(?P<name>.*))?$", re.DOTALL)


class Kind(Enum):
    """The kinds of parameter Orchestrator knows."""

    STRING = "string"
    TEXT = "Text"
    PATH = "Path"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "Date"
    SECURE_STRING = "SecureString"
    ENCRYPTED_STRING = "EncryptedString"
    REGEXP = "Regexp"
    MIME_ATTACHMENT = "MimeAttachment"
    PROPERTIES = "Properties"
    ARRAY = "Array"
    SDK_OBJECT = "SDK object"
    COMPOSITE = "CompositeType"
    ANY = "Any"
    UNKNOWN = "unknown"


_NAMED = {  # by the declaration in lower case; the others are told by its shape
    kind.value.lower(): kind for kind in Kind if kind not in {Kind.SDK_OBJECT, Kind.COMPOSITE, Kind.UNKNOWN}
}


_SYSTEM_TYPES = frozenset(  # Orchestrator's own objects, declared without the colon of plug-ins' types
    {
        "Action",
        "ConfigurationElement",
        "ConfigurationElementCategory",
        "ResourceElement",
        "ResourceElementCategory",
        "Workflow",
        "WorkflowCategory",
    }
)


@dataclass(frozen=True, kw_only=True)
class ParameterType:
    """A declared type, kept to the letter and taken apart."""

    declared: str

    @cached_property
    def kind(self) -> Kind:
        """What kind of value the declaration asks for."""
        if self.declared.startswith("Array/"):
            return Kind.ARRAY
        if _COMPOSITE.match(self.declared):
            return Kind.COMPOSITE
        named = _NAMED.get(self.declared.lower())
        if named is not None:
            return named
        is_object = ":" in self.declared or self.declared in _SYSTEM_TYPES
        return Kind.SDK_OBJECT if is_object else Kind.UNKNOWN

    @cached_property
    def element(self) -> ParameterType:
        """The type of an array's items; `Any` for a bare `Array`."""
        return ParameterType(declared=self.declared.partition("/")[2] or "Any")

    @cached_property
    def members(self) -> tuple[tuple[str, ParameterType], ...]:
        """A composite's members in their order, `(name, type)`."""
        found = _COMPOSITE.match(self.declared)
        if found is None:
            return ()
        pairs = (part.partition(":") for part in _split_members(found["members"]))
        return tuple((name.strip(), ParameterType(declared=kind.strip())) for name, _, kind in pairs)


def _split_members(text: str) -> list[str]:
    """Cut at the commas that are not inside a nested composite."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return [part for part in parts if part.strip()]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One input or output of a workflow."""

    name: str
    type: ParameterType
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class WorkflowSummary:
    """A line of Orchestrator's workflow list."""

    id: str
    name: str
    folder: str = ""  # path, "Library/vCenter"
    version: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    can_execute: bool = True  # as Orchestrator says of the bot's own account


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """A workflow with its inputs and outputs, as read at one moment."""

    id: str
    name: str
    folder: str = ""
    version: str = ""
    description: str = ""
    tags: tuple[str, ...] | None = None  # None: not known, only the list tells them
    inputs: tuple[Parameter, ...] = ()
    outputs: tuple[Parameter, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WorkflowRef:
    """The workflow a launch runs, as it was when the form was shown."""

    id: str
    name: str
    version: str = ""
    folder: str = ""
    tags: tuple[str, ...] | None = None  # None: not known
