"""One person at their screen: the verbs in which tests and stories are written."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.demo.slack.driver.choosing import (
    Typed,
    attached_answer,
    picked_answer,
    sends_while_typing,
    typed_answer,
)
from bot.demo.slack.driver.finding import find_button, find_field, find_menu, find_option
from bot.demo.slack.driver.gestures import Gestures
from bot.demo.slack.driver.modals import Modals
from bot.demo.slack.driver.outcomes import Acknowledgement, Offered, Pressed, Submitted
from bot.demo.slack.driver.places import Surface
from bot.demo.slack.driver.reading import label_of, words_of
from bot.demo.slack.driver.screen import Screen, Where
from bot.demo.slack.driver.talk import Talk
from bot.demo.slack.errors import CannotDoError
from bot.demo.slack.state.answers import offered_options
from bot.demo.slack.state.directory import Member
from bot.demo.slack.walk import FilledElement
from bot.demo.slack.wire import Json

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class PretendPerson:
    """Does what a person does, and only what they could do: everything else raises CannotDoError.

    `in_` says where: a message or a view as this driver showed it, a channel's id or #name for the newest
    message there that fits, "home" for the Home tab. Left out, it is the topmost modal if one is open, else
    the newest message anywhere that fits.
    """

    screen: Screen
    gestures: Gestures
    modals: Modals
    talk: Talk

    @property
    def id(self) -> str:
        """Their user id."""
        return self.screen.user

    @property
    def member(self) -> Member:
        """Who this is, with their flags as they are now."""
        return self.screen.member

    @property
    def dm(self) -> str:
        """The id of their direct conversation with the bot."""
        return self.screen.workspace.directory.direct_channel(self.id).id

    @property
    def views(self) -> list[Json]:
        """Their open modals with what is typed into them, the topmost last."""
        return self.screen.views

    @property
    def view(self) -> Json | None:
        """Their topmost modal, or None."""
        return self.views[-1] if self.views else None

    @property
    def home(self) -> Json | None:
        """Their Home tab, or None if the bot has not published one."""
        return self.screen.home

    @property
    def labels(self) -> list[str]:
        """The labels of the fields in their topmost modal, in order."""
        return [label_of(field) for field in self.screen.surface(None).fields]

    @property
    def errors(self) -> dict[str, str]:
        """The errors shown in their topmost modal, by label."""
        if not self.views:
            return {}
        surface = self.screen.surface(None)
        shown = surface.sheet.errors if surface.sheet else {}
        labels = {field.key[0]: label_of(field) for field in surface.fields}
        return {labels.get(block_id, block_id): words for block_id, words in shown.items()}

    def options(self, label: str, *, in_: Where = None) -> list[str]:
        """What a menu with fixed options offers."""
        _, field = self._field(label, in_)
        return [option["text"]["text"] for option in offered_options(field.element)]

    def value(self, label: str, *, in_: Where = None) -> object:
        """What a field holds now, in the shape Slack keeps it: a text, an option, a list, None."""
        surface, field = self._field(label, in_)
        return surface.answer(field)

    def reads(self, in_: Where = None) -> str:
        """Everything that can be read in a view or message; left out, in the topmost modal."""
        shown = self.home if in_ == "home" else in_ or self.screen.top()
        if not isinstance(shown, dict):
            raise CannotDoError(f"{self.member.name} has no such thing open")
        return words_of(shown)

    def ephemerals(self, channel: str) -> list[Json]:
        """The messages only they see in a channel, oldest first."""
        workspace = self.screen.workspace
        return workspace.messages.whispers(workspace.directory.channel(channel).id, self.id)

    async def slash(self, command: str, text: str = "", *, channel: str | None = None) -> Acknowledgement:
        """Type a slash command; without a channel, in their talk with the bot."""
        where = channel or self.dm
        return await self.gestures.slash(self.member, channel=where, command=command, text=text)

    async def shortcut(self, callback_id: str) -> Acknowledgement:
        """Start a global shortcut."""
        return await self.gestures.shortcut(self.member, callback_id=callback_id)

    async def message_shortcut(self, callback_id: str, message: Json) -> Acknowledgement:
        """Start a shortcut on a message."""
        place = self.screen.message_place(message["ts"])
        return await self.gestures.message_shortcut(
            self.member, callback_id=callback_id, channel=place.channel, ts=place.ts
        )

    async def press(
        self,
        button: str,
        *,
        in_: Where = None,
        beside: str | None = None,
        confirm: bool = True,
        stale: bool = False,
    ) -> Pressed:
        """Press a button, named by its face or action_id; `beside` a text where there are several alike.

        `confirm=False` backs out of the dialog that a button may ask first. With `stale` the message `in_` is
        what they still see, whatever it has become since.
        """
        surface, touched = self.screen.find(
            in_, lambda blocks: find_button(blocks, button, beside=beside), stale=stale
        )
        asked = touched.element.get("confirm")
        if asked and not confirm:
            return Pressed(ok=True, sent=False, asked=asked)
        return replace(await self.gestures.act(surface, touched), asked=asked)

    async def choose(
        self, option: str, *, menu: str | None = None, in_: Where = None, beside: str | None = None
    ) -> Pressed:
        """Choose from an overflow menu, named by its action_id where there are several."""
        surface, touched = self.screen.find(in_, lambda blocks: find_menu(blocks, menu, beside=beside))
        chosen = find_option(touched.element["options"], option)
        return await self.gestures.act(surface, touched, answer=chosen)

    async def type(self, label: str, value: Typed, *, in_: Where = None, enter: bool = False) -> Pressed:
        """Type into a field or set a picker, named by its label, block_id or action_id; None empties it."""
        surface, field = self._field(label, in_)
        answer = typed_answer(field, value)
        if sends_while_typing(field, enter=enter):
            return await self.gestures.act(surface, field, answer=answer)
        return self.gestures.fill(surface, field, answer)

    async def pick(self, label: str, *options: str, in_: Where = None, typed: str | None = None) -> Pressed:
        """Pick options by their texts, people and channels by name; with none, empty the field.

        A menu that asks the bot is asked with what is `typed`, left out with the option's own text.
        """
        surface, field = self._field(label, in_)
        answer = await picked_answer(self.gestures, surface, field, options, typed=typed)
        return await self.gestures.act(surface, field, answer=answer)

    async def suggest(self, label: str, typed: str, *, in_: Where = None) -> Offered:
        """Type into a menu that asks the bot, and see what it offers."""
        surface, field = self._field(label, in_)
        return await self.gestures.suggest(surface, field, typed=typed)

    async def attach(self, label: str, *, name: str, content: bytes) -> Pressed:
        """Put a file into a file input, beside those that are there."""
        surface, field = self._field(label, None)
        described = self.talk.upload(self.member, name=name, content=content)
        answer = attached_answer(field, surface.answer(field), described)
        if field.block.get("dispatch_action"):
            return await self.gestures.act(surface, field, answer=answer)
        return self.gestures.fill(surface, field, answer)

    async def submit(self) -> Submitted:
        """Submit the topmost modal."""
        return await self.modals.submit(self.member, view_id=self.screen.top()["id"])

    async def close_view(self, *, everything: bool = False) -> None:
        """Close the topmost modal, or all of them with its cross."""
        await self.modals.close(self.member, view_id=self.screen.top()["id"], everything=everything)

    async def say(self, text: str, *, channel: str | None = None, thread: Json | None = None) -> Json:
        """Write a message, in the thread of another if given; without a channel, to the bot."""
        within = thread.get("thread_ts", thread["ts"]) if thread else None
        where = self.screen.message_place(thread["ts"]).channel if thread else channel or self.dm
        return await self.talk.say(self.member, channel=where, text=text, thread_ts=within)

    async def join(self, channel: str) -> None:
        """Come into a channel."""
        await self.talk.join(self.member, channel=channel)

    async def invite_bot(self, channel: str) -> None:
        """Bring the bot into a channel."""
        await self.talk.invite_bot(self.member, channel=channel)

    async def open_home(self) -> Json | None:
        """Open the bot's Home tab; what it shows once the bot has acknowledged, None if nothing."""
        return await self.talk.open_home(self.member)

    async def until(self, predicate: Callable[[], T], *, timeout: float = 20) -> T:  # noqa: ASYNC109 # the caller bounds it
        """Wait until something is so, looking after every change; TimeoutError after `timeout` seconds."""
        return await self.screen.workspace.feed.until(predicate, seconds=timeout)

    def _field(self, label: str, in_: Where) -> tuple[Surface, FilledElement]:
        return self.screen.find(in_, lambda blocks: find_field(blocks, label))
