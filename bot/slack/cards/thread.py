"""The lines of a launch's thread: one sentence for each thing that happened."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from bot.domain.launch import Happening, HoldKind
from bot.slack import blocks
from bot.slack.cards.boxes import outputs
from bot.slack.cards.words import Message, how_long, quoted, short
from bot.slack.mrkdwn import escape, inline, mention, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.launch import Event, Launch


_Before = Literal[
    Happening.BREAK_GLASS,
    Happening.APPROVED,
    Happening.VOTED,
    Happening.STAGE_OPENED,
    Happening.VOTE_WITHDRAWN,
    Happening.REMINDED,
    Happening.ESCALATED,
    Happening.ASKED_ANEW,
    Happening.REJECTED,
    Happening.EXPIRED,
    Happening.WITHDRAWN,
    Happening.HELD,
    Happening.REVIEW_ASKED,
    Happening.REVIEWED,
]


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
        case (
            Happening.BREAK_GLASS
            | Happening.APPROVED
            | Happening.VOTED
            | Happening.STAGE_OPENED
            | Happening.VOTE_WITHDRAWN
            | Happening.REMINDED
            | Happening.ESCALATED
            | Happening.ASKED_ANEW
            | Happening.REJECTED
            | Happening.EXPIRED
            | Happening.WITHDRAWN
            | Happening.HELD
            | Happening.REVIEW_ASKED
            | Happening.REVIEWED
        ) as what:
            return _line_before(what, event, who)
        case Happening.REQUESTED:
            return f":memo: {who} asked for this launch."
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


def _line_before(what: _Before, event: Event, who: str) -> str:
    """One event of those between the request and the start."""
    match what:
        case Happening.BREAK_GLASS:
            return (
                f":rotating_light: *Break-glass.* {who} starts this without approval, even in a freeze.\n"
                f">{quoted(event.note)}"
            )
        case Happening.APPROVED:
            return f":thumbsup: {who} approved it{_in_name(event)}.{_comment(event)}"
        case Happening.VOTED:
            return f":thumbsup: {who} approved it{_in_name(event)}: {_count(event)}.{_comment(event)}"
        case Happening.STAGE_OPENED:
            return f":raised_hand: Next stage: {_count(event)}."
        case Happening.VOTE_WITHDRAWN:
            return f":leftwards_arrow_with_hook: {who} took their approval back: {_count(event)}."
        case Happening.REMINDED:
            return f":bell: Still waiting for approval: {_count(event)}."
        case Happening.ESCALATED:
            return f":bell: Nobody has decided yet, so others may decide as well: {_count(event)}."
        case Happening.ASKED_ANEW:
            return f":warning: {escape(short(event.note))} Nothing was started; it needs approval anew."
        case Happening.HELD:
            return f":double_vertical_bar: Not started yet: {_held(event)}."
        case Happening.REVIEW_ASKED:
            return ":mag: A reviewer has to look at this, because it passed the policy's barriers."
        case Happening.REVIEWED:
            return f":mag: {who} reviewed it.{_comment(event)}"
        case Happening.REJECTED:
            return f":no_entry: {who} rejected it. Nothing was started.\n>{quoted(event.note)}"
        case Happening.EXPIRED:
            return ":hourglass: Nobody approved it in time. Nothing was started. Ask again if still needed."
        case Happening.WITHDRAWN:
            return f":leftwards_arrow_with_hook: {who} withdrew it. Nothing was started."


def _count(event: Event) -> str:
    """How far a stage is."""
    have, need = event.detail.get("have", 0), event.detail.get("need", 1)
    stage, stages = event.detail.get("stage", 1), event.detail.get("stages", 1)
    within = f", stage {stage} of {stages}" if stages > 1 else ""
    return f"{have} of {need} approvals{within}"


def _in_name(event: Event) -> str:
    other = event.detail.get("stands_in_for")
    return f" in the name of <@{other}>" if other else ""


def _comment(event: Event) -> str:
    return f"\n>{quoted(event.note)}" if event.note else ""


def _held(event: Event) -> str:
    """What a launch waits for."""
    detail = event.detail
    until = moment(datetime.fromisoformat(detail["until"])) if "until" in detail else ""
    match HoldKind(detail["kind"]):
        case HoldKind.LATER:
            return f"it was asked to start at {until}"
        case HoldKind.FREEZE:
            return f"“{escape(detail.get('why', ''))}” is frozen until {until}"
        case HoldKind.LOCK:
            return f"one run at a time on {inline(detail.get('why', ''))}; number {detail['place']} in line"
        case HoldKind.FULL:
            return f"as many runs are open as the policy allows; number {detail['place']} in line"


def _or_card(event: Event) -> str:
    return f". {escape(short(event.note))}" if event.note else "; somebody has to settle it on the card."


def _business_state(launch: Launch) -> str:
    state = launch.outcome.business_state if launch.outcome else ""
    return f" {escape(short(state))}" if state else ""


def _detail(launch: Launch) -> str:
    detail = launch.outcome.detail if launch.outcome else ""
    return f"\n>{quoted(detail)}" if detail else " Orchestrator gave no reason; its log may say more."
