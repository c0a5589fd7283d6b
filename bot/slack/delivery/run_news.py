"""Tells subscriptions their news: each thing once, in the channel or the direct messages it is for."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.domain.errors import DatabaseLost, Overtaken
from bot.slack.answers import SlackDidNotSay, error_code
from bot.slack.delivery.paced_queue import NotNow
from bot.slack.delivery.posting import Posting, metadata, still_ours
from bot.slack.delivery.refusals import RefusalKind, refusal_of
from bot.slack.subscription_words import told
from bot.store.quarantine import QuarantinedRow, RowKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.slack.answers import SlackClient
    from bot.store.store import Store
    from bot.store.subscriptions import UntoldNews

log = logging.getLogger(__name__)

KIND = "run_news"  # the messages' metadata, by which they are found again
_CLAIMED = 16
_AGAIN = timedelta(seconds=30)


class RunNewsTeller:
    """Posts what subscriptions have to tell; any number may run side by side on one database."""

    def __init__(self, *, store: Store, client: SlackClient, link: Callable[[str], str | None]) -> None:
        self._store = store
        self._posting = Posting(client=client, now=store.now)
        self._link = link

    async def tick(self) -> bool:
        """Tell all that is due; True if there may be more."""
        claimed = await self._store.subscriptions.claim_news(limit=_CLAIMED)
        for untold in claimed:  # in order
            await self._try(untold)
        return len(claimed) == _CLAIMED

    async def _try(self, untold: UntoldNews) -> None:
        later = self._store.subscriptions.tell_later
        try:
            await self._tell(untold)
        except Overtaken:
            log.info("news of subscription %s is told elsewhere", untold.subscription.id)
        except NotNow as asked:
            await later(untold, after=asked.wait)
        except SlackApiError as error:
            await self._refused(untold, error)
        except (TimeoutError, aiohttp.ClientError, SlackDidNotSay, OSError) as error:
            log.warning("Slack did not answer about subscription %s: %s", untold.subscription.id, error)
            await later(untold, after=_AGAIN, in_doubt=True)
        except DatabaseLost:
            log.warning("news of subscription %s waits for the database", untold.subscription.id)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this one's alone
            row = QuarantinedRow(kind=RowKind.NEWS, key="/".join(untold.key), fence=untold.fence)
            await self._store.quarantine.back_off(row, error)

    async def _refused(self, untold: UntoldNews, error: SlackApiError) -> None:
        code = error_code(error)
        if refusal_of(error) is RefusalKind.PLACE:
            log.warning("subscription %s ends: its place is gone (%s)", untold.subscription.id, code)
            await self._store.subscriptions.drop_unheard(untold)
            return
        log.warning("Slack refused news of subscription %s: %s", untold.subscription.id, code)
        await self._store.subscriptions.tell_later(untold, after=_AGAIN, in_doubt=True)

    async def _tell(self, untold: UntoldNews) -> None:
        target, about = untold.subscription.target, "/".join(untold.key)
        if untold.tried_before:
            found = await self._posting.find(target, kind=KIND, launch_id=about, since=untold.seen_at)
            if found is not None:
                still_ours(await self._store.subscriptions.told(untold))
                return
        message = told(untold, link=self._link(untold.news.workflow_id))
        await self._posting.post(target, message, metadata=metadata(KIND, about))
        still_ours(await self._store.subscriptions.told(untold))
