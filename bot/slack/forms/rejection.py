"""The modal that asks why a launch is rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack import blocks
from bot.slack.forms.approver_views import reference
from bot.slack.mrkdwn import inline

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.slack.blocks import Block
    from bot.slack.payloads import Values

_REASON = "reason"


def reject_form(launch: Launch) -> Block:
    """Ask for the reason of a rejection."""
    reason = {"type": "plain_text_input", "action_id": _REASON, "multiline": True, "max_length": 1000}
    return blocks.modal(
        "Reject this launch",
        [
            blocks.section(f"<@{launch.requester.user_id}> asked to run *{inline(launch.workflow.name)}*."),
            blocks.field(_REASON, label="Why not?", element=reason, hint="The requester reads this."),
        ],
        callback_id="reject_launch",
        metadata=reference(launch),
        submit="Reject",
        close="Back",
    )


def read_reason(values: Values) -> str:
    """The reason that was given."""
    return str(values[_REASON][_REASON].get("value") or "").strip()
