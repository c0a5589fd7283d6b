"""Reads a workflow as it is at this moment: what policy goes by, and the seal over what would run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.domain.errors import (
    Conflict,
    Declined,
    Forbidden,
    NotSupported,
    OrchestratorError,
    UnreadableAnswer,
)
from bot.domain.seal import Definition, SealedPart, Unsealed, WorkflowSeal, definition_digest, document_digest
from bot.orchestrator import reading
from bot.orchestrator.answers import check, json_of
from bot.orchestrator.decoding import parsed
from bot.orchestrator.folders import folder_of, inventory_path
from bot.orchestrator.reading import read
from bot.orchestrator.transport import ApiCall
from bot.orchestrator.wire import WireLine, WorkflowAnswer

if TYPE_CHECKING:
    from bot.domain.workflow import Workflow
    from bot.orchestrator.exchange import ApiAnswer
    from bot.orchestrator.folders import Folders
    from bot.orchestrator.transport import Transport

# One of these stands in whatever is a workflow's content, or a form; a gateway's complaint has none.
_CONTENT = frozenset({"workflow-item", "workflowItem", "input", "output", "attrib", "presentation"})
_FORM = frozenset({"layout", "schema"})
_SMALL = 20_000  # bytes; above it a document is parsed and hashed in a thread


class Definitions:
    """Reads definitions, with their form and content, anew each time."""

    def __init__(self, transport: Transport, folders: Folders) -> None:
        self._transport = transport
        self._folders = folders

    async def workflow(self, workflow_id: str, *, now: bool) -> Workflow:
        """What a workflow asks for and gives back; with `now`, its folder's path is asked for anew."""
        answer = await self._transport.send(ApiCall(path=("workflows", workflow_id)))
        told = await read(answer, WorkflowAnswer, lambda told: told)
        if not (told.id or told.name):
            raise UnreadableAnswer
        folder = folder_of(told)
        path = await self._folders.path_now(folder) if now else await self._folders.path(folder)
        return reading.workflow(told, id_asked=workflow_id, folder=path or inventory_path(told))

    async def now(self, workflow_id: str) -> Definition:
        """The workflow and its seal, read side by side; whatever cannot be sealed, the seal says why."""
        workflow, form, content = await asyncio.gather(
            self.workflow(workflow_id, now=True),
            self._sealed(ApiCall(path=("forms", workflow_id)), keys=_FORM, absent=SealedPart(digest="none")),
            self._sealed(
                ApiCall(path=("workflows", workflow_id, "content"), large=True),
                keys=_CONTENT,
                absent=SealedPart(why=Unsealed.NOT_OFFERED),
            ),
        )
        seal = WorkflowSeal(definition=definition_digest(workflow), form=form, content=content)
        return Definition(workflow=workflow, seal=seal)

    async def tags(self, workflow_id: str) -> tuple[str, ...] | None:
        """The tags a workflow has in the catalogue now; None where this server does not tell them there."""
        try:
            answer = await self._transport.send(ApiCall(path=("catalog", "System", "Workflow", workflow_id)))
            found = await read(answer, WireLine, lambda told: told)
        except (Declined, UnreadableAnswer):
            return None
        said = found.attributes.get("globalTags")
        return None if said is None else reading.tags(said)

    async def _sealed(self, call: ApiCall, *, keys: frozenset[str], absent: SealedPart) -> SealedPart:
        """The digest of a document; `absent` where there is none."""
        try:
            answer = check(await self._transport.send(call))
            if len(answer.body) > _SMALL:
                return await asyncio.to_thread(_digested, answer, keys)
            return _digested(answer, keys)
        except Forbidden:
            return SealedPart(why=Unsealed.DENIED)
        except Conflict:
            return SealedPart(why=Unsealed.UNREAD)
        except (NotSupported, Declined):
            return absent
        except UnreadableAnswer:
            return SealedPart(why=Unsealed.NOT_UNDERSTOOD)
        except OrchestratorError:
            return SealedPart(why=Unsealed.UNREAD)


def _digested(answer: ApiAnswer, keys: frozenset[str]) -> SealedPart:
    try:
        document = parsed(json_of(answer))
        if not isinstance(document, dict) or keys.isdisjoint(document):
            raise UnreadableAnswer
        return SealedPart(digest=document_digest(document))
    except (ValueError, RecursionError) as exc:
        raise UnreadableAnswer from exc
