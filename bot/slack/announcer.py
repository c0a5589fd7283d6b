"""Tells Slack what happened: one card per launch kept current, its story in the card's thread.

Told at least once and in order: what is told is noted after Slack took it. Where an earlier try ended
without a word, the channel is read first, so that nothing is said twice.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.domain.errors import Overtaken
from bot.slack import cards

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.domain.launch import Launch
    from bot.store.outbox import Telling
    from bot.store.store import Store

log = logging.getLogger(__name__)

AT_ONCE = 8
CALL_TIMEOUT = timedelta(seconds=10)  # of one call to Slack; a telling makes three at most within its lease
CARD = "launch_card"
STORY = "launch_story"
_CLAIMED = 32
_NO_PLACE = {
    "not_in_channel",
    "channel_not_found",
    "is_archived",
    "restricted_action",
    "restricted_action_thread_locked",
    "restricted_action_read_only_channel",
}
_CARD_GONE = {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}
_UNCLEAR = {"", "internal_error", "fatal_error", "request_timeout", "service_unavailable"}  # maybe done
_UNREADABLE = {"missing_scope", "channel_not_found", "not_in_channel", "thread_not_found"}


class Announcer:
    """Tells every event that has not been told; any number may run side by side on one database."""

    def __init__(self, *, store: Store, client: AsyncWebClient, link: Callable[[Launch], str | None]) -> None:
        self._store = store
        self._client = client
        self._link = link
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def tick(self) -> bool:
        """Tell all that is due; True if there may be more."""
        tellings = await self._store.claim_untold(limit=_CLAIMED)
        async with asyncio.TaskGroup() as group:
            for telling in tellings:
                group.create_task(self._turn(telling))
        return len(tellings) == _CLAIMED

    async def _turn(self, telling: Telling) -> None:
        """One launch's turn; what goes wrong with it must not stop the others."""
        async with self._turns:
            try:
                await _Telling(self._store, self._client, self._link, telling).tell()
            except Overtaken:
                log.info("launch %s is told elsewhere", telling.launch.id)
            except SlackApiError as error:
                await self._refused(telling, error)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                log.warning("Slack did not answer about launch %s: %s", telling.launch.id, error)
                await self._store.tell_later(telling, after=timedelta(seconds=5), in_doubt=True)
            except Exception:  # its lease ends and another round takes it up
                log.exception("launch %s could not be told", telling.launch.id)

    async def _refused(self, telling: Telling, error: SlackApiError) -> None:
        code = _code(error)
        wait = timedelta(seconds=float(error.response.headers.get("Retry-After", 30)))
        if code != "ratelimited":
            status = error.response.status_code
            log.error("Slack refused to take word of launch %s: %d %s", telling.launch.id, status, code)
        await self._store.tell_later(telling, after=wait, in_doubt=code in _UNCLEAR)


def _code(error: SlackApiError) -> str:
    """Slack's word for what is wrong; none where it was not Slack that answered, but something before it."""
    said = error.response.data
    return str(said.get("error", "")) if isinstance(said, dict) else ""


class _Telling:
    """One launch being told."""

    def __init__(
        self,
        store: Store,
        client: AsyncWebClient,
        link: Callable[[Launch], str | None],
        telling: Telling,
    ) -> None:
        self._store = store
        self._client = client
        self._telling = telling
        self._launch = telling.launch
        self._link = link(telling.launch)

    async def tell(self) -> None:
        """Post the card if there is none, tell the thread what is new, bring the card up to date."""
        telling = self._telling
        told = telling.told_seq
        shown = telling.card_version
        if telling.card_ts is None or telling.card_channel is None:
            channel, ts, shown = await self._post_card()
        else:
            channel, ts = telling.card_channel, telling.card_ts
            if telling.tried_before:
                told = max(told, await self._last_in_thread(channel, ts))
        news = tuple(event for event in telling.events if event.seq > told)
        if news:
            await self._post_story(channel, ts, cards.story(self._launch, news), up_to=news[-1].seq)
            told = news[-1].seq
            _still_ours(await self._store.remember_told(telling, up_to=told))
        if shown != self._launch.version:
            await self._update_card(channel, ts)
        await self._store.told(telling, up_to=told, card=self._launch.version)

    async def _post_card(self) -> tuple[str, str, int]:
        """Post the card, or find it if a former try may have posted it; then note where it is."""
        found = await self._find_card() if self._telling.tried_before else None
        if found is None:
            answer = await self._post_where_possible()
            channel, ts, shown = answer["channel"], answer["ts"], self._launch.version
        else:
            (channel, ts), shown = found, 0
        _still_ours(await self._store.remember_card(self._telling, channel=channel, ts=ts))
        return channel, ts, shown

    async def _post_where_possible(self) -> Any:  # noqa: ANN401 - Slack's answer
        """Post to the launch's channel; where the bot cannot, to the requester's direct messages."""
        place = self._launch.place
        target = self._launch.requester.user_id if place.is_direct else place.channel_id
        try:
            return await self._post(target, self._card(), metadata=self._metadata(CARD))
        except SlackApiError as error:
            if _code(error) not in _NO_PLACE or place.is_direct:
                raise
            log.warning("launch %s is told to its requester: %s", self._launch.id, _code(error))
            card = cards.moved(self._card(), channel_id=place.channel_id)
            return await self._post(self._launch.requester.user_id, card, metadata=self._metadata(CARD))

    def _card(self) -> cards.Message:
        return cards.card(self._launch, link=self._link)

    def _metadata(self, kind: str, *, up_to: int | None = None) -> dict[str, Any]:
        payload: dict[str, Any] = {"launch": self._launch.id}
        if up_to is not None:
            payload["up_to"] = up_to
        return {"event_type": kind, "event_payload": payload}

    async def _post_story(self, channel: str, ts: str, message: cards.Message, *, up_to: int) -> None:
        await self._post(channel, message, metadata=self._metadata(STORY, up_to=up_to), thread_ts=ts)

    async def _post(self, channel: str, message: cards.Message, **more: Any) -> Any:  # noqa: ANN401 - Slack's
        """Post with blocks; as bare text if Slack finds fault with the blocks, so that no word is lost."""

        def send(**content: Any) -> Awaitable[Any]:  # noqa: ANN401 - Slack's arguments
            return self._client.chat_postMessage(
                channel=channel, text=message.text, unfurl_links=False, unfurl_media=False, **content, **more
            )

        try:
            return await send(blocks=message.blocks)
        except SlackApiError as error:
            if _code(error) not in {"invalid_blocks", "invalid_blocks_format"}:
                raise
            log.error("Slack found fault with blocks: %s", error.response.get("response_metadata"))  # noqa: TRY400 - no secret in a traceback
            return await send()

    async def _update_card(self, channel: str, ts: str) -> None:
        card = self._card()
        try:
            await self._client.chat_update(channel=channel, ts=ts, text=card.text, blocks=card.blocks)
        except SlackApiError as error:
            if _code(error) not in _CARD_GONE:
                raise
            log.warning("the card of launch %s cannot be updated: %s", self._launch.id, _code(error))

    async def _find_card(self) -> tuple[str, str] | None:
        """The card a former try posted, by its metadata; None if it is not there or may not be looked for."""
        if self._launch.place.is_direct:
            return None
        oldest = str(self._launch.requested_at.timestamp() - 60)
        channel = self._launch.place.channel_id
        for message in await self._messages("conversations.history", channel=channel, oldest=oldest):
            if self._payload(message, CARD) is not None:
                return channel, message["ts"]
        return None

    async def _last_in_thread(self, channel: str, ts: str) -> int:
        """The last event the thread already tells; 0 if it may not be looked at."""
        messages = await self._messages("conversations.replies", channel=channel, ts=ts)
        payloads = (self._payload(message, STORY) for message in messages)
        return max((payload["up_to"] for payload in payloads if payload), default=0)

    def _payload(self, message: dict[str, Any], kind: str) -> dict[str, Any] | None:
        metadata = message.get("metadata") or {}
        payload: dict[str, Any] = metadata.get("event_payload") or {}
        ours = metadata.get("event_type") == kind and payload.get("launch") == self._launch.id
        return payload if ours else None

    async def _messages(self, method: str, **where: str) -> list[dict[str, Any]]:
        """Every message Slack lets the bot read there; none without the optional history scope."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            ask = {"include_all_metadata": True, "limit": 200, **where, "cursor": cursor}
            try:
                answer = await self._client.api_call(method, params=ask)
            except SlackApiError as error:
                if _code(error) in _UNREADABLE:
                    return found
                raise
            found += answer["messages"]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found


def _still_ours(noted: bool) -> None:  # noqa: FBT001 - what the store answered
    """Overtaken if the claim ended meanwhile: whoever has it now looks and tells the rest."""
    if not noted:
        raise Overtaken
