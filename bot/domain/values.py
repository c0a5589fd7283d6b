"""The values an Orchestrator parameter can hold, free of any wire format."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, kw_only=True)
class SecretText:
    """A SecureString in the clear: lives in memory between a form or a secret store and the POST."""

    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SecretRef:
    """A secret the platform team configured, by name; its text is read when the run starts."""

    name: str


@dataclass(frozen=True, kw_only=True)
class SealedSecret:
    """A typed secret, encrypted at rest under `slot` of its launch until the launch closes."""

    slot: str
    mac: str = ""  # keyed hash of the text: what was approved is what is sent


@dataclass(frozen=True, kw_only=True)
class EncryptedText:
    """An EncryptedString: already encrypted by Orchestrator, opaque here."""

    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SdkObject:
    """A reference into Orchestrator's inventory, such as type `VC:VirtualMachine`."""

    type: str
    id: str
    name: str = ""
    href: str = ""
    path: str = ""  # where the inventory has it, for people


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A MimeAttachment: a file with its media type."""

    name: str
    mime_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Properties:
    """Orchestrator's Properties: keys in their order, each with a value."""

    entries: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, kw_only=True)
class Composite:
    """A CompositeType: `type` as declared, members in their order."""

    type: str
    members: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, kw_only=True)
class AttributeReference:
    """A reference to an attribute of a configuration element."""

    config_id: str
    config_key: str
    config_name: str = ""


@dataclass(frozen=True, kw_only=True)
class UnreadableValue:
    """A value of a kind the bot does not know, kept as the JSON text it came in."""

    kind: str
    json: str


Value: TypeAlias = (
    bool
    | int
    | float
    | str
    | datetime
    | SecretText
    | SecretRef
    | SealedSecret
    | EncryptedText
    | SdkObject
    | Attachment
    | Properties
    | Composite
    | AttributeReference
    | UnreadableValue
    | tuple["Value", ...]
    | None
)

SECRET_KINDS = (SecretText, SecretRef, SealedSecret, EncryptedText)


def is_secret(value: Value) -> bool:
    """Whether the value, or anything inside it, must never be shown."""
    match value:
        case SecretText() | SecretRef() | SealedSecret() | EncryptedText():
            return True
        case Properties(entries=pairs) | Composite(members=pairs):
            return any(is_secret(inner) for _, inner in pairs)
        case tuple():
            return any(is_secret(inner) for inner in value)
        case _:
            return False
