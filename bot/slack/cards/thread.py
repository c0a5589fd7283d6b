"""The lines of a launch's thread: one sentence for each thing that happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.launch import Happening
from bot.slack import blocks
from bot.slack.cards.boxes import outputs
from bot.slack.cards.words import Message, how_long, quoted, short
from bot.slack.mrkdwn import escape, mention

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.launch import Event, Launch


def story(launch: Launch, events: Sequence[Event]) -> Message:
    """One message that tells what happened, a line each, in order."""
    lines = [line(launch, event) for event in events]
    made = [blocks.section("\n".join(lines))]
    if events and events[-1].what in {Happening.SUCCEEDED, Happening.FAILED, Happening.CANCELLED}:
        made += outputs(launch.outcome.outputs if launch.outcome else ())
    return Message(text="\n".join(lines)[:3000], blocks=made)


def line(launch: Launch, event: Event) -> str:
    """One event, in one sentence."""
    who = mention(event.by) if event.by else "Somebody"
    note = f": {escape(short(event.note))}" if event.note else "."
    match event.what:
        case Happening.REQUESTED:
            return f":memo: {who} asked for this launch."
        case Happening.APPROVED:
            return f":thumbsup: {who} approved it."
        case Happening.REJECTED:
            return f":no_entry: {who} rejected it. Nothing was started.\n>{quoted(event.note)}"
        case Happening.EXPIRED:
            return ":hourglass: Nobody approved it in time. Nothing was started. Ask again if still needed."
        case Happening.WITHDRAWN:
            return f":leftwards_arrow_with_hook: {who} withdrew it. Nothing was started."
        case Happening.HELD_UP:
            return f":hourglass_flowing_sand: {escape(short(event.note))} I keep trying; nothing runs yet."
        case Happening.STARTED:
            return f":arrow_forward: Started as run `{escape(launch.execution_id or '')}`."
        case Happening.UNCERTAIN:
            return (
                f":grey_question: {escape(short(event.note))} I look in Orchestrator whether it started; "
                "until then I start nothing."
            )
        case Happening.NOT_FOUND:
            return f":mag: I looked twice and found no run of it in Orchestrator{_or_card(event)}"
        case Happening.AMBIGUOUS:
            return (
                ":mag: Several runs in Orchestrator could be this one. Somebody has to settle it on the card."
            )
        case Happening.FOUND:
            return f":mag: It did start, as run `{escape(launch.execution_id or '')}`. I follow it."
        case Happening.SETTLED:
            return f":point_right: {who} looked and says{note}"
        case Happening.WAITING:
            return ":speech_balloon: The run waits for somebody's answer in Orchestrator."
        case Happening.RESUMED:
            return ":arrow_forward: The run goes on."
        case Happening.CANCEL_ASKED:
            return f":octagonal_sign: {who} asked to stop it. I tell you when it has stopped."
        case Happening.SUCCEEDED:
            return f":white_check_mark: *Succeeded*{how_long(launch)}.{_business_state(launch)}"
        case Happening.FAILED:
            return f":x: *Failed*{how_long(launch)}.{_detail(launch)}"
        case Happening.CANCELLED:
            return f":octagonal_sign: *Cancelled*{how_long(launch)}. What it did before stays done."
        case Happening.LOST:
            return (
                f":grey_question: The outcome is not known{note} It may have ended either way: "
                "please look in Orchestrator."
            )


def _or_card(event: Event) -> str:
    return f". {escape(short(event.note))}" if event.note else "; somebody has to settle it on the card."


def _business_state(launch: Launch) -> str:
    state = launch.outcome.business_state if launch.outcome else ""
    return f" {escape(short(state))}" if state else ""


def _detail(launch: Launch) -> str:
    detail = launch.outcome.detail if launch.outcome else ""
    return f"\n>{quoted(detail)}" if detail else " Orchestrator gave no reason; its log may say more."
