"""Tells Slack what happened: every card of a launch kept current, its story in the thread of one.

Told at least once and in order: what is told is noted after Slack took it. Where an earlier try ended
without a word, the channel is read first, so that nothing is said twice.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.domain.errors import DatabaseLost, Overtaken
from bot.slack.people import error_code
from bot.slack.posting import Posting, SlowDown
from bot.slack.telling import Teller

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.courtesy import Courtesy
    from bot.domain.launch import Launch
    from bot.store.outbox import Telling
    from bot.store.store import Store

log = logging.getLogger(__name__)

AT_ONCE = 8
_CLAIMED = 32
_UNCLEAR = {"", "internal_error", "fatal_error", "request_timeout", "service_unavailable"}  # maybe done


class Announcer:
    """Tells every event that has not been told; any number may run side by side on one database."""

    def __init__(
        self,
        *,
        store: Store,
        client: AsyncWebClient,
        link: Callable[[Launch], str | None],
        courtesy: Courtesy,
    ) -> None:
        self._store = store
        self._posting = Posting(client=client, now=store.now)
        self._link = link
        self._courtesy = courtesy
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def tick(self) -> bool:
        """Tell all that is due; True if there may be more."""
        await self._courtesy.give_way()
        tellings = await self._store.claim_untold(limit=_CLAIMED)
        async with asyncio.TaskGroup() as group:
            for telling in tellings:
                group.create_task(self._turn(telling))
        return len(tellings) == _CLAIMED

    async def _turn(self, telling: Telling) -> None:
        """One launch's turn; what goes wrong with it must not stop the others."""
        link = self._link(telling.launch)
        teller = Teller(store=self._store, posting=self._posting, telling=telling, link=link)
        async with self._turns:
            await self._courtesy.give_way()
            try:
                await self._tell(teller, telling)
            except Overtaken:
                log.info("launch %s is told elsewhere", telling.launch.id)
            except DatabaseLost:
                log.warning("launch %s is told when the database is back", telling.launch.id)
            except Exception:  # its lease ends and another round takes it up
                log.exception("launch %s could not be told", telling.launch.id)

    async def _tell(self, teller: Teller, telling: Telling) -> None:
        try:
            await teller.tell()
        except SlowDown as asked:
            await self._store.tell_later(telling, after=asked.wait)
        except SlackApiError as error:
            await self._refused(telling, error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("Slack did not answer about launch %s: %s", telling.launch.id, error)
            await self._store.tell_later(telling, after=timedelta(seconds=5), in_doubt=True)

    async def _refused(self, telling: Telling, error: SlackApiError) -> None:
        code, status = error_code(error), error.response.status_code
        log.error("Slack refused to take word of launch %s: %d %s", telling.launch.id, status, code)
        await self._store.tell_later(telling, after=timedelta(seconds=30), in_doubt=code in _UNCLEAR)
