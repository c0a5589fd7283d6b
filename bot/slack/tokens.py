"""What Slack says of the bot's tokens: whose they are, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.slack.answers import SlackAnswer, SlackClient
from bot.slack.groups import workspace_groups
from bot.slack.receivers.links import Ticket
from bot.slack.session import proxy_of
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
    "files:write": "long outputs and logs are read in a window only, never as files in the thread",
}
_SECONDS = 10  # for one call


class _Owner(SlackAnswer):
    user: str
    team: str
    team_id: str


class _TokenChannel(SlackAnswer):
    is_member: bool | None = None
    is_archived: bool | None = None


class _BotInfo(SlackAnswer):
    channel: _TokenChannel


@dataclass(frozen=True, kw_only=True)
class BotToken:
    """Whose a bot token is, and the scopes the workspace granted it."""

    bot: str
    workspace: str
    team_id: str
    scopes: frozenset[str]


async def read_bot_token(token: str, *, api_url: str, proxy: str | None = None) -> BotToken:
    """Ask `auth.test`, whose answer's header lists the scopes; SlackRefuses or SlackAway."""
    asking = client_of(token, api_url, proxy=proxy).auth_test()
    owner, headers = await asked_with_headers(asking, _Owner)
    listed = headers.get("x-oauth-scopes", "")
    return BotToken(
        bot=owner.user,
        workspace=owner.team,
        team_id=owner.team_id,
        scopes=frozenset(scope.strip() for scope in listed.split(",") if scope.strip()),
    )


async def try_app_token(token: str, *, api_url: str, proxy: str | None = None) -> None:
    """Ask for the address of a Socket Mode connection, unused; SlackRefuses or SlackAway."""
    await asked(client_of(None, api_url, proxy=proxy).apps_connections_open(app_token=token), Ticket)


async def read_user_groups(token: str, *, api_url: str, proxy: str | None = None) -> Mapping[str, str] | None:
    """The workspace's user groups, names by id; None if Slack does not list them for this token."""
    return await workspace_groups(client_of(token, api_url, proxy=proxy))


async def why_not_post(token: str, channel_id: str, *, api_url: str, proxy: str | None = None) -> str:
    """What keeps the bot from posting in a channel; empty if it is in it. SlackRefuses or SlackAway."""
    try:
        asking = client_of(token, api_url, proxy=proxy).conversations_info(channel=channel_id)
        channel = (await asked(asking, _BotInfo)).channel
    except SlackRefuses as no:
        if no.code != "channel_not_found":
            raise
        return "there is no such channel, or it is private and the bot is not in it"
    if channel.is_archived:
        return "it is archived"
    return "" if channel.is_member else "the bot is not in it"


def client_of(token: str | None, api_url: str, *, proxy: str | None = None) -> SlackClient:
    """A client for a few questions, with a connection of its own for each."""
    return SlackClient(token, base_url=api_url, proxy=proxy_of(proxy), timeout=_SECONDS, retry_handlers=[])
