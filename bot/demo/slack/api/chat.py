"""chat.*: posting, changing and deleting messages."""

from collections.abc import Mapping

from bot.demo.slack.api.methods import TIER_3, TIER_4, Arguments, Desk, Method
from bot.demo.slack.api.posting import (
    LONGEST_POST,
    LONGEST_UPDATE,
    bot_message,
    content_of,
    destination,
    thread_of,
)
from bot.demo.slack.errors import SlackRefusalError
from bot.demo.slack.state.directory import Channel
from bot.demo.slack.wire import Json


def post_message(desk: Desk, arguments: Arguments) -> Json:
    """Post a message."""
    channel = destination(desk, arguments.need("channel"))
    content = content_of(desk, arguments, where="chat.postMessage", longest=LONGEST_POST)
    thread = thread_of(desk, channel, arguments, where="chat.postMessage")
    if thread and arguments.flag("reply_broadcast"):
        thread["subtype"] = "thread_broadcast"
    message = desk.workspace.messages.post(channel.id, {**bot_message(desk, content), **thread})
    warnings = {} if content.text else {"response_metadata": {"warnings": ["missing_text_in_message"]}}
    return {"channel": channel.id, "ts": message["ts"], "message": message, **warnings}


def update(desk: Desk, arguments: Arguments) -> Json:
    """Change one of the bot's own messages; metadata stays unless given, blocks do not."""
    channel, message = _own_message(desk, arguments, refusal="cant_update_message")
    content = content_of(desk, arguments, where="chat.update", longest=LONGEST_UPDATE)
    dropped = {"blocks", "attachments", "edited"}
    kept = {name: value for name, value in message.items() if name not in dropped}
    if arguments.data("metadata") == {}:
        kept.pop("metadata", None)
    if not content.blocks:
        editor = desk.workspace.directory.app.user_id
        kept["edited"] = {"user": editor, "ts": desk.workspace.ids.ts()}
    changed = desk.workspace.messages.replace(channel.id, {**kept, **content.body})
    return {"channel": channel.id, "ts": changed["ts"], "text": changed["text"], "message": changed}


def delete(desk: Desk, arguments: Arguments) -> Json:
    """Delete one of the bot's own messages."""
    channel, message = _own_message(desk, arguments, refusal="cant_delete_message")
    desk.workspace.messages.remove(channel.id, message["ts"])
    return {"channel": channel.id, "ts": message["ts"]}


def post_ephemeral(desk: Desk, arguments: Arguments) -> Json:
    """Show a message to one person in a conversation."""
    channel = destination(desk, arguments.need("channel"))
    user = arguments.need("user")
    if user not in channel.members:
        raise SlackRefusalError("user_not_in_channel")
    content = content_of(desk, arguments, where="chat.postEphemeral", longest=LONGEST_POST)
    thread = thread_of(desk, channel, arguments, where="chat.postEphemeral")
    message = desk.workspace.messages.whisper(channel.id, user, {**bot_message(desk, content), **thread})
    return {"message_ts": message["ts"]}


def get_permalink(desk: Desk, arguments: Arguments) -> Json:
    """The address of a message."""
    channel = _visible_channel(desk, arguments)
    ts = arguments.need("message_ts")
    message = desk.workspace.messages.find(channel.id, ts)
    if message is None:
        raise SlackRefusalError("message_not_found")
    thread_ts = message.get("thread_ts", ts)
    within = f"?thread_ts={thread_ts}&cid={channel.id}" if thread_ts != ts else ""
    domain = desk.workspace.directory.team.domain
    address = f"https://{domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}{within}"
    return {"channel": channel.id, "permalink": address}


def _visible_channel(desk: Desk, arguments: Arguments) -> Channel:
    directory = desk.workspace.directory
    channel = directory.channels.get(arguments.need("channel"))
    if channel is None or (channel.is_private and not directory.bot_is_in(channel)):
        raise SlackRefusalError("channel_not_found")
    return channel


def _own_message(desk: Desk, arguments: Arguments, *, refusal: str) -> tuple[Channel, Json]:
    channel = _visible_channel(desk, arguments)
    if channel.is_archived:
        raise SlackRefusalError("is_inactive")
    message = desk.workspace.messages.find(channel.id, arguments.need("ts"))
    if message is None or message.get("subtype") == "tombstone":
        raise SlackRefusalError("message_not_found")
    if message.get("bot_id") != desk.workspace.directory.app.bot_id:
        raise SlackRefusalError(refusal)
    return channel, message


_CONTENT = "text blocks attachments"
_LOOK = "parse link_names mrkdwn as_user markdown_text"
METHODS: Mapping[str, Method] = {
    "chat.postMessage": Method(
        run=post_message,
        takes=f"channel thread_ts reply_broadcast metadata unfurl_links unfurl_media username icon_emoji "
        f"icon_url {_CONTENT} {_LOOK}",
        scope="chat:write",
        per_minute=600,
    ),
    "chat.update": Method(
        run=update,
        takes=f"channel ts metadata file_ids reply_broadcast {_CONTENT} {_LOOK}",
        scope="chat:write",
        per_minute=TIER_3,
    ),
    "chat.delete": Method(run=delete, takes="channel ts as_user", scope="chat:write", per_minute=TIER_3),
    "chat.postEphemeral": Method(
        run=post_ephemeral,
        takes=f"channel user thread_ts username icon_emoji icon_url {_CONTENT} {_LOOK}",
        scope="chat:write",
        per_minute=TIER_4,
    ),
    "chat.getPermalink": Method(run=get_permalink, takes="channel message_ts", per_minute=600),
}
