"""What Slack says of the bot's tokens: whose they are, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.people import workspace_groups
from bot.slack.receivers.links import Ticket
from bot.slack.web_api import SlackRefuses, asked, asked_with_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUIRED_SCOPES = {
    "commands": "the slash command and the shortcut",
    "chat:write": "telling what happens and asking for approval",
    "users:read": "telling full members from guests and strangers",
    "usergroups:read": "the policy's groups",
    "channels:read": "seeing whether the bot is in a channel",
    "groups:read": "the same of private channels",
}
OPTIONAL_SCOPES = {  # and what is lost without them
    "channels:history": "a crash may post a message twice in channels",
    "groups:history": "a crash may post a message twice in private channels",
    "im:history": "a crash may post a message twice in direct messages",
    "im:write": "a crash may post a message twice in direct messages, which cannot be looked into",
    "users:read.email": "the audit names people by user id alone",
    "files:read": "no form takes a file",
}
_SECONDS = 10  # for one call


@dataclass(frozen=True, kw_only=True)
class BotToken:
    """Whose a bot token is, and the scopes the workspace granted it."""

    bot: str
    workspace: str
    team_id: str
    scopes: frozenset[str]


class _Owner(BaseModel):
    """The answer of `auth.test`."""

    user: str
    team: str
    team_id: str


class _Channel(BaseModel):
    """What is read of a channel; Slack leaves out what does not apply."""

    is_archived: bool | None = None
    is_member: bool | None = None


class _ChannelInfo(BaseModel):
    """The answer of `conversations.info`."""

    channel: _Channel


async def read_bot_token(token: str, *, api_url: str) -> BotToken:
    """Ask `auth.test`, whose answer's header lists the scopes; SlackRefuses or SlackAway."""
    owner, headers = await asked_with_headers(client_of(token, api_url).auth_test(), _Owner)
    listed = headers.get("x-oauth-scopes", "")
    return BotToken(
        bot=owner.user,
        workspace=owner.team,
        team_id=owner.team_id,
        scopes=frozenset(scope.strip() for scope in listed.split(",") if scope.strip()),
    )


async def try_app_token(token: str, *, api_url: str) -> None:
    """Ask for the address of a Socket Mode connection, unused; SlackRefuses or SlackAway."""
    await asked(client_of(None, api_url).apps_connections_open(app_token=token), Ticket)


async def read_user_groups(token: str, *, api_url: str) -> Mapping[str, str] | None:
    """The workspace's user groups, names by id; None if Slack does not list them for this token."""
    return await workspace_groups(client_of(token, api_url))


async def why_not_post(token: str, channel_id: str, *, api_url: str) -> str:
    """What keeps the bot from posting in a channel; empty if it is in it. SlackRefuses or SlackAway."""
    try:
        answer = await asked(client_of(token, api_url).conversations_info(channel=channel_id), _ChannelInfo)
    except SlackRefuses as no:
        if no.code != "channel_not_found":
            raise
        return "there is no such channel, or it is private and the bot is not in it"
    if answer.channel.is_archived:
        return "it is archived"
    return "" if answer.channel.is_member else "the bot is not in it"


def client_of(token: str | None, api_url: str) -> AsyncWebClient:
    """A client for a few questions, with a connection of its own for each."""
    return AsyncWebClient(token, base_url=api_url, timeout=_SECONDS, retry_handlers=[])
