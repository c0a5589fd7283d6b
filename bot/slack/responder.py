"""How the bot answers one person privately, whatever they did: ack text, modal or ephemeral message."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.domain.errors import BotError, DatabaseLost, NotAllowed
from bot.domain.policy import ruling_of
from bot.runtime.priority import Priority, Scheduler
from bot.slack.answers import SLACK_FAILS, SlackAnswer, error_code, read
from bot.slack.errors import in_words, refused, way_back
from bot.slack.forms.messages import message_view

if TYPE_CHECKING:
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

    from bot.slack.answers import SlackClient
    from bot.slack.cards import Message
    from bot.slack.dispatcher import Call

log = logging.getLogger(__name__)

_LATE = "This takes longer than usual. Please do not send it again: the channel shows it once it is recorded."
_UNANSWERED = (
    "Slack did not answer the bot in the middle of this. If this was about a launch, its card shows whether "
    "it started. If there is no card, please try again."
)
_QUIET_WITHIN = 0.5  # seconds that a window may wait for others' acks; its trigger lives 3
_VIEW_CLOSED = {"not_found", "view_not_found", "hash_conflict"}


class _View(SlackAnswer):
    id: str
    hash: str


class _Shown(SlackAnswer):
    view: _View


class NotOpened(BotError):
    """Slack did not open a window for this. Nothing was started or changed. Please try again."""


class ViewChanged(BotError):
    """The window shows something newer by now."""


class Responder:
    """Private answers, and modals opened and changed, over one connection to Slack."""

    def __init__(self, *, client: SlackClient, session: aiohttp.ClientSession, scheduler: Scheduler) -> None:
        self._client = client
        self._session = session
        self._scheduler = scheduler

    async def report_error(self, call: Call, error: Exception) -> None:
        """Tell the person what went wrong: a known error in its words, another with a reference."""
        if isinstance(error, BotError):
            log.info("%s %s: %s", call.kind, call.name, type(error).__name__)
            text = in_words(error)
            if isinstance(error, DatabaseLost):
                if _keep_form(call, text):
                    return
                text += way_back(call)
        elif _is_closed_view(error):
            log.info("%s %s: the view was gone", call.kind, call.name)
            return
        elif isinstance(error, (aiohttp.ClientError, TimeoutError)):
            log.warning("%s %s: Slack did not answer: %s", call.kind, call.name, type(error).__name__)
            text = _UNANSWERED + way_back(call)
        else:
            reference = secrets.token_hex(4)
            log.error("%s %s failed, reference %s", call.kind, call.name, reference, exc_info=error)
            text = (
                "Something went wrong in the bot. If this was about a launch, its card shows whether it "
                f"started. Please tell the platform team this reference: `{reference}`."
            )
        if isinstance(error, NotAllowed) and (ruling := ruling_of(error)) is not None:
            await self.show(call, refused(text, ruling))
        else:
            await self.say(call, text)

    def answer_late(self, call: Call) -> None:
        """Answer in time although the work is not done; what comes of it is said where this stands."""
        match call.kind:
            case "view_submission":
                call.view_id = call.body["view"]["id"]
                call.ack({"response_action": "update", "view": message_view("Still working", _LATE)})
            case "command":
                call.ack({"response_type": "ephemeral", "text": _LATE})
            case _:
                call.ack()

    async def say(
        self,
        call: Call,
        text: str,
        *,
        blocks: list[dict[str, Any]] | None = None,
        title: str = "Not done",
    ) -> None:
        """Say something only this person sees; in a modal under this title."""
        message: dict[str, Any] = {"text": text} | ({"blocks": blocks} if blocks else {})
        match call.kind:
            case "command" if not call.reply.done():
                call.ack({"response_type": "ephemeral", **message})
            case "view_submission" if not call.reply.done():
                view = message_view(title, text, body=blocks or ())
                call.ack({"response_action": "update", "view": view})
            case "options":
                call.ack({"options": []})
            case _:
                await self._say_after_ack(call, message)

    async def _say_after_ack(self, call: Call, message: dict[str, Any]) -> None:
        call.ack()
        try:
            try:
                await self._reach(call, message)
            except NotOpened:
                await self._write_to(call, message)
        except SLACK_FAILS as error:
            log.warning("a private answer to %s %s was not delivered: %s", call.kind, call.name, error)

    async def _reach(self, call: Call, message: dict[str, Any]) -> None:
        """Answer where the person looks: in the modal, beside the message, in a new modal, or directly."""
        body = call.body
        if call.view_id is not None:
            await self.change(call.view_id, _not_possible(message))
        elif "response_url" in body:
            ephemeral = {"response_type": "ephemeral", "replace_original": False, **message}
            async with self._session.post(body["response_url"], json=ephemeral) as answer:
                answer.raise_for_status()
        elif "trigger_id" in body and not call.is_trigger_spent:
            await self.open(call, _not_possible(message))
        else:
            await self._write_to(call, message)

    async def _write_to(self, call: Call, message: dict[str, Any]) -> None:
        """Answer in the talk of this person with the bot, where no window can be opened any more."""
        await self._client.chat_postMessage(channel=call.body["user"]["id"], **message)

    async def show(self, call: Call, message: Message) -> None:
        """Say a prepared message only this person sees."""
        await self.say(call, message.text, blocks=message.blocks)

    async def open(self, call: Call, view: dict[str, Any]) -> str:
        """Open a modal with the call's trigger, and ack; the view's id, or NotOpened if Slack would not."""
        opening = asyncio.create_task(self._open(call.body["trigger_id"], view))
        call.is_trigger_spent = True
        call.ack()
        try:
            view_id = read(_Shown, await opening).view.id
        except SLACK_FAILS as error:
            code = error_code(error) or type(error).__name__
            log.warning("Slack opened no modal for %s %s: %s", call.kind, call.name, code)
            raise NotOpened from error
        call.view_id = view_id
        return view_id

    async def _open(self, trigger_id: str, view: dict[str, Any]) -> AsyncSlackResponse:
        await self._scheduler.quiet(Priority.INTERACTIVE, within=_QUIET_WITHIN)
        return await self._client.views_open(trigger_id=trigger_id, view=view)

    async def push(self, call: Call, view: dict[str, Any]) -> None:
        """Put a modal on top of the one the call came from, and ack."""
        pushing = asyncio.create_task(self._client.views_push(trigger_id=call.body["trigger_id"], view=view))
        call.is_trigger_spent = True
        call.ack()
        try:
            await pushing
        except SLACK_FAILS as error:
            raise NotOpened from error

    async def replace(self, view_id: str, view: dict[str, Any], *, seen: str | None) -> str | None:
        """Put a view in place of the one whose hash is `seen`; its own hash, None if the person closed it.

        ViewChanged if the window shows another one by now.
        """
        try:
            answer = await self._client.views_update(view_id=view_id, view=view, hash=seen)
        except SlackApiError as error:
            if error_code(error) == "hash_conflict":
                raise ViewChanged from error
            if not _is_closed_view(error):
                raise
            log.info("the view was closed before it could be changed")
            return None
        return read(_Shown, answer).view.hash

    async def change(self, view_id: str, view: dict[str, Any]) -> None:
        """Put another view in place of an open one; nothing happens if the person closed it."""
        try:
            await self._client.views_update(view_id=view_id, view=view)
        except SlackApiError as error:
            if not _is_closed_view(error):
                raise
            log.info("the view was closed before it could be changed")


def _not_possible(message: dict[str, Any]) -> dict[str, Any]:
    return message_view("Not possible", message["text"], body=message.get("blocks", ()))


def _keep_form(call: Call, text: str) -> bool:
    """Say it at the form's first input, so that what was typed stays and can be sent again, where one can."""
    if call.kind != "view_submission" or call.reply.done():
        return False
    inputs = (block["block_id"] for block in call.body["view"]["blocks"] if block["type"] == "input")
    first = next(inputs, None)
    if first is not None:
        call.ack({"response_action": "errors", "errors": {first: text}})
    return first is not None


def _is_closed_view(error: Exception) -> bool:
    return isinstance(error, SlackApiError) and error_code(error) in _VIEW_CLOSED
