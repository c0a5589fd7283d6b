"""Tells Slack what happened: every card of a launch kept current, its story in the thread of one.

Told at least once and in order: what is told is noted after Slack took it. Where an earlier try ended
without a word, the channel is read first, so that nothing is said twice.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Protocol

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.domain.about import Thread
from bot.domain.errors import DatabaseLost, Overtaken
from bot.runtime.logging import log_keys
from bot.runtime.priority import Priority, Scheduler
from bot.slack.delivery.card_copies import Copier
from bot.slack.delivery.home_card import Teller
from bot.slack.delivery.paced_queue import NotNow
from bot.slack.delivery.posting import Histories, Posting
from bot.slack.delivery.refusals import pause_after_silence
from bot.slack.delivery.thread_echo import ThreadEcho
from bot.store.quarantine import QuarantinedRow, RowKind

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from datetime import datetime, timedelta
    from typing import Any

    from bot.domain.launch import Launch
    from bot.slack.answers import SlackClient
    from bot.slack.delivery.audience import CardAudience
    from bot.store.copies import Copying
    from bot.store.outbox import Telling
    from bot.store.store import Store

log = logging.getLogger(__name__)

AT_ONCE = 8
_CLAIMED = 32


class Turn(Protocol):
    """One try to tell or show something that is claimed."""

    @property
    def tries(self) -> int:
        """This try, and those before it that ended without a word."""
        ...

    async def take_turn(self) -> None:
        """Tell or show it."""
        ...

    async def later(self, *, after: timedelta, in_doubt: bool = False) -> bool:
        """Release the claim for a while; False if it no longer holds."""
        ...

    async def refused(self, error: SlackApiError) -> None:
        """Release the claim after a refusal that ended the turn."""
        ...


class Announcer:
    """Tells every event that has not been told; any number may run side by side on one database."""

    def __init__(
        self,
        *,
        store: Store,
        client: SlackClient,
        audience: CardAudience,
        link: Callable[[Launch], str | None],
        url: str,  # of the workspace
        scheduler: Scheduler,
    ) -> None:
        self._store = store
        self._posting = Posting(client=client, now=store.now)
        self._audience = audience
        self._link = link
        self._url = url
        self._scheduler = scheduler
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def tick(self) -> bool:
        """Tell all that is due, then show it on the other cards; True if there may be more."""
        tellings = await self._store.outbox.claim(limit=_CLAIMED)
        histories = self._histories(tellings)
        async with asyncio.TaskGroup() as group:
            for telling in tellings:
                item = QuarantinedRow(kind=RowKind.STORY, key=telling.launch.id, fence=telling.fence)
                group.create_task(self._turn(item, partial(self._tell, telling, histories)))
        copyings = await self._store.copies.claim(limit=_CLAIMED)
        async with asyncio.TaskGroup() as group:
            for copying in copyings:
                item = QuarantinedRow(
                    kind=RowKind.CARD, key=f"{copying.launch.id}/{copying.target}", fence=copying.fence
                )
                group.create_task(self._turn(item, partial(self._show, copying)))
        return _CLAIMED in {len(tellings), len(copyings)}

    def _histories(self, tellings: Iterable[Telling]) -> Histories:
        """One read of each place for all cards that a former try may have posted there."""
        since: dict[str, datetime] = {}
        for launch in (each.launch for each in tellings if each.tried_before and each.home is None):
            for target in (launch.place.channel_id, launch.requester.user_id):
                since[target] = min(launch.requested_at, since.get(target, launch.requested_at))
        return Histories(self._posting, since=since)

    async def _tell(self, telling: Telling, histories: Histories) -> None:
        teller = Teller(
            store=self._store,
            posting=self._posting,
            histories=histories,
            audience=self._audience,
            telling=telling,
            link=self._link(telling.launch),
            url=self._url,
        )
        await self._try(telling.launch.id, teller)

    async def _show(self, copying: Copying) -> None:
        thread = Thread.read(copying.target)
        turn: Turn
        if thread is None:
            turn = Copier(
                store=self._store,
                posting=self._posting,
                audience=self._audience,
                copying=copying,
                url=self._url,
            )
        else:
            turn = ThreadEcho(
                store=self._store, posting=self._posting, copying=copying, thread=thread, url=self._url
            )
        await self._try(copying.launch.id, turn)

    async def _turn(self, item: QuarantinedRow, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """One turn; what goes wrong with it must not stop the others."""
        with log_keys(launch=item.key.partition("/")[0]):
            async with self._turns:
                try:
                    await self._scheduler.run(work(), Priority.BACKGROUND)
                except Overtaken:
                    log.info("%s is told elsewhere", item)
                except DatabaseLost:
                    log.warning("%s is told when the database is back", item)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is this item's alone
                    await self._store.quarantine.back_off(item, error)

    async def _try(self, launch_id: str, turn: Turn) -> None:
        """Take a turn, or note when to try again and whether this try may have been heard."""
        try:
            await turn.take_turn()
        except NotNow as asked:
            await turn.later(after=asked.wait)
        except SlackApiError as error:
            await turn.refused(error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("Slack did not answer about launch %s: %s", launch_id, error)
            await turn.later(after=pause_after_silence(turn.tries), in_doubt=True)
