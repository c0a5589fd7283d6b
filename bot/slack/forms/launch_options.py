"""What may be wished for on the review beside the inputs: another time to start, and to break the glass."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.domain.draft import LaunchOptions
from bot.domain.policy.wording import until
from bot.slack import blocks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.policy import Ruling
    from bot.slack.blocks import Block
    from bot.slack.payloads import Values

START_AT, BREAK_GLASS = "start_at", "break_glass"


def wish_fields(ruling: Ruling, *, may_break_glass: bool, wished: datetime | None = None) -> list[Block]:
    """The fields, apart from the rest; the glass only for whom the policy names, and if there is a pane."""
    later = {"type": "datetimepicker", "action_id": START_AT}
    hint = _hint(ruling, wished)
    made = [
        {"type": "divider"},
        blocks.field(START_AT, label="Start at", element=later, hint=hint, optional=True, dispatch=True),
    ]
    passes = _passes(ruling)
    if may_break_glass and passes:
        reason = {
            "type": "plain_text_input",
            "action_id": BREAK_GLASS,
            "multiline": True,
            "max_length": 1000,
        }
        hint = f"In an emergency: with a reason it starts {passes}. Everybody sees it, and it is reviewed."
        label = "Break-glass: why can it not wait?"
        made.append(blocks.field(BREAK_GLASS, label=label, element=reason, hint=hint, optional=True))
    return made


def _hint(ruling: Ruling, wished: datetime | None) -> str:
    """What to know of the moment in the field; Slack shows no local times in a hint."""
    if wished is not None and ruling.freeze is not None and ruling.until is not None:
        end = until(ruling.freeze, ruling.until)
        if not ruling.allowed:
            return f"This is inside the freeze “{ruling.freeze.name}” until {end}, in which it may not start."
        return f"This is inside the freeze “{ruling.freeze.name}”: it would start {end}."
    return "Leave empty to start as soon as it may. What the policy allows is checked again then."


def _passes(ruling: Ruling) -> str:
    """How it would start past what stands in the way, in words; empty if nothing does."""
    panes = ["without approval"] if ruling.approve else []
    panes += ["in spite of the freeze"] if ruling.freeze else []
    return " and ".join(panes)


def read_wishes(values: Values) -> LaunchOptions:
    """What was wished for."""
    start_at = _held(values, START_AT).get("selected_date_time")
    return LaunchOptions(
        start_at=datetime.fromtimestamp(start_at, UTC) if start_at else None,
        break_glass=str(_held(values, BREAK_GLASS).get("value") or "").strip(),
    )


def _held(values: Values, field: str) -> Mapping[str, Any]:
    return values.get(field, {}).get(field, {})
