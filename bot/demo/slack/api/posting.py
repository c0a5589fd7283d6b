"""What every way of posting shares: where a message goes, and what may stand in it."""

from dataclasses import dataclass

from bot.demo.slack.api.methods import Arguments, Desk
from bot.demo.slack.errors import SlackRefusalError
from bot.demo.slack.limits import MOST_METADATA_BYTES, json_bytes, message_problems, metadata_problems
from bot.demo.slack.limits.tables import text_length
from bot.demo.slack.state.directory import Channel
from bot.demo.slack.state.workspace import Workspace
from bot.demo.slack.walk import dressed
from bot.demo.slack.wire import Json

LONGEST_POST = 40_000
LONGEST_UPDATE = 4_000
LONGEST_BLOCKS = 12_000
"""Characters of text in all blocks together. Slack tells no number; its maintainers spoke of 12,000."""
_MOST_ATTACHMENTS = 100
_COSTUME = ("username", "icon_emoji", "icon_url")


@dataclass(frozen=True, kw_only=True)
class Content:
    """A message's content, checked."""

    text: str
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    metadata: Json | None = None

    @property
    def body(self) -> Json:
        """The content as a message carries it."""
        given = {"blocks": self.blocks, "attachments": self.attachments, "metadata": self.metadata}
        return {"text": self.text} | {name: value for name, value in given.items() if value}


def destination(desk: Desk, wanted: str) -> Channel:
    """The conversation to post to; a person's id means their talk with the bot."""
    directory = desk.workspace.directory
    if wanted in directory.members:
        if directory.members[wanted].deleted:
            raise SlackRefusalError("user_disabled")
        return directory.direct_channel(wanted)
    channel = directory.find_channel(wanted)
    if channel is None or (channel.is_private and not directory.bot_is_in(channel)):
        raise SlackRefusalError("channel_not_found")
    if channel.is_archived:
        raise SlackRefusalError("is_archived")
    if not directory.bot_is_in(channel) and "chat:write.public" not in desk.scopes:
        raise SlackRefusalError("not_in_channel")
    if channel.is_read_only:
        raise SlackRefusalError("restricted_action_read_only_channel")
    return channel


def content_of(desk: Desk, arguments: Arguments, *, where: str, longest: int) -> Content:
    """The content of a call, refused as Slack refuses it; what is wrong is noted as a violation too."""
    for name in _COSTUME:
        if arguments.text(name):
            desk.need("chat:write.customize")
    content = Content(
        text=arguments.text("text") or "",
        blocks=checked_blocks(desk.workspace, arguments.data("blocks"), where=where),
        attachments=_checked_attachments(arguments.data("attachments")),
        metadata=_checked_metadata(desk.workspace, arguments.data("metadata"), where=where),
    )
    if not (content.text or content.blocks or content.attachments):
        raise SlackRefusalError("no_text")
    if len(content.text) > longest:
        desk.workspace.violated(where, [f"text has {len(content.text)} characters, {longest} are allowed"])
        raise SlackRefusalError("msg_too_long")
    return content


def checked_blocks(workspace: Workspace, blocks: object, *, where: str) -> list[Json] | None:
    """The blocks as Slack stores them, or a refusal that says what is wrong with them."""
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        workspace.violated(where, ["blocks is not an array"])
        raise SlackRefusalError("invalid_blocks_format")
    problems = message_problems(blocks)
    workspace.violated(where, problems)
    if problems:
        plain = [problem.removeprefix("[ERROR] ") for problem in problems]
        raise SlackRefusalError("invalid_blocks", messages=tuple(problems), errors=plain)
    if text_length(blocks) > LONGEST_BLOCKS:
        workspace.violated(where, [f"blocks hold more than {LONGEST_BLOCKS} characters"])
        raise SlackRefusalError("msg_blocks_too_long")
    return dressed(blocks, workspace.ids)


def bot_message(desk: Desk, content: Content) -> Json:
    """A message by the bot, not yet posted."""
    app, team = desk.workspace.directory.app, desk.workspace.directory.team
    profile = {
        "id": app.bot_id,
        "app_id": app.id,
        "user_id": app.user_id,
        "name": app.name,
        "team_id": team.id,
    }
    author = {"user": app.user_id, "bot_id": app.bot_id, "app_id": app.id, "team": team.id}
    return {**author, "bot_profile": profile, **content.body}


def thread_of(desk: Desk, channel: Channel, arguments: Arguments, *, where: str) -> Json:
    """The `thread_ts` of a reply, empty for a message of its own."""
    wanted = arguments.text("thread_ts")
    if wanted is None:
        return {}
    parent = desk.workspace.messages.find(channel.id, wanted)
    if parent is None:
        raise SlackRefusalError("thread_not_found")
    root = str(parent.get("thread_ts", wanted))
    if root in channel.locked_threads:
        raise SlackRefusalError("restricted_action_thread_locked")
    if root != wanted:
        desk.workspace.violated(where, [f"thread_ts {wanted} is a reply; its parent is {root}"])
    return {"thread_ts": root}


def _checked_attachments(attachments: object) -> list[Json] | None:
    if attachments is None:
        return None
    if not isinstance(attachments, list):
        raise SlackRefusalError("invalid_attachments")
    if len(attachments) > _MOST_ATTACHMENTS:
        raise SlackRefusalError("too_many_attachments")
    return attachments


def _checked_metadata(workspace: Workspace, metadata: object, *, where: str) -> Json | None:
    if metadata is None:
        return None
    problems = metadata_problems(metadata)
    workspace.violated(where, problems)
    if problems or not isinstance(metadata, dict):
        raise SlackRefusalError("invalid_metadata_format", messages=tuple(problems))
    if json_bytes(metadata) > MOST_METADATA_BYTES:
        workspace.violated(where, [f"metadata is larger than {MOST_METADATA_BYTES} bytes"])
        raise SlackRefusalError("metadata_too_large")
    return metadata
