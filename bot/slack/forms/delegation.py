"""The modal of somebody who will be away: who decides in their name, and until when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.slack import blocks

if TYPE_CHECKING:
    from bot.slack.blocks import Block
    from bot.slack.payloads import Values

DELEGATE = "delegate"  # callback id
_WHO, _UNTIL = "stand_in", "until"


def delegating_form() -> Block:
    """Ask for both."""
    who = {"type": "users_select", "action_id": _WHO}
    until = {"type": "datetimepicker", "action_id": _UNTIL}
    return blocks.modal(
        "While I am away",
        [
            blocks.section(
                "Somebody else can decide on requests in your name: where you may approve, they may too. "
                "Together you count as one. Everybody can see it."
            ),
            blocks.field(_WHO, label="Who decides for me", element=who),
            blocks.field(
                _UNTIL,
                label="Until",
                element=until,
                hint="Within 90 days, or the shorter time that the policy says.",
            ),
        ],
        callback_id=DELEGATE,
        submit="Save",
    )


def read_delegation(values: Values) -> tuple[str, datetime]:
    """The Slack id of who decides, and until when."""
    return (
        str(values[_WHO][_WHO]["selected_user"]),
        datetime.fromtimestamp(values[_UNTIL][_UNTIL]["selected_date_time"], UTC),
    )


def wrong_moment(problem: str) -> dict[str, str]:
    """What to say at the field."""
    return {_UNTIL: problem}


def wrong_person(problem: str) -> dict[str, str]:
    """The same of who was chosen."""
    return {_WHO: problem}
