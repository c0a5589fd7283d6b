"""The people, channels and user groups of one workspace, and who may see what."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.demo.slack.errors import CannotDoError


@dataclass(frozen=True, kw_only=True)
class Team:
    """A workspace's names; `enterprise_id` is empty outside Enterprise Grid."""

    id: str
    name: str
    domain: str
    enterprise_id: str = ""
    enterprise_name: str = ""

    @property
    def enterprise(self) -> dict[str, str] | None:
        """The enterprise as interaction payloads carry it."""
        return {"id": self.enterprise_id, "name": self.enterprise_name} if self.enterprise_id else None


@dataclass(frozen=True, kw_only=True)
class App:
    """The bot as it is installed here."""

    id: str
    bot_id: str
    user_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Member:
    """One person, with the flags that `users.info` tells about them."""

    id: str
    name: str
    real_name: str
    team_id: str
    title: str = ""
    email: str = ""
    color: str = "4c5e7a"
    tz: str = "Europe/London"
    note: str = ""
    deleted: bool = False
    is_admin: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_email_confirmed: bool = True
    enterprise_id: str = ""
    teams: tuple[str, ...] = ()  # all workspaces of the organisation they are of


@dataclass(kw_only=True)
class Channel:
    """One conversation; the bot is in it when its user id is among the members."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    topic: str = ""
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    is_read_only: bool = False  # an administrator lets only some people post; the bot is none of them
    locked_threads: set[str] = field(default_factory=set)  # by the `ts` of their parent


@dataclass(kw_only=True)
class UserGroup:
    """A user group such as @approvers."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)
    is_disabled: bool = False
    listed_up_to: int | None = None  # usergroups.list cuts its members there


@dataclass(frozen=True, kw_only=True)
class DeclaredCommand:
    """A slash command as the manifest declares it."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True, kw_only=True)
class DeclaredShortcut:
    """A shortcut as the manifest declares it."""

    callback_id: str
    name: str
    description: str = ""
    type: Literal["global", "message"] = "global"


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Everybody and everything a workspace starts with."""

    team: Team
    app: App
    members: tuple[Member, ...]
    channels: tuple[Channel, ...]
    user_groups: tuple[UserGroup, ...] = ()
    start_as: str
    start_in: str


class Directory:
    """Looks people and places up, by id or by name."""

    def __init__(self, cast: Cast) -> None:
        self.team = cast.team
        self.app = cast.app
        self.members = {member.id: member for member in cast.members}
        self.channels = {
            channel.id: replace(channel, members={*channel.members}) for channel in cast.channels
        }
        self.user_groups = {group.id: replace(group, users=[*group.users]) for group in cast.user_groups}

    def member(self, name_or_id: str) -> Member:
        """The person with this id, @name or first name; raises CannotDoError if there is none."""
        wanted = name_or_id.removeprefix("@").lower()
        for member in self.members.values():
            if wanted in {member.id.lower(), member.name.lower(), member.real_name.split()[0].lower()}:
                return member
        raise CannotDoError(f"there is nobody called {name_or_id!r}; there are {_names(self.members)}")

    def change_member(self, name_or_id: str, **changes: object) -> Member:
        """Change a person's flags, as an administrator would; returns the person as they are now."""
        member = replace(self.member(name_or_id), **changes)  # type: ignore[arg-type] # a test names real fields
        self.members[member.id] = member
        return member

    def channel(self, name_or_id: str) -> Channel:
        """The conversation with this id or #name; raises CannotDoError if there is none."""
        found = self.find_channel(name_or_id)
        if found is None:
            raise CannotDoError(f"there is no channel {name_or_id!r}; there are {_names(self.channels)}")
        return found

    def find_channel(self, name_or_id: str) -> Channel | None:
        """The conversation with this id or #name, or None."""
        if name_or_id in self.channels:
            return self.channels[name_or_id]
        wanted = name_or_id.removeprefix("#")
        named = (
            channel for channel in self.channels.values() if channel.name == wanted and not channel.is_im
        )
        return next(named, None)

    def direct_channel(self, user_id: str) -> Channel:
        """The conversation between this person and the bot; it comes to life when first needed."""
        channel_id = f"D{user_id[1:]}"
        if channel_id not in self.channels:
            both = {user_id, self.app.user_id}
            self.channels[channel_id] = Channel(
                id=channel_id, name="directmessage", members=both, is_im=True, is_private=True
            )
        return self.channels[channel_id]

    def channels_of(self, user_id: str) -> list[Channel]:
        """The conversations this person takes part in, their talk with the bot included."""
        self.direct_channel(user_id)
        return [channel for channel in self.channels.values() if user_id in channel.members]

    def bot_is_in(self, channel: Channel) -> bool:
        """Whether the bot is a member of the conversation."""
        return self.app.user_id in channel.members


def _names(known: Iterable[str]) -> str:
    return ", ".join(sorted(known))
