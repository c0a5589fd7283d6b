"""Talking and coming by: messages people write, channels they join, files they bring, Home tabs."""

import html
import re
from collections.abc import Callable

from bot.demo.slack.driver.gestures import Gestures
from bot.demo.slack.errors import CannotDoError
from bot.demo.slack.state.directory import Channel, Member
from bot.demo.slack.state.files import MOST_FILE_BYTES, file_object
from bot.demo.slack.wire import Json


class Talk:
    """What people do without any block; `subscribed` are the events the bot's manifest asks for."""

    def __init__(self, gestures: Gestures, *, subscribed: frozenset[str], address: Callable[[], str]) -> None:
        self._gestures = gestures
        self._workspace = gestures.workspace
        self._subscribed = subscribed
        self._address = address

    async def say(self, member: Member, *, channel: str, text: str, thread_ts: str | None = None) -> Json:
        """Write a message; returns it once the bot has acknowledged the events it caused."""
        where = self._gestures.joined(member, channel)
        thread = {"thread_ts": thread_ts} if thread_ts else {}
        written = {"user": member.id, "team": member.team_id, "text": self._written(text), **thread}
        message = self._workspace.messages.post(where.id, written)
        for event in self._events_of(where, message):
            await self._tell(event, where)
        return message

    async def join(self, member: Member, *, channel: str) -> None:
        """Come into a channel."""
        where = self._workspace.directory.channel(channel)
        where.members.add(member.id)
        await self._tell(self._membership("member_joined_channel", member.id, where), where)

    async def invite_bot(self, inviter: Member, *, channel: str) -> None:
        """Bring the bot into a channel, as /invite does."""
        where = self._gestures.joined(inviter, channel)
        bot = self._workspace.directory.app.user_id
        where.members.add(bot)
        joined = self._membership("member_joined_channel", bot, where)
        await self._tell({**joined, "inviter": inviter.id}, where)

    async def open_home(self, member: Member) -> Json | None:
        """Open the bot's Home tab; returns the view that is there once the bot has acknowledged."""
        if not self._workspace.has_home_tab:
            raise CannotDoError("the bot has no Home tab")
        home = self._workspace.views.home(member.id)
        where = self._workspace.directory.direct_channel(member.id)
        opened = {"type": "app_home_opened", "user": member.id, "channel": where.id, "tab": "home"}
        await self._tell({**opened, **({"view": home.live} if home else {})}, where)
        shown = self._workspace.views.home(member.id)
        return shown.live if shown else None

    def upload(self, member: Member, *, name: str, content: bytes, mimetype: str | None = None) -> Json:
        """Bring a file, to put it into a file input; raises CannotDoError if it is too large."""
        if len(content) > MOST_FILE_BYTES:
            raise CannotDoError(f"{name} is larger than {MOST_FILE_BYTES // 1024**2} MB")
        stored = self._workspace.files.begin(
            name=name, length=len(content), user=member.id, mimetype=mimetype
        )
        stored.content = content
        stored.is_complete = True
        team = self._workspace.directory.team.id
        return file_object(stored, base_url=self._address(), team_id=team)

    async def _tell(self, event: Json, channel: Channel) -> None:
        kind = event["type"]
        if kind == "message":
            kind = f"message.{'im' if channel.is_im else 'groups' if channel.is_private else 'channels'}"
        if kind in self._subscribed:
            payload = self._gestures.payloads.event(event, is_ext_shared=channel.is_ext_shared)
            await self._gestures.post.send("events_api", payload)

    def _events_of(self, channel: Channel, message: Json) -> list[Json]:
        directory = self._workspace.directory
        if not directory.bot_is_in(channel):
            return []
        kept = {name: value for name, value in message.items() if name != "reply_count"}
        kind = "im" if channel.is_im else "group" if channel.is_private else "channel"
        spoken = {**kept, "channel": channel.id, "channel_type": kind, "event_ts": message["ts"]}
        if channel.is_im or f"<@{directory.app.user_id}>" not in message["text"]:
            return [spoken]
        mention = {name: value for name, value in spoken.items() if name != "channel_type"}
        return [spoken, {**mention, "type": "app_mention"}]

    def _membership(self, kind: str, user: str, channel: Channel) -> Json:
        team = self._workspace.directory.team.id
        letter = "G" if channel.is_private else "C"
        return {"type": kind, "user": user, "channel": channel.id, "channel_type": letter, "team": team}

    def _written(self, text: str) -> str:
        """The text as Slack keeps it: escaped, with people as ids."""
        directory = self._workspace.directory
        people = {member.name: member.id for member in directory.members.values()}
        people[directory.app.name] = directory.app.user_id

        def person(found: re.Match[str]) -> str:
            return f"<@{people[found[1]]}>" if found[1] in people else found[0]

        return re.sub(r"@(\w[\w.-]*)", person, html.escape(text, quote=False))
