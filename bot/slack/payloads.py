"""Slack's payloads as far as the bot reads them; everything else in them is ignored."""

from __future__ import annotations

from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.people import Person

Values: TypeAlias = dict[str, dict[str, dict[str, Any]]]  # block_id -> action_id -> what the field holds


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)  # errors are logged


class _Id(_Model):
    id: str


class _PayloadUser(_Model):
    id: str
    team_id: str | None = None


class _State(_Model):
    values: Values = Field(default_factory=dict)


class View(_Model):
    """A modal as it was when the payload left."""

    id: str
    type: str = ""  # modal or home
    hash: str = ""
    callback_id: str = ""
    private_metadata: str = ""
    state: _State = _State()

    @property
    def values(self) -> Values:
        """What its fields hold."""
        return self.state.values


class _Interaction(_Model):
    user: _PayloadUser
    team: _Id | None = None
    trigger_id: str = ""

    @property
    def person(self) -> Person:
        """Who acts: the user with their own team, which in shared channels is not the installing one."""
        team = self.user.team_id or (self.team.id if self.team else "")
        return Person(team_id=team, user_id=self.user.id)


class SlashCommand(_Model):
    """`/vro ...`, typed by somebody in some channel."""

    command: str
    text: str = ""
    user_id: str
    team_id: str
    channel_id: str
    trigger_id: str = ""

    @property
    def person(self) -> Person:
        """Who typed it."""
        return Person(team_id=self.team_id, user_id=self.user_id)


class Shortcut(_Interaction):
    """A global shortcut."""

    callback_id: str


class _Message(_Model):
    ts: str
    text: str = ""
    thread_ts: str | None = None


class MessageShortcut(_Interaction):
    """A shortcut on a message."""

    callback_id: str
    channel: _Id
    message: _Message

    @property
    def thread_ts(self) -> str:
        """The message that heads the thread: a reply heads none."""
        return self.message.thread_ts or self.message.ts


class ViewSubmission(_Interaction):
    """A modal was submitted."""

    view: View


class ViewClosed(_Interaction):
    """A modal was closed without being sent."""

    view: View


class BlockSuggestion(_Interaction):
    """Somebody types into a menu that asks the bot for its options."""

    action_id: str
    block_id: str
    value: str = ""
    view: View


class _HomeEvent(_Model):
    user: str
    channel: str = ""
    tab: str = ""


class HomeOpened(_Model):
    """Somebody opened one of the two tabs of the app's home."""

    team_id: str
    event: _HomeEvent

    @property
    def person(self) -> Person:
        """Who opened it."""
        return Person(team_id=self.team_id, user_id=self.event.user)


class _Option(_Model):
    value: str
    text: dict[str, Any] = Field(default_factory=dict)


class _Action(_Model):
    action_id: str
    block_id: str = ""
    value: str = ""
    action_ts: str = ""
    selected_option: _Option | None = None


class BlockAction(_Interaction):
    """A button was pressed or a menu changed; Slack sends one action at a time."""

    actions: tuple[_Action, ...] = Field(min_length=1)
    a_view: View | None = Field(default=None, alias="view")
    channel: _Id | None = None

    @property
    def view(self) -> View:
        """The modal it happened in."""
        if self.a_view is None:
            raise ValueError("This action did not happen in a modal.")
        return self.a_view

    @property
    def channel_id(self) -> str:
        """The channel of the message it happened in."""
        if self.channel is None and self.a_view is not None and self.a_view.type == "home":
            return self.a_view.private_metadata  # this person's talk with the bot
        if self.channel is None:
            raise ValueError("This action did not happen in a message.")
        return self.channel.id

    @property
    def value(self) -> str:
        """What the button stands for."""
        return self.actions[0].value

    @property
    def launch_id(self) -> str:
        """The launch a button belongs to: the first word of its value."""
        return self.actions[0].value.partition(" ")[0]

    @property
    def execution_id(self) -> str | None:
        """The run a button names beside its launch."""
        return self.actions[0].value.partition(" ")[2] or None

    @property
    def at(self) -> str:
        """When it happened, in Slack's own counting: what is later is greater."""
        return self.actions[0].action_ts

    @property
    def seen(self) -> str:
        """The digest of the request, as it was where the button was pressed."""
        return self.actions[0].value.partition(" ")[2]

    @property
    def selected_value(self) -> str | None:
        """What was chosen in a menu."""
        option = self.actions[0].selected_option
        return option.value if option else None

    @property
    def selected_text(self) -> str:
        """How the chosen option reads."""
        option = self.actions[0].selected_option
        return str(option.text.get("text", "")) if option else ""
