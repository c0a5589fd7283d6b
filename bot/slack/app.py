"""Slack's side wired up: the clients, Bolt with the switchboard, and the table of what is handled where."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.switchboard import Switchboard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from slack_bolt.context.async_context import AsyncBoltContext
    from slack_sdk.http_retry.async_handler import AsyncRetryHandler

    from bot.courtesy import Courtesy
    from bot.slack.answering import Answering
    from bot.slack.commands import Commands
    from bot.slack.deciding import Deciding
    from bot.slack.delegating import Delegating
    from bot.slack.explaining import Explaining
    from bot.slack.filling import Filling
    from bot.slack.keeping import Keeping
    from bot.slack.launching import Launching
    from bot.slack.switchboard import Call, Handler, Key

log = logging.getLogger(__name__)

_PER_CALL = aiohttp.ClientTimeout(total=6, sock_connect=2)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who the bot's token is, as `auth.test` said."""

    team_id: str
    enterprise_id: str | None
    bot_id: str
    user_id: str
    url: str  # of the workspace, "https://acme.slack.com/"


@dataclass(frozen=True, kw_only=True)
class Slack:
    """The way out to Slack: one session, a client for people's clicks and one for announcements."""

    session: aiohttp.ClientSession
    client: AsyncWebClient  # tries again at once when a kept connection turned out to be dropped
    announcing: AsyncWebClient  # never tries again by itself: a message could be posted twice
    identity: Identity


@asynccontextmanager
async def open_slack(*, token: str, api_url: str) -> AsyncIterator[Slack]:
    """Open the one session to Slack and learn who the token is."""
    connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=55)
    async with aiohttp.ClientSession(connector=connector, timeout=_PER_CALL) as session:
        at_once = FixedValueRetryIntervalCalculator(fixed_internal=0.0)
        handlers: list[AsyncRetryHandler] = [
            AsyncConnectionErrorRetryHandler(max_retry_count=1, interval_calculator=at_once)
        ]
        client = AsyncWebClient(token, base_url=api_url, session=session, retry_handlers=handlers)
        announcing = AsyncWebClient(token, base_url=api_url, session=session, retry_handlers=[])
        me = await client.auth_test()
        identity = Identity(
            team_id=me["team_id"],
            enterprise_id=me.get("enterprise_id"),
            bot_id=me["bot_id"],
            user_id=me["user_id"],
            url=me["url"],
        )
        yield Slack(session=session, client=client, announcing=announcing, identity=identity)


def table(
    *,
    command: str,
    commands: Commands,
    launching: Launching,
    filling: Filling,
    keeping: Keeping,
    deciding: Deciding,
    explaining: Explaining,
    delegating: Delegating,
) -> dict[Key, Handler]:
    """What the bot answers, and where."""
    return {
        ("command", command): commands.commanded,
        **_forms(launching, filling, keeping),
        ("action", "channel"): acknowledged,
        ("view_submission", "reject_launch"): deciding.rejection_submitted,
        ("view_submission", "review_launch"): deciding.review_submitted,
        ("view_submission", "launch_reviewed"): deciding.glass_review_submitted,
        ("action", "approve"): deciding.approved,
        ("action", "reject"): deciding.rejected,
        ("action", "review"): deciding.review_asked,
        ("action", "withdraw_vote"): deciding.vote_withdrawn,
        ("action", "reviewed"): deciding.glass_reviewed,
        ("action", "why"): explaining.asked,
        ("view_submission", "delegate"): delegating.submitted,
        ("action", "withdraw"): deciding.stopped,
        ("action", "cancel"): deciding.stopped,
        ("action", "show_values"): deciding.values_asked,
        ("action", "settle_started"): deciding.found_started,
        **{("action", f"settle_started_{number}"): deciding.found_started for number in range(1, 5)},
        ("action", "settle_again"): deciding.found_not_started,
        ("action", "settle_give_up"): deciding.given_up,
        ("action", "open_link"): acknowledged,
    }


def _forms(launching: Launching, filling: Filling, keeping: Keeping) -> dict[Key, Handler]:
    """From the picker to the launch, and what people keep meanwhile."""
    return {
        ("shortcut", "run_workflow"): launching.shortcut_used,
        ("options", "workflow"): launching.workflows_suggested,
        ("options", "choice"): filling.choices_suggested,
        ("options", "object"): filling.objects_suggested,
        ("action", "workflow"): launching.workflow_picked,
        ("view_submission", "pick_workflow"): launching.picker_submitted,
        ("action", "value"): filling.changed,
        ("action", "choice"): filling.changed,
        ("action", "object"): filling.changed,
        ("action", "start_from"): filling.start_chosen,
        ("action", "back"): filling.turned_back,
        ("view_submission", "fill_form"): filling.page_submitted,
        ("view_submission", "send_form"): filling.review_submitted,
        ("view_closed", "fill_form"): filling.closed,
        ("action", "save_preset"): keeping.wanted,
        ("view_submission", "save_preset"): keeping.named,
        ("action", "use_preset"): keeping.used,
        ("action", "edit_preset"): keeping.edited,
        ("view_submission", "change_preset"): keeping.changed,
        ("action", "delete_preset"): keeping.deleted,
    }


async def acknowledged(call: Call) -> None:
    """Nothing to do but to answer: a link was followed, a picker was closed by its button."""
    call.ack()


@dataclass(frozen=True, kw_only=True)
class Door:
    """The way in from Slack: Bolt, and the switchboard behind it."""

    bolt: AsyncApp
    switchboard: Switchboard


def open_door(
    slack: Slack,
    handlers: Mapping[Key, Handler],
    *,
    answering: Answering,
    teams: frozenset[str],
    signing_secret: str,
    courtesy: Courtesy,
) -> Door:
    """Bolt with the switchboard in front of its listeners; whoever is not of `teams` is refused."""
    me = slack.identity
    result = AuthorizeResult(
        enterprise_id=me.enterprise_id,
        team_id=me.team_id,
        bot_token=slack.client.token,
        bot_id=me.bot_id,
        bot_user_id=me.user_id,
    )

    async def authorize(enterprise_id: str | None, team_id: str | None) -> Any:  # noqa: ANN401 - or None: refused
        return result if {team_id, enterprise_id} & teams else None

    bolt_log = logging.getLogger("bot.slack.bolt")
    bolt_log.setLevel(logging.ERROR)  # at INFO Bolt logs the whole body of a badly signed request
    bolt = AsyncApp(
        name="bot",
        logger=bolt_log,
        client=AsyncWebClient(base_url=slack.client.base_url, session=slack.session),
        authorize=authorize,
        signing_secret=signing_secret,
        raise_error_for_unhandled_request=True,
        user_facing_authorize_error_message="This bot does not serve this workspace. Nothing was started.",
    )
    switchboard = Switchboard(
        handlers, on_error=answering.complain, on_late=answering.put_off, courtesy=courtesy
    )
    bolt.use(switchboard)
    bolt.error(_unknown)
    return Door(bolt=bolt, switchboard=switchboard)


async def _unknown(error: Exception, context: AsyncBoltContext) -> BoltResponse:
    """A payload nobody handles, such as a button of a former release: answer calmly, and note it."""
    log.info("nothing handles this payload (%s, channel %s)", type(error).__name__, context.channel_id)
    return BoltResponse(status=200, body="")
