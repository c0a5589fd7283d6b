"""From payload to handler with one look-up, and an ack that answers the moment it is given.

Bolt's own runner looks for the ack every 10 ms, tries listeners one by one, and keeps no hold of those that
still run. The dispatcher is asked before Bolt is; what it does not know goes through Bolt as ever.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from pydantic_core import to_json
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from bot.runtime import metrics
from bot.runtime.priority import Priority, Scheduler
from bot.slack.payloads import (
    BlockAction,
    BlockSuggestion,
    HomeOpened,
    MessageShortcut,
    Shortcut,
    SlashCommand,
    ViewClosed,
    ViewSubmission,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from slack_bolt.request.async_request import AsyncBoltRequest

    from bot.domain.people import Membership
    from bot.slack.people import People
    from bot.slack.personal_pace import PersonalPace

log = logging.getLogger(__name__)

Key: TypeAlias = tuple[str, str]  # what came in, and its id: ("action", "approve")
Body: TypeAlias = dict[str, Any]
P = TypeVar(
    "P",
    SlashCommand,
    Shortcut,
    MessageShortcut,
    BlockAction,
    BlockSuggestion,
    ViewSubmission,
    ViewClosed,
    HomeOpened,
)

LATEST_ACK = 2.6  # seconds; Slack waits 3


class Call:
    """One payload from Slack and the answer it waits for."""

    def __init__(self, key: Key, body: Body) -> None:
        self.kind, self.name = key
        self.body = body
        in_view = body.get("type") == "block_actions" and "view" in body
        clicked = in_view and body["view"].get("type") != "home"  # the Home tab is no modal
        self.view_id: str | None = body["view"]["id"] if clicked else None  # a modal that can be changed
        self.is_trigger_spent = False  # a trigger opens one modal
        self.interaction_id = ""  # under which the inbox has it, if it does
        self.reply: asyncio.Future[Body | str] = asyncio.get_running_loop().create_future()

    def ack(self, reply: Body | str = "") -> None:
        """Answer Slack; only the first answer counts."""
        if not self.reply.done():
            self.reply.set_result(reply)

    async def ack_first(self) -> None:
        """Answer Slack with nothing, and let that leave; what follows goes behind the acks of others."""
        self.ack()
        await asyncio.sleep(0)


Handler: TypeAlias = "Callable[[Call], Coroutine[Any, Any, None]]"


class Access(Enum):
    """Whose call reaches a handler."""

    MEMBER = "member"  # full members; anybody else is told why not, and the denial is audited
    ANYBODY = "anybody"  # the handler decides by the membership: a menu that finds nothing, say


@dataclass(frozen=True, kw_only=True)
class Route(Generic[P]):
    """How one kind of payload is read, whose it may be, and what is done about it."""

    payload: type[P]
    handler: Callable[[Call, P, Membership], Coroutine[Any, Any, None]] | None = None  # None: only the ack
    access: Access = Access.MEMBER
    before: Callable[[Call, P], Awaitable[bool]] | None = None  # acks before the look-up; False ends it
    errors: Callable[[P], Body | None] | None = None  # the ack that turns it down at its fields, from memory
    is_paced: bool = False  # it counts against how fast one person may be
    is_once: bool = False  # carried out at once, and has an effect that a replay must not have
    is_deferred: bool = False  # acknowledged once it is in the inbox, and carried out afterwards

    async def handle(self, call: Call, *, people: People, pace: PersonalPace) -> None:
        """Turn the call down at its fields, or carry it out; TooFast if its person is too fast."""
        if self.is_paced:
            pace.take(self.payload.model_validate(call.body).person)
        errors = self.errors_in(call.body)
        if errors is not None:
            call.ack(errors)
        else:
            await self.carry_out(call, people=people)

    async def carry_out(self, call: Call, *, people: People) -> None:
        """Read the payload, look up whose it is, and hand both to the handler."""
        if self.handler is None:
            call.ack()
            return
        payload = self.payload.model_validate(call.body)
        if self.before is not None and not await self.before(call, payload):
            return
        look_up = people.member if self.access is Access.MEMBER else people.membership
        who = await look_up(payload.person)
        await self.handler(call, payload, who)

    def errors_in(self, body: Body) -> Body | None:
        """The answer that turns a payload down; None if nothing is wrong with it."""
        return None if self.errors is None else self.errors(self.payload.model_validate(body))


class Dispatcher:
    """A table from (kind, id) to handler."""

    def __init__(
        self,
        table: Mapping[Key, Handler],
        *,
        on_error: Callable[[Call, Exception], Awaitable[None]],
        on_late: Callable[[Call], None],
        scheduler: Scheduler,
    ) -> None:
        self._table = dict(table)
        self._on_error = on_error
        self._on_late = on_late
        self._scheduler = scheduler
        self._running: set[asyncio.Task[None]] = set()

    @property
    def keys(self) -> frozenset[Key]:
        """All that is answered."""
        return frozenset(self._table)

    async def answer(self, body: Body) -> BoltResponse | None:
        """Hand the payload to its handler and answer as soon as that acks; None if nothing handles it."""
        key = key_of(body)
        handler = self._table.get(key) if key else None
        if key is None or handler is None:
            return None
        call = Call(key, body)
        metrics.received()
        with metrics.ACK.labels(kind=call.kind).time(), self._scheduler.pending_ack():
            self.keep(asyncio.create_task(self._run(handler, call)))
            reply = await self._reply(call)
        return BoltResponse(status=200, body=reply if isinstance(reply, str) else to_json(reply).decode())

    async def _reply(self, call: Call) -> Body | str:
        """What the handler acks, or in time that it takes longer."""
        timer = asyncio.get_running_loop().call_later(LATEST_ACK, self._late, call)
        try:
            return await call.reply
        finally:
            timer.cancel()

    def _late(self, call: Call) -> None:
        log.warning("%s %s takes longer than Slack waits", call.kind, call.name)
        self._on_late(call)
        call.ack()

    async def _run(self, handler: Handler, call: Call) -> None:
        try:
            await self._scheduler.run(handler(call), Priority.INTERACTIVE, acked=call.reply.done)
        except Exception as error:  # noqa: BLE001 - the edge: every error is told, none is swallowed
            await self._on_error(call, error)
        finally:
            call.ack()

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold on to a task until it is done."""
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def drain(self, *, seconds: float) -> None:
        """Wait for what still runs, and end the rest."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


class DispatchingApp(AsyncApp):
    """Bolt behind a dispatcher that answers whoever is served by it.

    Bolt makes a client for each request and asks one middleware after the other, before it comes to anybody.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        serves: Callable[[str | None, str | None], bool],  # a team, or an organisation
        **options: Any,  # noqa: ANN401 - Bolt's own
    ) -> None:
        super().__init__(**options)
        self._dispatcher = dispatcher
        self._serves = serves

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Answer one request, from HTTP or from the socket."""
        answer = None
        if self._serves(req.context.team_id, req.context.enterprise_id):
            answer = await self._dispatcher.answer(req.body)
        return answer if answer is not None else await super().async_dispatch(req)


def key_of(body: Body) -> Key | None:
    """What kind of payload this is and which id it bears; None if it is nothing we know."""
    match body:
        case {"command": str(name)}:
            return ("command", name)
        case {"type": "block_actions", "actions": [{"action_id": str(name)}, *_]}:
            return ("action", name)
        case {"type": "block_suggestion", "action_id": str(name)}:
            return ("options", name)
        case {"type": "view_submission" | "view_closed" as kind, "view": {"callback_id": str(name)}}:
            return (kind, name)
        case {"type": "shortcut" | "message_action", "callback_id": str(name)}:
            return ("shortcut", name)
        case {"type": "event_callback", "event": {"type": str(name)}}:
            return ("event", name)
        case _:
            return None
