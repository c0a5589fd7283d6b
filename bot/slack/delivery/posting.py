"""Messages put into Slack, changed there, and looked for before one is posted a second time."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from bot.domain.errors import BotError, Overtaken
from bot.slack.answers import Answer, error_code, is_limited, read, retry_after

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from datetime import datetime

    from bot.slack.answers import SlackClient
    from bot.slack.cards import Message

log = logging.getLogger(__name__)

NO_PLACE = frozenset(
    {
        "not_in_channel",
        "channel_not_found",
        "is_archived",
        "restricted_action",
        "restricted_action_thread_locked",
        "restricted_action_read_only_channel",
        "cannot_dm_bot",
        "messages_tab_disabled",
        "user_disabled",
        "user_not_found",
    }
)
_GONE = {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}
_UNREADABLE = {"missing_scope", "channel_not_found", "not_in_channel", "thread_not_found"}


class _Posted(Answer):
    channel: str
    ts: str


class _Conversation(Answer):
    id: str


class _Opened(Answer):
    channel: _Conversation


class _Next(Answer):
    next_cursor: str | None = None


class _History(Answer):
    messages: tuple[dict[str, Any], ...]
    response_metadata: _Next | None = None


class NotNow(BotError):
    """Slack asked to slow down, or did not say what has to be known: try again later."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


class Posting:
    """Posts and changes messages; what Slack asked to slow down with is not asked again before its time."""

    def __init__(self, *, client: SlackClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._held_until: dict[str, datetime] = {}

    async def post(
        self,
        target: str,
        message: Message,
        *,
        metadata: dict[str, Any],
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> tuple[str, str]:
        """Post to a channel or a person; where it went: the conversation and the message's id.

        A reply in a thread with `broadcast` is seen beside the thread as well.
        As bare text if Slack finds fault with the blocks, so that no word is lost.
        """

        async def send(**content: Any) -> Any:  # noqa: ANN401 - Slack's arguments and answer
            return await self._client.chat_postMessage(
                channel=target,
                text=message.text,
                thread_ts=thread_ts,
                reply_broadcast=broadcast or None,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
                **content,
            )

        async def with_blocks() -> Any:  # noqa: ANN401 - Slack's answer
            try:
                return await send(blocks=message.blocks)
            except SlackApiError as error:
                if error_code(error) not in {"invalid_blocks", "invalid_blocks_format"}:
                    raise
                log.error("Slack found fault with blocks: %s", error.response.get("response_metadata"))  # noqa: TRY400 - no secret in a traceback
                return await send()

        posted = read(_Posted, await self._paced(target, with_blocks))
        return posted.channel, posted.ts

    async def change(self, channel: str, ts: str, message: Message) -> None:
        """Put other words in a message's place; nothing happens if it cannot be changed any more."""

        async def update() -> Any:  # noqa: ANN401 - Slack's answer
            return await self._client.chat_update(
                channel=channel, ts=ts, text=message.text, blocks=message.blocks
            )

        try:
            await self._paced("chat.update", update)
        except SlackApiError as error:
            if error_code(error) not in _GONE:
                raise
            log.warning("a message cannot be changed: %s", error_code(error))

    async def _paced(self, what: str, call: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - Slack's answer
        """Call Slack unless it asked for a pause: of changes as a whole, of posts for each place."""
        wait = self._held_until.get(what, self._now()) - self._now()
        if wait > timedelta():
            raise NotNow(wait)
        self._held_until.pop(what, None)
        try:
            return await call()
        except SlackApiError as error:
            if not is_limited(error):
                raise
            wait = retry_after(error)
            self._held_until[what] = self._now() + wait
            raise NotNow(wait) from error

    async def conversation(self, target: str) -> str | None:
        """The conversation behind a target: a person's direct messages have an id of their own.

        None if the bot may not ask.
        """
        if not target.startswith(("U", "W")):
            return target
        try:
            answer = await self._client.conversations_open(users=target)
        except SlackApiError as error:
            if error_code(error) in _UNREADABLE:
                return None
            raise
        return read(_Opened, answer).channel.id

    async def find(
        self, target: str, *, kind: str, launch_id: str, since: datetime
    ) -> tuple[str, str] | None:
        """A message of the launch posted since then; None if there is none, or the bot may not look."""
        channel = await self.conversation(target)
        if channel is None:
            return None
        oldest = str(since.timestamp() - 60)
        messages = await self._read("conversations.history", channel=channel, oldest=oldest)
        found = next((message["ts"] for message, _ in _about(launch_id, messages, kind=kind)), None)
        return None if found is None else (channel, found)

    async def last_told(self, channel: str, ts: str, *, kind: str, launch_id: str) -> int:
        """The last event a thread already tells; 0 if the bot may not look."""
        messages = await self._read("conversations.replies", channel=channel, ts=ts)
        return max((payload["up_to"] for _, payload in _about(launch_id, messages, kind=kind)), default=0)

    async def _read(self, method: str, **where: str) -> list[dict[str, Any]]:
        """Every message Slack lets the bot read there; none without the optional history scope."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            ask = {"include_all_metadata": True, "limit": 200, **where, "cursor": cursor}
            try:
                answer = await self._client.api_call(method, params=ask)
            except SlackApiError as error:
                if error_code(error) in _UNREADABLE:
                    return found
                raise
            page = read(_History, answer)
            found += page.messages
            cursor = (page.response_metadata and page.response_metadata.next_cursor) or ""
            if not cursor:
                return found


def metadata(kind: str, launch_id: str, *, up_to: int | None = None) -> dict[str, Any]:
    """By what a message is found again: what it is, of which launch, and the last event it tells."""
    payload: dict[str, Any] = {"launch": launch_id} | ({} if up_to is None else {"up_to": up_to})
    return {"event_type": kind, "event_payload": payload}


def _about(
    launch_id: str, messages: list[dict[str, Any]], *, kind: str
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The messages of this kind about the launch, each with what it was marked with."""
    for message in messages:
        match message:
            case {
                "ts": str(),
                "metadata": {"event_type": str(marked), "event_payload": {"launch": str(about)} as payload},
            } if (marked, about) == (kind, launch_id):
                yield message, payload


def still_ours(noted: bool) -> None:  # noqa: FBT001 - what the store answered
    """Overtaken if the claim ended meanwhile: whoever has it now looks and tells the rest."""
    if not noted:
        raise Overtaken
