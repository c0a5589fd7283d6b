"""Slack's requests as this workspace would send them, each about something that is really there."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bot.slack import cards
from bot.slack.forms.picker import picker
from tests.bench.workspace import SECRET, TEAM, VIEW, approver, asker, channel

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.domain.people import Person
    from tests.bench.workspace import Open

_numbers = itertools.count(1)
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request, not signed yet."""

    kind: str  # command, click, submission or options
    name: str
    body: bytes
    about: str = ""  # the id of the launch


def sign(body: bytes, *, secret: str = SECRET, age: float = 0) -> dict[str, str]:
    """The headers Slack sends with a body."""
    sent_at = int(time.time() - age)
    digest = hmac.new(secret.encode(), b"v0:%d:%s" % (sent_at, body), hashlib.sha256).hexdigest()
    return {
        "Content-Type": FORM,
        "X-Slack-Request-Timestamp": str(sent_at),
        "X-Slack-Signature": f"v0={digest}",
    }


@dataclass(frozen=True, kw_only=True)
class Payloads:
    """Makes requests; `raw` is the port of the raw servers, where private answers would go."""

    raw: int

    def command(self, text: str, *, number: int, who: Person | None = None) -> Request:
        """`/vro text`, typed by somebody."""
        who = who or asker(number)
        fields = {
            "token": "not-used-any-more",
            "team_id": TEAM,
            "team_domain": "bench",
            "channel_id": channel(number),
            "channel_name": "operations",
            "user_id": who.user_id,
            "user_name": "somebody",
            "command": "/vro",
            "text": text,
            "api_app_id": "A0BENCH",
            "is_enterprise_install": "false",
            "response_url": self._hook(),
            "trigger_id": _trigger(),
        }
        name = text.partition(" ")[0] or "pick"
        return Request(kind="command", name=name, body=urlencode(fields).encode())

    def click(self, launch: Launch, action: str, *, number: int) -> Request:
        """A button of a launch's card: the requester's own for a withdrawal, an approver's else."""
        card = cards.card(launch, link=None)
        button = next(
            element
            for block in card.blocks
            for element in block.get("elements", ())
            if element.get("action_id") == action
        )
        place, ts = launch.place.channel_id, "1700000000.000100"
        who = launch.requester if action == "withdraw" else approver(number)
        payload = _interaction("block_actions", who) | {
            "container": {"type": "message", "message_ts": ts, "channel_id": place, "is_ephemeral": False},
            "channel": {"id": place, "name": "operations"},
            "message": _message(card, ts),
            "state": {"values": {}},
            "response_url": self._hook(),
            "actions": [button | {"block_id": "launch", "action_ts": "1700000001.000200"}],
        }
        return _interactive("click", action, payload, about=launch.id)

    def submission(self, form: Open) -> Request:
        """The review of a filled-in form, sent."""
        payload = _interaction("view_submission", form.draft.person) | {
            "view": _view({"type": "modal", "callback_id": "send_form", "private_metadata": form.draft.id})
            | {"id": VIEW, "state": {"values": {}}},
            "response_urls": [],
        }
        return _interactive("submission", "send_form", payload, about=form.draft.id)

    def options(self, words: str, *, number: int) -> Request:
        """Words typed into the picker's menu."""
        view = picker(ask_channel=False, metadata=channel(number))
        payload = _interaction("block_suggestion", asker(number)) | {
            "container": {"type": "view", "view_id": "V0BENCH"},
            "action_id": "workflow",
            "block_id": "workflow",
            "value": words,
            "view": _view(view) | {"state": {"values": {}}},
        }
        return _interactive("options", "workflow", payload)

    def _hook(self) -> str:
        return f"http://127.0.0.1:{self.raw}/hooks/{next(_numbers)}"


def _interactive(kind: str, name: str, payload: dict[str, Any], *, about: str = "") -> Request:
    return Request(
        kind=kind, name=name, about=about, body=urlencode({"payload": json.dumps(payload)}).encode()
    )


def _interaction(kind: str, who: Person) -> dict[str, Any]:
    user = {"id": who.user_id, "username": "somebody", "name": "somebody", "team_id": who.team_id}
    return {
        "type": kind,
        "token": "not-used-any-more",
        "user": user,
        "api_app_id": "A0BENCH",
        "team": {"id": TEAM, "domain": "bench"},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": _trigger(),
    }


def _message(card: cards.Message, ts: str) -> dict[str, Any]:
    profile = {"id": "B0BOT", "name": "Orchestrator", "app_id": "A0BENCH", "team_id": TEAM, "deleted": False}
    return {
        "type": "message",
        "user": "U0BOT",
        "bot_id": "B0BOT",
        "app_id": "A0BENCH",
        "bot_profile": profile,
        "team": TEAM,
        "ts": ts,
        "text": card.text,
        "blocks": card.blocks,
    }


def _view(view: dict[str, Any]) -> dict[str, Any]:
    return view | {
        "id": "V0BENCH",
        "root_view_id": "V0BENCH",
        "team_id": TEAM,
        "app_id": "A0BENCH",
        "app_installed_team_id": TEAM,
        "bot_id": "B0BOT",
        "external_id": "",
        "hash": "1700000000.benched",
        "previous_view_id": None,
        "clear_on_close": False,
        "notify_on_close": False,
    }


def _trigger() -> str:
    return f"{next(_numbers)}.1700000000.bench"
