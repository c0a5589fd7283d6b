"""Where on somebody's screen a thing stands: a message or a view, and what was typed into it."""

from dataclasses import dataclass
from typing import TypeAlias

from bot.demo.slack.errors import CannotDoError
from bot.demo.slack.state.answers import Answers
from bot.demo.slack.state.directory import Channel, Member
from bot.demo.slack.state.views import Sheet
from bot.demo.slack.state.workspace import Workspace
from bot.demo.slack.walk import FilledElement, fields_of, find_element
from bot.demo.slack.wire import Json


@dataclass(frozen=True, kw_only=True)
class OnMessage:
    """A message; `shown` is an older look of it that is still on the person's screen."""

    channel: str
    ts: str
    shown: Json | None = None


@dataclass(frozen=True, kw_only=True)
class OnView:
    """A modal or a Home tab."""

    view_id: str


Place: TypeAlias = OnMessage | OnView


@dataclass(frozen=True, kw_only=True)
class Surface:
    """A place as one person sees it now."""

    member: Member
    blocks: list[Json]
    answers: Answers
    here: str | None
    sheet: Sheet | None = None
    channel: Channel | None = None
    message: Json | None = None

    @property
    def fields(self) -> list[FilledElement]:
        """The fields in it."""
        return fields_of(self.blocks)

    @property
    def state(self) -> Json:
        """All answers in it."""
        return self.answers.state(self.fields, here=self.here)

    def answer(self, field: FilledElement) -> object:
        """What one field holds."""
        return self.answers.answer(field, here=self.here)

    def element(self, *, block_id: str, action_id: str) -> FilledElement:
        """The element with these ids; raises CannotDoError if it is not there."""
        found = find_element(self.blocks, block_id=block_id, action_id=action_id)
        if found is None:
            raise CannotDoError(f"there is nothing with action_id {action_id!r} in block {block_id!r}")
        return found


def surface_of(workspace: Workspace, member: Member, place: Place) -> Surface:
    """What this person sees at a place; raises CannotDoError if it is not on their screen."""
    if isinstance(place, OnView):
        return _view_surface(workspace, member, place)
    channel = workspace.directory.channel(place.channel)
    message = place.shown or message_seen(workspace, member, channel, place.ts)
    answers = workspace.answers_on(user=member.id, channel=channel.id, ts=place.ts)
    blocks = message.get("blocks", [])
    return Surface(
        member=member, blocks=blocks, answers=answers, here=channel.id, channel=channel, message=message
    )


def message_seen(workspace: Workspace, member: Member, channel: Channel, ts: str) -> Json:
    """A message this person can see; raises CannotDoError if they cannot."""
    if member.id not in channel.members:
        raise CannotDoError(f"{member.name} is not in {channel.name}")
    whispers = {whisper["ts"]: whisper for whisper in workspace.messages.whispers(channel.id, member.id)}
    message = whispers.get(ts) or workspace.messages.find(channel.id, ts)
    if message is None:
        raise CannotDoError(f"there is no message {ts} in {channel.name}")
    return message


def _view_surface(workspace: Workspace, member: Member, place: OnView) -> Surface:
    sheet = workspace.views.find(view_id=place.view_id)
    if sheet is None or sheet.user != member.id:
        raise CannotDoError(f"{member.name} has no view {place.view_id}")
    return Surface(
        member=member, blocks=sheet.view["blocks"], answers=sheet.answers, here=sheet.here, sheet=sheet
    )
