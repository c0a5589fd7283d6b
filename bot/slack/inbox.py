"""Clicks and submissions whose ack says nothing: noted before it, carried out after it, once.

What was noted is carried out also if the process dies in between: its effect and the end of the note are one
transaction, and a note that outlives its lease is taken up again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import AlreadyHandled, DatabaseLost, UnreadableRow
from bot.slack.dispatcher import Call
from bot.store.inbox import NotedInteraction
from bot.store.quarantine import QuarantinedRow, RowKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from bot.slack.dispatcher import Body, Handler, Key
    from bot.store.store import Store

log = logging.getLogger(__name__)

AT_ONCE = 4  # carried out side by side
BEGUN_WITHIN = timedelta(seconds=10)  # of its note: later, its lease may be over before it is carried out
_CLAIMED = 32
_NOT_KEPT = {"message", "token", "trigger_id", "response_url", "response_urls", "authorizations"}


@dataclass(frozen=True)
class DeferredInteraction:
    """What is done about an interaction, and what can be said against it at once."""

    handler: Handler
    objections: Callable[[Body], Body | None] = lambda _: None  # the answer that turns it down, from memory


class Inbox:
    """Takes in what people did, and carries it out."""

    def __init__(
        self,
        deferred_interactions: Mapping[Key, DeferredInteraction],
        *,
        store: Store,
        report_error: Callable[[Call, Exception], Awaitable[None]],
    ) -> None:
        self._deferred = dict(deferred_interactions)
        self._store = store
        self._complain = report_error
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._unwritten: list[NotedInteraction] = []
        self._writing: asyncio.Task[frozenset[str]] | None = None
        self._next: asyncio.Task[frozenset[str]] | None = None  # writes what comes until it begins

    @property
    def table(self) -> dict[Key, Handler]:
        """What is taken in here."""
        return dict.fromkeys(self._deferred, self.take)

    async def take(self, call: Call) -> None:
        """Note a call and ack it, then carry it out."""
        deferred = self._deferred[call.kind, call.name]
        objection = deferred.objections(call.body)
        if objection is not None:
            call.ack(objection)
            return
        call.interaction_id = payload_id(call)
        noted = NotedInteraction(
            id=call.interaction_id, kind=call.kind, name=call.name, body=_kept(call.body)
        )
        if not await self._note(noted):
            _tell_replay(call)
            return
        noted_at = self._store.now()
        await call.ack_first()
        async with self._turns:
            await self._carry_out(call, deferred, noted_at=noted_at)

    async def once(self, call: Call, handler: Handler) -> None:
        """Carry out at once what has an effect, unless it came before, to whichever replica."""
        try:
            is_first = await self._store.inbox.is_first(payload_id(call))
        except DatabaseLost:
            is_first = True  # without a database nothing has an effect, and the handler says so
        if is_first:
            await handler(call)
        else:
            _tell_replay(call)

    async def tick(self) -> bool:
        """Take up what was noted and left; True if there may be more."""
        left = await self._store.inbox.claim(limit=_CLAIMED)
        now = self._store.now()
        for each in left:
            try:
                await self._take_up(each, noted_at=now)
            except DatabaseLost:
                raise  # the rest is claimed again as well
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this note's alone
                await self._store.quarantine.back_off(QuarantinedRow(kind=RowKind.NOTE, key=each.id), error)
        return len(left) == _CLAIMED

    async def _take_up(self, noted: NotedInteraction, *, noted_at: datetime) -> None:
        deferred = self._deferred.get((noted.kind, noted.name))
        if deferred is None:  # noted by another release: this one does not know what was asked
            why = f"this release does not know the {noted.kind} {noted.name!r}"
            await self._store.quarantine.back_off(
                QuarantinedRow(kind=RowKind.NOTE, key=noted.id), UnreadableRow(why=why)
            )
            return
        call = Call((noted.kind, noted.name), dict(noted.body))
        call.interaction_id = noted.id
        call.ack()
        await self._carry_out(call, deferred, noted_at=noted_at)

    async def _carry_out(self, call: Call, deferred: DeferredInteraction, *, noted_at: datetime) -> None:
        """Do what was asked, or say why not; what the database was away for is taken up again."""
        if self._store.now() - noted_at > BEGUN_WITHIN:
            return
        try:
            await deferred.handler(call)
        except AlreadyHandled:
            return
        except DatabaseLost:
            log.warning("%s %s is carried out when the database is back", call.kind, call.name)
            return
        except Exception as error:  # noqa: BLE001 - told like any other, at the same edge
            await self._refuse(call, error)

    async def _refuse(self, call: Call, error: Exception) -> None:
        """Tell the person, and forget the note; a telling that fails is tried again, but not for ever."""
        try:
            await self._complain(call, error)
        except DatabaseLost:  # then it is refused again when the database is back
            return
        except Exception as failed:  # noqa: BLE001 - whatever it is, it is this note's alone
            await self._store.quarantine.back_off(
                QuarantinedRow(kind=RowKind.NOTE, key=call.interaction_id), failed
            )
            return
        with suppress(DatabaseLost):
            await self._store.inbox.forget(call.interaction_id)

    async def _note(self, interaction: NotedInteraction) -> bool:
        """Write it down, together with whatever else waits to be; False if it was before."""
        if any(each.id == interaction.id for each in self._unwritten):
            return False
        self._unwritten.append(interaction)
        if self._next is None:
            self._next = asyncio.create_task(self._write(after=self._writing))
        return interaction.id in await asyncio.shield(self._next)

    async def _write(self, *, after: asyncio.Task[frozenset[str]] | None) -> frozenset[str]:
        if after is not None:
            await asyncio.wait({after})
        self._writing, self._next = self._next, None
        batch, self._unwritten = self._unwritten, []
        return await self._store.inbox.note(batch)


def payload_id(call: Call) -> str:
    """The digest of a payload: Slack puts a trigger or a moment into each, so no two clicks share one."""
    text = json.dumps([call.kind, call.name, call.body], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _tell_replay(call: Call) -> None:
    """Acknowledge what came before, so that Slack does not send it once more, and do nothing."""
    log.warning("%s %s came a second time, and has no effect", call.kind, call.name)
    call.ack()


def _kept(body: Body) -> Body:
    """The body without what is not needed again, or lets others speak for the bot."""
    kept = {name: held for name, held in body.items() if name not in _NOT_KEPT}
    if isinstance(kept.get("view"), dict):
        kept["view"] = {name: held for name, held in kept["view"].items() if name != "blocks"}
    return kept
