"""The seal of a workflow: digests over all that Orchestrator tells of what a run would execute.

A version label proves nothing: an author can replace a script and keep the label. What could not be read is
part of the seal as well, so that nobody approves more than was sealed without knowing it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.domain.workflow import Parameter, Workflow

# Keys of Orchestrator's content whose values depend on who reads, or on which node answers (judged from
# exports; no recording shows two reads of one workflow).
_VOLATILE = frozenset({"href", "itemHref", "allowed-operations", "allowedOperations"})


class Unsealed(Enum):
    """Why a part of a workflow is not sealed."""

    DENIED = "denied"  # 403: the bot's account may not read it
    NOT_OFFERED = "not offered"  # this server does not tell it
    NOT_UNDERSTOOD = "not understood"  # an answer that is no such thing, or is too large
    UNREAD = "unread"  # no answer


@dataclass(frozen=True, kw_only=True)
class SealedPart:
    """The digest of one part, or why there is none."""

    digest: str = ""
    why: Unsealed | None = None

    @property
    def written(self) -> str:
        """As it is stored and sealed."""
        return self.why.value if self.why else self.digest


UNREAD = SealedPart(why=Unsealed.UNREAD)


@dataclass(frozen=True, kw_only=True)
class WorkflowSeal:
    """What of a workflow is sealed: its name, version, inputs and outputs; its form; its content."""

    definition: str
    form: SealedPart = UNREAD
    content: SealedPart = UNREAD

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """As a launch keeps it."""
        return (
            ("definition", self.definition),
            ("form", self.form.written),
            ("content", self.content.written),
        )

    @property
    def unread(self) -> bool:
        """Whether a part could not be read."""
        return Unsealed.UNREAD in {self.form.why, self.content.why}

    def without_unread_of(self, former: WorkflowSeal) -> WorkflowSeal:
        """This seal, with what the former one could not read left out here as well."""
        form = UNREAD if former.form.why is Unsealed.UNREAD else self.form
        content = UNREAD if former.content.why is Unsealed.UNREAD else self.content
        return replace(self, form=form, content=content)


def seal_of(pairs: Iterable[tuple[str, str]]) -> WorkflowSeal | None:
    """The seal that a launch keeps; None for a launch of a release that kept none."""
    kept = dict(pairs)
    if not kept:
        return None
    return WorkflowSeal(
        definition=kept.get("definition", ""), form=_part(kept, "form"), content=_part(kept, "content")
    )


def _part(kept: Mapping[str, str], name: str) -> SealedPart:
    written = kept.get(name, Unsealed.UNREAD.value)
    why = next((each for each in Unsealed if each.value == written), None)
    return SealedPart(why=why) if why else SealedPart(digest=written)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A workflow as Orchestrator has it at one moment, and its seal."""

    workflow: Workflow
    seal: WorkflowSeal


def definition_digest(workflow: Workflow) -> str:
    """SHA-256 over what a workflow declares; descriptions, which servers translate, are left out."""
    return _sha256(
        {
            "name": workflow.name,
            "version": workflow.version,
            "inputs": _declared(workflow.inputs),
            "outputs": _declared(workflow.outputs),
        }
    )


def _declared(parameters: Iterable[Parameter]) -> list[list[str]]:
    return [[each.name, each.type.declared] for each in parameters]


def document_digest(document: object) -> str:
    """SHA-256 over a JSON document in canonical form: two reads without a change give the same.

    Order of keys, keys without a value, `1` and `1.0`, line ends, and links, which name whatever node
    answered, make no difference. Order of items does.
    """
    return _sha256(_canonical(document))


def _canonical(document: object) -> Any:  # noqa: ANN401 - JSON
    match document:
        case dict():
            told = {key: _canonical(value) for key, value in document.items() if not _is_volatile(key, value)}
            return {key: value for key, value in told.items() if value is not None and value not in ([], {})}
        case list():
            return [_canonical(each) for each in document]
        case str():
            return document.replace("\r\n", "\n")
        case float() if document.is_integer():
            return int(document)
        case _:
            return document


def _is_volatile(key: str, value: object) -> bool:
    """Whether an entry depends on the read; one with an object in it is somebody's own, whatever its name."""
    links = key == "relations" and isinstance(value, dict) and value.keys() <= {"link"}
    return links or (key in _VOLATILE and isinstance(value, str))


def _sha256(document: object) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
