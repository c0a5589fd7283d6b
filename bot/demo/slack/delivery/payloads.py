"""The payloads Slack sends, shape by shape.

Source: docs.slack.dev/reference/interaction-payloads, /reference/events and
/interactivity/implementing-slash-commands.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.demo.slack.state.directory import Channel, Member
from bot.demo.slack.state.workspace import Workspace
from bot.demo.slack.wire import Json

VERIFICATION_TOKEN = "not-used-any-more"


@dataclass(frozen=True, kw_only=True)
class Payloads:
    """Builds payloads about one workspace; `address` is the server that response URLs lead to."""

    workspace: Workspace
    address: Callable[[], str]

    def command(self, member: Member, channel: Channel, *, command: str, text: str) -> Json:
        """A slash command."""
        team, directory = self.workspace.directory.team, self.workspace.directory
        enterprise = (
            {"enterprise_id": team.enterprise_id, "enterprise_name": team.enterprise_name}
            if team.enterprise_id
            else {}
        )
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": team.id,
            "team_domain": team.domain,
            **enterprise,
            "channel_id": channel.id,
            "channel_name": _channel_name(channel),
            "user_id": member.id,
            "user_name": member.name,
            "command": command,
            "text": text,
            "api_app_id": directory.app.id,
            "is_enterprise_install": "false",
            "response_url": self.response_url("commands", user=member.id, channel=channel.id),
            "trigger_id": self._trigger(member, here=channel.id),
        }

    def shortcut(self, member: Member, *, callback_id: str, here: str | None) -> Json:
        """A global shortcut: it knows neither channel nor response URL."""
        return {
            "type": "shortcut",
            "token": VERIFICATION_TOKEN,
            "action_ts": self.workspace.ids.ts(),
            **self._team(),
            "user": {"id": member.id, "username": member.name, "team_id": member.team_id},
            "callback_id": callback_id,
            "trigger_id": self._trigger(member, here=here),
        }

    def message_action(self, member: Member, channel: Channel, *, callback_id: str, message: Json) -> Json:
        """A shortcut on a message."""
        return {
            **self.shortcut(member, callback_id=callback_id, here=channel.id),
            "type": "message_action",
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            "message_ts": message["ts"],
            "message": message,
            "response_url": self.response_url("app", user=member.id, channel=channel.id),
        }

    def message_click(self, member: Member, channel: Channel, message: Json, *, state: Json) -> Json:
        """The frame of `block_actions` on a message; the caller adds `actions`."""
        is_ephemeral = bool(message.get("is_ephemeral"))
        url = self.response_url(
            "actions", user=member.id, channel=channel.id, ts=message["ts"], is_ephemeral=is_ephemeral
        )
        return {
            **self._interaction("block_actions", member),
            **self.message_frame(channel, message),
            "state": state,
            "response_url": url,
            "trigger_id": self._trigger(member, here=channel.id),
        }

    def view_click(self, member: Member, view: Json, *, here: str | None) -> Json:
        """The frame of `block_actions` in a view; the caller adds `actions`."""
        return {
            **self._interaction("block_actions", member),
            **self.view_frame(view),
            "trigger_id": self._trigger(member, here=here, from_modal=view["type"] == "modal"),
        }

    def suggestion(self, member: Member, frame: Json, *, action_id: str, block_id: str, value: str) -> Json:
        """A search typed into an external menu."""
        asked = {"action_id": action_id, "block_id": block_id, "value": value}
        return {**self._interaction("block_suggestion", member), **frame, **asked}

    def submission(self, member: Member, view: Json, *, here: str | None, urls: list[Json]) -> Json:
        """A submitted modal."""
        return {
            **self._interaction("view_submission", member),
            "view": view,
            "response_urls": urls,
            "trigger_id": self._trigger(member, here=here, from_modal=True),
        }

    def closed(self, member: Member, view: Json, *, is_cleared: bool) -> Json:
        """A modal that was closed without submitting."""
        return {**self._interaction("view_closed", member), "view": view, "is_cleared": is_cleared}

    def event(self, event: Json, *, is_ext_shared: bool = False) -> Json:
        """An event with its envelope."""
        directory = self.workspace.directory
        installed = {
            "enterprise_id": directory.team.enterprise_id or None,
            "team_id": directory.team.id,
            "user_id": directory.app.user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": directory.team.id,
            "context_team_id": directory.team.id,
            "context_enterprise_id": directory.team.enterprise_id or None,
            "api_app_id": directory.app.id,
            "event": {**event, "event_ts": event.get("event_ts", self.workspace.ids.ts())},
            "type": "event_callback",
            "event_id": self.workspace.ids.new("Ev"),
            "event_time": int(self.workspace.now().timestamp()),
            "authorizations": [installed],
            "is_ext_shared_channel": is_ext_shared,
            "event_context": self.workspace.ids.new("4-"),
        }

    def message_frame(self, channel: Channel, message: Json) -> Json:
        """Where on a message something happened; an ephemeral message is not told again."""
        is_ephemeral = bool(message.get("is_ephemeral"))
        thread = {"thread_ts": message["thread_ts"]} if "thread_ts" in message else {}
        container = {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": channel.id,
            "is_ephemeral": is_ephemeral,
            **thread,
        }
        told = {} if is_ephemeral else {"message": message}
        return {
            "container": container,
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            **told,
        }

    def view_frame(self, view: Json) -> Json:
        """In which view something happened."""
        return {"container": {"type": "view", "view_id": view["id"]}, "view": view}

    def response_url(
        self, family: str, *, user: str, channel: str, ts: str | None = None, is_ephemeral: bool = False
    ) -> str:
        """A new response URL."""
        name = self.workspace.response_urls.issue(
            user=user, channel=channel, ts=ts, is_ephemeral=is_ephemeral
        )
        return f"{self.address()}/hooks/{family}/{self.workspace.directory.team.id}/{name}"

    def _interaction(self, kind: str, member: Member) -> Json:
        person = {"id": member.id, "username": member.name, "name": member.name, "team_id": member.team_id}
        app_id = self.workspace.directory.app.id
        return {
            "type": kind,
            "token": VERIFICATION_TOKEN,
            "user": person,
            "api_app_id": app_id,
            **self._team(),
        }

    def _team(self) -> Json:
        team = self.workspace.directory.team
        named = {"id": team.id, "domain": team.domain}
        return {"team": named, "enterprise": team.enterprise, "is_enterprise_install": False}

    def _trigger(self, member: Member, *, here: str | None, from_modal: bool = False) -> str:
        return self.workspace.triggers.issue(user=member.id, here=here, from_modal=from_modal)


def _channel_name(channel: Channel) -> str:
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name
