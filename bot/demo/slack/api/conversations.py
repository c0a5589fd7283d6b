"""conversations.* and reactions.add: what the bot may read of channels and threads."""

from collections.abc import Mapping

from bot.demo.slack.api.methods import TIER_3, TIER_4, Arguments, Desk, Method, page_of
from bot.demo.slack.errors import SlackRefusalError
from bot.demo.slack.state.directory import Channel
from bot.demo.slack.wire import Json


def info(desk: Desk, arguments: Arguments) -> Json:
    """What a conversation is."""
    channel = _readable(desk, arguments, family="read")
    described = _described(desk, channel)
    if arguments.flag("include_num_members"):
        described["num_members"] = len(channel.members)
    return {"channel": described}


def members(desk: Desk, arguments: Arguments) -> Json:
    """Who is in a conversation, a page at a time."""
    channel = _readable(desk, arguments, family="read")
    everyone: list[Json] = [{"id": user} for user in sorted(channel.members)]
    page, follows = page_of(everyone, arguments, default=100)
    return {"members": [user["id"] for user in page], "response_metadata": {"next_cursor": follows}}


def history(desk: Desk, arguments: Arguments) -> Json:
    """A conversation's messages, newest first, without the replies in threads."""
    channel = _joined(desk, arguments)
    top = [m for m in desk.workspace.messages.flat(channel.id) if _is_top(m) and _is_between(m, arguments)]
    page, follows = page_of(top[::-1], arguments, default=100)
    return _messages(page, follows, arguments)


def replies(desk: Desk, arguments: Arguments) -> Json:
    """A thread: its parent, then its replies, oldest first."""
    channel = _joined(desk, arguments)
    ts = arguments.need("ts")
    thread = desk.workspace.messages.thread(channel.id, ts)
    if not thread or thread[0]["ts"] != ts:
        raise SlackRefusalError("thread_not_found")
    wanted = [thread[0], *(m for m in thread[1:] if _is_between(m, arguments))]
    page, follows = page_of(wanted, arguments, default=1000)
    return _messages(page, follows, arguments)


def open_conversation(desk: Desk, arguments: Arguments) -> Json:
    """Open the bot's direct conversation with one person."""
    user = arguments.need("users")
    if user not in desk.workspace.directory.members:
        raise SlackRefusalError("user_not_found")
    return {"channel": {"id": desk.workspace.directory.direct_channel(user).id}}


def add_reaction(desk: Desk, arguments: Arguments) -> Json:
    """Put an emoji under a message."""
    channel = desk.workspace.directory.channels.get(arguments.need("channel"))
    if channel is None or not desk.workspace.directory.bot_is_in(channel):
        raise SlackRefusalError("channel_not_found")
    message = desk.workspace.messages.find(channel.id, arguments.need("timestamp"))
    if message is None:
        raise SlackRefusalError("message_not_found")
    name = arguments.need("name")
    given = message.get("reactions", [])
    if any(reaction["name"] == name for reaction in given):
        raise SlackRefusalError("already_reacted")
    added = {"name": name, "count": 1, "users": [desk.workspace.directory.app.user_id]}
    desk.workspace.messages.replace(channel.id, {**message, "reactions": [*given, added]})
    return {}


def _readable(desk: Desk, arguments: Arguments, *, family: str) -> Channel:
    directory = desk.workspace.directory
    channel = directory.channels.get(arguments.need("channel"))
    if channel is None:
        raise SlackRefusalError("channel_not_found")
    desk.need(f"{_scope_family(channel)}:{family}")
    if channel.is_private and not directory.bot_is_in(channel):
        raise SlackRefusalError("channel_not_found")
    return channel


def _joined(desk: Desk, arguments: Arguments) -> Channel:
    channel = _readable(desk, arguments, family="history")
    if not desk.workspace.directory.bot_is_in(channel):
        raise SlackRefusalError("not_in_channel")
    return channel


def _scope_family(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "groups" if channel.is_private else "channels"


def _described(desk: Desk, channel: Channel) -> Json:
    directory = desk.workspace.directory
    shared = {
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
    }
    base = {"id": channel.id, "is_archived": channel.is_archived, "is_im": channel.is_im, "is_mpim": False}
    if channel.is_im:
        other = next(user for user in channel.members if user != directory.app.user_id)
        return {**base, **shared, "user": other, "is_user_deleted": directory.members[other].deleted}
    return {
        **base,
        **shared,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_private": channel.is_private,
        "is_member": directory.bot_is_in(channel),
        "is_general": False,
        "context_team_id": directory.team.id,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def _is_top(message: Json) -> bool:
    in_thread = message.get("thread_ts", message["ts"]) != message["ts"]
    return not in_thread or message.get("subtype") == "thread_broadcast"


def _is_between(message: Json, arguments: Arguments) -> bool:
    ts, inclusive = float(message["ts"]), arguments.flag("inclusive")
    oldest = float(arguments.text("oldest") or 0)
    latest = float(arguments.text("latest") or "inf")
    return oldest < ts < latest or (inclusive and ts in (oldest, latest))


def _messages(page: list[Json], follows: str, arguments: Arguments) -> Json:
    shown = page
    if not arguments.flag("include_all_metadata"):
        shown = [{name: value for name, value in m.items() if name != "metadata"} for m in page]
    return {
        "messages": shown,
        "has_more": bool(follows),
        "response_metadata": {"next_cursor": follows},
    }


_SPAN = "channel cursor limit oldest latest inclusive include_all_metadata"
METHODS: Mapping[str, Method] = {
    "conversations.info": Method(
        run=info, takes="channel include_num_members include_locale", per_minute=TIER_3
    ),
    "conversations.members": Method(run=members, takes="channel cursor limit", per_minute=TIER_4),
    "conversations.history": Method(run=history, takes=_SPAN, per_minute=TIER_3),
    "conversations.replies": Method(run=replies, takes=f"ts {_SPAN}", per_minute=TIER_3),
    "conversations.open": Method(
        run=open_conversation,
        takes="users channel return_im prevent_creation",
        scope="im:write",
        per_minute=TIER_3,
    ),
    "reactions.add": Method(
        run=add_reaction, takes="channel timestamp name", scope="reactions:write", per_minute=TIER_3
    ),
}
