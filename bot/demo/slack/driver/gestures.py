"""What people do, by whatever hand: the driver in tests and the page in a browser both come here."""

import html
import re

from bot.demo.slack.delivery.payloads import Payloads
from bot.demo.slack.delivery.post_office import PostOffice
from bot.demo.slack.driver.outcomes import Acknowledgement, Offered, Pressed
from bot.demo.slack.driver.places import Place, Surface, message_seen, surface_of
from bot.demo.slack.errors import CannotDoError
from bot.demo.slack.limits import command_ack_problems, options_ack_problems
from bot.demo.slack.state.directory import Channel, DeclaredCommand, DeclaredShortcut, Member
from bot.demo.slack.state.workspace import Workspace
from bot.demo.slack.walk import STATEFUL, FilledElement, dressed
from bot.demo.slack.wire import Json

_DEFAULT_QUERY = 3
_LINKED = re.compile(r"(?P<url>https?://[^\s<>]+)|@(?P<person>\w[\w.-]*)|#(?P<channel>[\w-]+)")


class Gestures:
    """Turns a gesture into a payload, delivers it, and shows what the acknowledgement says."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        post: PostOffice,
        payloads: Payloads,
        commands: tuple[DeclaredCommand, ...],
        shortcuts: tuple[DeclaredShortcut, ...],
    ) -> None:
        self.workspace = workspace
        self.post = post
        self.payloads = payloads
        self.commands = {command.command: command for command in commands}
        self.shortcuts = {shortcut.callback_id: shortcut for shortcut in shortcuts}

    async def slash(self, member: Member, *, channel: str, command: str, text: str) -> Acknowledgement:
        """Send a slash command from a channel."""
        where = self.joined(member, channel)
        known = self.commands.get(command)
        if known is None or member.is_stranger:
            return Acknowledgement(ok=False, error=f"{command} is not a valid command.")
        written = self._escaped(text) if known.should_escape else text  # else raw, also & < >
        payload = self.payloads.command(member, where, command=command, text=written)
        ack = await self.post.send("slash_commands", payload)
        if not ack.ok:
            return Acknowledgement(ok=False, error=f'{command} failed with the error "{ack.error}"')
        problems = command_ack_problems(ack.body)
        self.workspace.violated(f"ack of {command}", problems)
        if problems:
            return Acknowledgement(
                ok=False, error=f'{command} failed with the error "invalid_command_response"'
            )
        return Acknowledgement(ok=True, message=self._shown(member, where, f"{command} {text}", ack.body))

    async def shortcut(self, member: Member, *, callback_id: str, here: str | None = None) -> Acknowledgement:
        """Start a global shortcut."""
        self._declared(member, callback_id, kind="global")
        payload = self.payloads.shortcut(member, callback_id=callback_id, here=here)
        ack = await self.post.send("interactive", payload)
        return Acknowledgement(ok=ack.ok, error=ack.error)

    async def message_shortcut(
        self, member: Member, *, callback_id: str, channel: str, ts: str
    ) -> Acknowledgement:
        """Start a shortcut on a message."""
        self._declared(member, callback_id, kind="message")
        where = self.joined(member, channel)
        message = message_seen(self.workspace, member, where, ts)
        payload = self.payloads.message_action(member, where, callback_id=callback_id, message=message)
        ack = await self.post.send("interactive", payload)
        return Acknowledgement(ok=ack.ok, error=ack.error)

    def surface(self, member: Member, place: Place) -> Surface:
        """What a person sees at a place."""
        return surface_of(self.workspace, member, place)

    async def act(self, surface: Surface, touched: FilledElement, *, answer: object = None) -> Pressed:
        """Touch an element; `answer` is what a menu, picker or overflow menu was set to."""
        if touched.element["type"] in STATEFUL:
            surface.answers.give(touched, answer)
            if touched.is_input and not touched.block.get("dispatch_action"):
                return Pressed(ok=True, sent=False)
        action = {**self._action(touched, answer), "action_ts": self.workspace.ids.ts()}
        ack = await self.post.send("interactive", {**self._click(surface), "actions": [action]})
        return Pressed(ok=ack.ok, error=ack.error, url=touched.element.get("url"))

    def fill(self, surface: Surface, field: FilledElement, answer: object) -> Pressed:
        """Put an answer into a field without telling the bot."""
        surface.answers.give(field, answer)
        self.workspace.feed.wake()
        return Pressed(ok=True, sent=False)

    async def suggest(self, surface: Surface, touched: FilledElement, *, typed: str) -> Offered:
        """Type into a menu that asks the bot for its options."""
        if len(typed) < touched.element.get("min_query_length", _DEFAULT_QUERY):
            return Offered(ok=True, sent=False)
        block_id, action_id = touched.key
        payload = self.payloads.suggestion(
            surface.member, self._frame(surface), action_id=action_id, block_id=block_id, value=typed
        )
        ack = await self.post.send("interactive", payload)
        problems = options_ack_problems(ack.body) if ack.ok else []
        self.workspace.violated(f"options for {action_id}", problems)
        if problems or not ack.ok:
            return Offered(ok=False, error=ack.error or "invalid options")
        return Offered(ok=True, options=ack.body.get("options", []), groups=ack.body.get("option_groups", []))

    def joined(self, member: Member, channel: str) -> Channel:
        """A channel this person is in; raises CannotDoError if they are not."""
        where = self.workspace.directory.channel(channel)
        if member.id not in where.members:
            raise CannotDoError(f"{member.name} is not in {where.name}")
        return where

    def _shown(self, member: Member, channel: Channel, said: str, body: Json) -> Json | None:
        if not (body.get("text") or body.get("blocks") or body.get("attachments")):
            return None
        app = self.workspace.directory.app
        message = {"user": app.user_id, "bot_id": app.bot_id, "text": body.get("text", "")}
        if body.get("blocks"):
            message["blocks"] = dressed(body["blocks"], self.workspace.ids)
        if body.get("response_type") != "in_channel":
            return self.workspace.messages.whisper(channel.id, member.id, message)
        asked = html.escape(said.strip(), quote=False)  # a stored message is always escaped
        self.workspace.messages.post(channel.id, {"user": member.id, "text": asked})
        return self.workspace.messages.post(channel.id, message)

    def _declared(self, member: Member, callback_id: str, *, kind: str) -> None:
        known = self.shortcuts.get(callback_id)
        if known is None or known.type != kind or member.is_stranger:
            raise CannotDoError(f"{member.name} sees no {kind} shortcut {callback_id!r}")

    def _click(self, surface: Surface) -> Json:
        if surface.sheet is not None:
            return self.payloads.view_click(surface.member, surface.sheet.live, here=surface.here)
        if surface.channel is None or surface.message is None:
            raise CannotDoError("there is nothing to touch")
        return self.payloads.message_click(
            surface.member, surface.channel, surface.message, state=surface.state
        )

    def _frame(self, surface: Surface) -> Json:
        if surface.sheet is not None:
            return self.payloads.view_frame(surface.sheet.live)
        if surface.channel is None or surface.message is None:
            raise CannotDoError("there is nothing to type into")
        return self.payloads.message_frame(surface.channel, surface.message)

    def _action(self, touched: FilledElement, answer: object) -> Json:
        element, (block_id, action_id) = touched.element, touched.key
        action: Json = {"type": element["type"], "action_id": action_id, "block_id": block_id}
        if element["type"] in STATEFUL:
            return {**action, touched.holding.key: answer}
        if element["type"] == "overflow":
            return {**action, "selected_option": answer}
        if element["type"] == "feedback_buttons" and isinstance(answer, dict):
            return {**action, **answer}
        told: Json = {name: element[name] for name in ("text", "value", "style", "url") if name in element}
        return {**action, **told}

    def _escaped(self, text: str) -> str:
        """Text as `should_escape: true` sends it: people, channels and URLs as links, `& < >` as entities.

        Only what the text itself holds is escaped, so that a typed `<@U1>` differs from a mention.
        """
        written, at = "", 0
        for found in _LINKED.finditer(text):
            written += html.escape(text[at : found.start()], quote=False) + self._linked(found)
            at = found.end()
        return written + html.escape(text[at:], quote=False)

    def _linked(self, found: re.Match[str]) -> str:
        """One mention or URL as Slack writes it; a name nobody has stays as typed."""
        directory = self.workspace.directory
        people = {member.name: member.id for member in directory.members.values()}
        channels = {channel.name: channel.id for channel in directory.channels.values() if not channel.is_im}
        if url := found["url"]:
            return f"<{html.escape(url, quote=False)}>"
        if (name := found["person"]) in people:
            return f"<@{people[name]}|{name}>"
        if (name := found["channel"]) in channels:
            return f"<#{channels[name]}|{name}>"
        return found[0]
