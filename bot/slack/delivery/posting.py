"""Messages put into Slack, changed there, and looked for before one is posted a second time."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from bot.domain.errors import Overtaken
from bot.slack.answers import SlackAnswer, error_code, is_limited, read, retry_after
from bot.slack.delivery.paced_queue import NotNow, PacedQueue
from bot.slack.delivery.refusals import RefusalKind, refusal_of
from bot.slack.mrkdwn import cut

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from datetime import datetime

    from bot.slack.answers import SlackClient
    from bot.slack.cards import Message

log = logging.getLogger(__name__)

_UNREADABLE = {"missing_scope", "channel_not_found", "not_in_channel", "thread_not_found"}


class _Posted(SlackAnswer):
    channel: str
    ts: str


class _Conversation(SlackAnswer):
    id: str


class _Opened(SlackAnswer):
    channel: _Conversation


class _NextReplies(SlackAnswer):
    next_cursor: str | None = None


class _History(SlackAnswer):
    messages: tuple[dict[str, Any], ...]
    response_metadata: _NextReplies | None = None


_PACES = {  # calls a minute, and burst; together below the method's tier (3: 50 a minute)
    "chat.update": (30, 18),
    "chat.delete": (30, 18),
    "conversations.history": (30, 18),
    "conversations.replies": (30, 18),
}
# Slack takes about one message a second and channel; short bursts, of a length it does not tell.
_POSTS = (60, 4)
_RESERVE = 9  # changes kept for cards that somebody waits for
_MOST_QUEUES = 2_000
_BARE = 3_000  # characters of a message without blocks; chat.update takes 4,000


class Posting:
    """Posts and changes messages; what Slack asked to slow down with is not asked again before its time."""

    def __init__(self, *, client: SlackClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._queues: OrderedDict[str, PacedQueue] = OrderedDict()  # by method, or channel of posts

    async def post(
        self,
        target: str,
        message: Message,
        *,
        metadata: dict[str, Any],
        thread_ts: str | None = None,
        broadcast: bool = False,
        entered: bool = False,
    ) -> tuple[str, str]:
        """Post to a channel or a person; where it went: the conversation and the message's id.

        A reply in a thread with `broadcast` is seen beside the thread as well.
        `entered`: the caller entered the channel's queue for it.
        As bare text if Slack finds fault with the blocks, so that no word is lost.
        """

        async def send(**content: Any) -> Any:  # noqa: ANN401 - Slack's arguments and answer
            return await self._client.chat_postMessage(
                channel=target,
                thread_ts=thread_ts,
                reply_broadcast=broadcast or None,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
                **content,
            )

        whole = partial(_whole_or_bare, message, send)
        posted = read(_Posted, await self._paced(self._queue(target), whole, entered=entered))
        return posted.channel, posted.ts

    async def change(self, channel: str, ts: str, message: Message, *, is_news: bool = True) -> None:
        """Put other words in a message's place; nothing happens if it cannot be changed any more.

        What is no news leaves a reserve to what is. As bare text if Slack finds fault with the blocks.
        """
        queue = self._queue("chat.update")
        queue.enter(reserve=0 if is_news else _RESERVE)

        async def update(**content: Any) -> Any:  # noqa: ANN401 - Slack's arguments and answer
            return await self._client.chat_update(channel=channel, ts=ts, **content)

        try:
            await self._paced(queue, partial(_whole_or_bare, message, update), entered=True)
        except SlackApiError as error:
            if refusal_of(error) is not RefusalKind.GONE:
                raise
            log.warning("a message cannot be changed: %s", error_code(error))

    def enter(self, target: str, *, posts: int) -> None:
        """Enter a channel's queue with all posts of a launch at once, so that none is left half told."""
        if posts:
            self._queue(target).enter(posts)

    async def remove(self, channel: str, ts: str) -> None:
        """Delete a message of the bot's; nothing happens if it is gone."""
        queue = self._queue("chat.delete")

        async def delete() -> Any:  # noqa: ANN401 - Slack's answer
            return await self._client.chat_delete(channel=channel, ts=ts)

        try:
            await self._paced(queue, delete)
        except SlackApiError as error:
            if error_code(error) != "message_not_found":
                raise

    def _queue(self, what: str) -> PacedQueue:
        """The queue of a method, or of the posts to one channel or person."""
        found = self._queues.get(what)
        if found is None:
            per_minute, burst = _PACES.get(what, _POSTS)
            found = self._queues[what] = PacedQueue(per_minute=per_minute, burst=burst, now=self._now)
        self._queues.move_to_end(what)
        if len(self._queues) > _MOST_QUEUES:
            self._queues.popitem(last=False)
        return found

    async def _paced(
        self, queue: PacedQueue, call: Callable[[], Awaitable[Any]], *, entered: bool = False
    ) -> Any:  # noqa: ANN401 - Slack's answer
        """Call Slack in its queue; NotNow if it is not its turn, or Slack asks for a pause."""
        if not entered:
            queue.enter()
        try:
            return await call()
        except SlackApiError as error:
            if not is_limited(error):
                raise
            wait = retry_after(error)
            queue.hold(wait)
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
        return found_in(await self.history(target, since=since), kind=kind, launch_id=launch_id)

    async def history(self, target: str, *, since: datetime) -> tuple[str, list[dict[str, Any]]]:
        """The conversation behind a target and what was posted there since; nothing if it may not look."""
        channel = await self.conversation(target)
        if channel is None:
            return target, []
        oldest = str(since.timestamp() - 60)
        return channel, await self._read("conversations.history", channel=channel, oldest=oldest)

    async def find_reply(self, channel: str, ts: str, *, kind: str, launch_id: str) -> tuple[str, str] | None:
        """A reply in a thread that is about the launch; None if there is none, or the bot may not look."""
        messages = await self._read("conversations.replies", channel=channel, ts=ts)
        return found_in((channel, messages), kind=kind, launch_id=launch_id)

    async def last_told(self, channel: str, ts: str, *, kind: str, launch_id: str) -> int:
        """The last event a thread already tells; 0 if the bot may not look."""
        messages = await self._read("conversations.replies", channel=channel, ts=ts)
        return _last_event(launch_id, messages, kind=kind)

    async def last_posted(self, target: str, *, kind: str, launch_id: str, since: datetime) -> int:
        """The last event that messages of this kind tell there; 0 if the bot may not look."""
        _, messages = await self.history(target, since=since)
        return _last_event(launch_id, messages, kind=kind)

    async def _read(self, method: str, **where: str) -> list[dict[str, Any]]:
        """Every message Slack lets the bot read there; none without the optional history scope."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            ask = {"include_all_metadata": True, "limit": 200, **where, "cursor": cursor}
            try:
                # Only the first page waits for its turn: a read that gave way between two pages would begin
                # anew, and one of many pages would never come to its end.
                answer = await self._paced(
                    self._queue(method),
                    partial(self._client.api_call, method, params=ask),
                    entered=bool(cursor),
                )
            except SlackApiError as error:
                if error_code(error) in _UNREADABLE:
                    return found
                raise
            page = read(_History, answer)
            found += page.messages
            cursor = (page.response_metadata and page.response_metadata.next_cursor) or ""
            if not cursor:
                return found


class Histories:
    """Reads of channels, made after the claims: one of each channel serves all launches claimed together."""

    def __init__(self, posting: Posting, *, since: Mapping[str, datetime]) -> None:
        self._posting = posting
        self._since = since  # by target: when the oldest launch looked for there was asked for
        self._reads: dict[str, asyncio.Task[tuple[str, list[dict[str, Any]]]]] = {}

    async def find(self, target: str, *, kind: str, launch_id: str) -> tuple[str, str] | None:
        """A message of the launch; None if there is none, or the bot may not look."""
        if target not in self._reads:
            read_it = self._posting.history(target, since=self._since[target])
            self._reads[target] = asyncio.create_task(read_it)
        # Shielded: one launch that gives up must not end the read of the others.
        return found_in(await asyncio.shield(self._reads[target]), kind=kind, launch_id=launch_id)


def found_in(
    history: tuple[str, list[dict[str, Any]]], *, kind: str, launch_id: str
) -> tuple[str, str] | None:
    """Where the history has a message of this kind about the launch."""
    channel, messages = history
    found = next((message["ts"] for message, _ in _about(launch_id, messages, kind=kind)), None)
    return None if found is None else (channel, found)


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


def _last_event(launch_id: str, messages: list[dict[str, Any]], *, kind: str) -> int:
    return max((payload["up_to"] for _, payload in _about(launch_id, messages, kind=kind)), default=0)


async def _whole_or_bare(message: Message, send: Callable[..., Awaitable[Any]]) -> Any:  # noqa: ANN401 - Slack's answer
    """Send a message; as bare text if Slack refuses it for what is in it, so that no word is lost."""
    try:
        return await send(text=message.text, blocks=message.blocks)
    except SlackApiError as error:
        if refusal_of(error) is not RefusalKind.MESSAGE:
            raise
        found = error.response.get("response_metadata")
        log.error("Slack refuses a message, %s: %s", error_code(error), found)  # noqa: TRY400 - no secret in a traceback
        return await send(text=cut(message.text, _BARE))


def still_ours(noted: bool) -> None:  # noqa: FBT001 - what the store answered
    """Overtaken if the claim ended meanwhile: whoever has it now looks and tells the rest."""
    if not noted:
        raise Overtaken
