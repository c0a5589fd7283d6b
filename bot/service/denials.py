"""What the audit keeps beside what happens to launches: who was refused what, and who shared what."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.domain.audit import AuditEntry
from bot.domain.errors import (
    NotAllowed,
    NotAMember,
    NotYourDraft,
    NotYourPreset,
    OwnRequest,
    UnknownWorkflow,
)
from bot.domain.policy import ruling_of
from bot.runtime.logging import log_event
from bot.runtime.metrics import REFUSED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.domain.errors import Refusal
    from bot.domain.launch import Launch
    from bot.domain.people import Membership
    from bot.store.store import Store

log = logging.getLogger(__name__)


_DENIALS = (NotAllowed, NotAMember, OwnRequest, NotYourDraft, NotYourPreset)
_LONGEST = 200  # characters of what somebody typed


@asynccontextmanager
async def denials_audited(
    store: Store, who: Membership, wish: str, *, launch_id: str = "", workflow: str = ""
) -> AsyncIterator[None]:
    """Keep that this person was refused their wish ("reject", "open the form"), if they are."""
    try:
        yield
    except _DENIALS as no:
        entry = _entry(who, wish, no, launch_id=launch_id, workflow=workflow)
        await store.transact(lambda tx: tx.audit.record(entry))
        REFUSED.inc()
        asker = f"{who.person.team_id}/{who.person.user_id}"
        log_event(log, "refused", person=asker, wish=wish, launch=launch_id, workflow=workflow)
        raise


async def unknown_workflow(store: Store, who: Membership, words: str) -> None:
    """Keep that these words named no workflow this person may run; values they came with are not kept."""
    no = UnknownWorkflow()
    entry = _entry(who, "run", no, launch_id="", workflow=words[:_LONGEST])
    await store.transact(lambda tx: tx.audit.record(entry))


def shared(what: str, launch: Launch, who: Membership) -> AuditEntry:
    """The record of somebody who has something of a run shared with all who read its thread."""
    return AuditEntry(
        what=what,
        launch_id=launch.id,
        team_id=who.person.team_id,
        user_id=who.person.user_id,
        email=who.email,
        detail={"channel": launch.place.channel_id},
    )


def _entry(who: Membership, wish: str, no: Refusal, *, launch_id: str, workflow: str) -> AuditEntry:
    detail = {"wish": wish, "why": no.message}
    if workflow:
        ruling = ruling_of(no) if isinstance(no, NotAllowed) else None
        detail |= {"workflow": workflow, "rule": ruling.rule.name if ruling and ruling.rule else ""}
    if not who.is_certain:
        detail["in_doubt"] = "Slack did not say all about this person just then."
    return AuditEntry(
        what="refused",
        launch_id=launch_id,
        team_id=who.person.team_id,
        user_id=who.person.user_id,
        email=who.email,
        detail=detail,
    )
