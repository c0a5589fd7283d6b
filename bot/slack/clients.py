"""The clients of Slack, who the bot's token is, and Bolt behind the dispatcher."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator

from bot.runtime.backoff import Backoff, Outage
from bot.slack.answers import SlackAnswer, SlackClient
from bot.slack.dispatcher import Dispatcher, DispatchingApp
from bot.slack.receivers.links import Ticket
from bot.slack.session import open_session, proxy_of
from bot.slack.web_api import SlackAway, SlackRefuses, asked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    import aiohttp
    from slack_bolt.context.async_context import AsyncBoltContext
    from slack_sdk.http_retry.async_handler import AsyncRetryHandler

    from bot.runtime.priority import Scheduler
    from bot.slack.dispatcher import Handler, Key
    from bot.slack.responder import Responder

log = logging.getLogger(__name__)

_NOT_SERVED = "It comes from a workspace that this bot does not serve."


class Identity(SlackAnswer):
    """Who the bot's token is, as `auth.test` said."""

    team_id: str
    enterprise_id: str | None = None
    bot_id: str
    user_id: str
    url: str  # of the workspace, "https://acme.slack.com/"


@dataclass(frozen=True, kw_only=True)
class Slack:
    """The way out to Slack: one session, a client for people's clicks and one for announcements."""

    session: aiohttp.ClientSession
    client: SlackClient  # tries again at once when a kept connection turned out to be dropped
    announcing: SlackClient  # never tries again by itself: a message could be posted twice
    identity: Identity


@asynccontextmanager
async def open_slack(
    *,
    token: str,
    api_url: str,
    app_token: str | None,
    proxy: str | None = None,
    first_pause: float = 1.0,
) -> AsyncIterator[Slack]:
    """Open the one session to Slack and learn who the token is, waiting for a Slack that is away.

    A token that Slack refuses is a mistake in the settings: SlackRefuses. `app_token` is None with HTTP.
    """
    proxy = proxy_of(proxy)
    async with open_session(proxy=proxy) as session:
        at_once = FixedValueRetryIntervalCalculator(fixed_internal=0.0)
        handlers: list[AsyncRetryHandler] = [
            AsyncConnectionErrorRetryHandler(max_retry_count=1, interval_calculator=at_once)
        ]
        client = SlackClient(token, base_url=api_url, session=session, proxy=proxy, retry_handlers=handlers)
        announcing = SlackClient(token, base_url=api_url, session=session, proxy=proxy, retry_handlers=[])
        identity = await _identity(client, Backoff(first=first_pause))
        if app_token is not None:
            await _try_app_token(client, app_token)
        yield Slack(session=session, client=client, announcing=announcing, identity=identity)


async def _identity(client: SlackClient, backoff: Backoff) -> Identity:
    """Ask until Slack says it; SlackRefuses if it does not take the token."""
    outage = Outage("the bot starts when Slack says who its token is")
    while True:
        try:
            identity = await asked(client.auth_test(), Identity)
        except SlackRefuses as no:
            fix = "Copy the Bot User OAuth Token from OAuth & Permissions in the app's settings."
            raise SlackRefuses(no.code, setting="SLACK_BOT_TOKEN", fix=fix) from None
        except SlackAway as away:
            outage.tried(away.message)
            await asyncio.sleep(backoff.pause(at_least=min(away.retry_after, 5 * backoff.longest)))
        else:
            outage.is_over()
            return identity


async def _try_app_token(client: SlackClient, app_token: str) -> None:
    """SlackRefuses if Slack does not take it; a Slack that is away is for the receiver to wait for."""
    try:
        await asked(client.apps_connections_open(app_token=app_token), Ticket)
    except SlackRefuses as no:
        fix = "Switch Socket Mode on, and make an app-level token with the scope connections:write."
        raise SlackRefuses(no.code, setting="SLACK_APP_TOKEN", fix=fix) from None
    except SlackAway:
        return


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """The way in from Slack: the dispatcher, and Bolt behind it."""

    bolt: DispatchingApp
    dispatcher: Dispatcher


def open_dispatcher(
    slack: Slack,
    handlers: Mapping[Key, Handler],
    *,
    responder: Responder,
    teams: frozenset[str],
    signing_secret: str,
    scheduler: Scheduler,
    refused: Callable[[str, str], None],  # takes note of whom it does not serve: why, and which workspace
) -> Incoming:
    """The dispatcher for whoever is of `teams`, and Bolt, which refuses the others."""

    def serves(team_id: str | None, enterprise_id: str | None) -> bool:
        if team_id in teams or enterprise_id in teams:
            return True
        refused(_NOT_SERVED, str(team_id or enterprise_id or ""))
        return False

    async def authorize(enterprise_id: str | None, team_id: str | None) -> Any:  # noqa: ANN401 - or None: refused
        return _as_me(slack) if team_id in teams or enterprise_id in teams else None

    bolt_log = logging.getLogger("bot.slack.bolt")
    bolt_log.setLevel(logging.ERROR)  # at INFO Bolt logs the whole body of a badly signed request
    dispatcher = Dispatcher(
        handlers, on_error=responder.report_error, on_late=responder.answer_late, scheduler=scheduler
    )
    bolt = DispatchingApp(
        dispatcher,
        serves,
        name="bot",
        logger=bolt_log,
        client=SlackClient(base_url=slack.client.base_url, session=slack.session, proxy=slack.client.proxy),
        authorize=authorize,
        signing_secret=signing_secret,
        raise_error_for_unhandled_request=True,
        user_facing_authorize_error_message="This bot does not serve this workspace. Nothing was started.",
    )
    bolt.error(_unknown)
    return Incoming(bolt=bolt, dispatcher=dispatcher)


def _as_me(slack: Slack) -> AuthorizeResult:
    me = slack.identity
    return AuthorizeResult(
        enterprise_id=me.enterprise_id,
        team_id=me.team_id,
        bot_token=slack.client.token,
        bot_id=me.bot_id,
        bot_user_id=me.user_id,
    )


async def _unknown(error: Exception, context: AsyncBoltContext) -> BoltResponse:
    """A payload nobody handles, such as a button of a former release: answer calmly, and note it."""
    log.info("nothing handles this payload (%s, channel %s)", type(error).__name__, context.channel_id)
    return BoltResponse(status=200, body="")
