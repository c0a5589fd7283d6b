"""The buttons of a card, for the state its launch is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.launch import State
from bot.slack import blocks
from bot.slack.cards.boxes import is_cut

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.slack.blocks import Block


def buttons_of(launch: Launch, link: str | None) -> list[Block]:
    """What may be pressed now; who may is asked when it is."""
    made = _deciding_buttons(launch)
    if is_cut(launch.arguments):
        made.append(blocks.button("Show all values", action="show_values", value=launch.id))
    if link and not launch.state.is_end:
        face = blocks.plain("Open in Orchestrator", longest=75)
        made.append({"type": "button", "action_id": "open_link", "url": link, "text": face})
    return made


def _deciding_buttons(launch: Launch) -> list[Block]:
    match launch.state:
        case State.AWAITING_APPROVAL:
            return _approval_buttons(launch)
        case State.UNCERTAIN if launch.search is not None and launch.search.needs_person:
            return _settling_buttons(launch)
        case State.APPROVED:
            return [_stop_button(launch, "Withdraw", action="withdraw")]
        case State.RUNNING | State.WAITING if launch.cancel_asked_by is None:
            return [_stop_button(launch, "Cancel run", action="cancel")]
        case _:
            return []


def _approval_buttons(launch: Launch) -> list[Block]:
    name = launch.workflow.name
    return [
        blocks.button("Approve", action="approve", value=launch.id, style="primary", names=name),
        blocks.button("Reject", action="reject", value=launch.id, style="danger", names=name),
        _stop_button(launch, "Withdraw", action="withdraw"),
    ]


def _stop_button(launch: Launch, face: str, *, action: str) -> Block:
    name = launch.workflow.name
    if action == "withdraw":
        confirm = ("Withdraw this request?", f"“{name}” will not be started.", "Withdraw")
        return blocks.button(face, action=action, value=launch.id, confirm=confirm, names=name)
    text = f"“{name}” is asked to stop. What it already did stays done."
    confirm = ("Cancel this run?", text, "Cancel run")
    return blocks.button(face, action=action, value=launch.id, style="danger", confirm=confirm, names=name)


def _settling_buttons(launch: Launch) -> list[Block]:
    found = launch.search.candidates if launch.search else ()
    started = [
        blocks.button(f"It did start: {each[:8]}", action="settle_started", value=f"{launch.id} {each}")
        for each in found[:5]
    ]
    for number, each in enumerate(started):
        each["action_id"] = "settle_started" if number == 0 else f"settle_started_{number}"
    again = blocks.button(
        "It did not: start again",
        action="settle_again",
        value=launch.id,
        confirm=(
            "Start it again?",
            f"If “{launch.workflow.name}” did start after all, it will run twice.",
            "Start again",
        ),
    )
    give_up = blocks.button(
        "Give up",
        action="settle_give_up",
        value=launch.id,
        confirm=("Give up?", "The launch ends as “outcome not known”. Nothing else is started.", "Give up"),
    )
    return [*started, again, give_up]
