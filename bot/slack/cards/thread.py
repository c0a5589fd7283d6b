"""The lines of a launch's thread: a sentence or two for each thing that happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bot.domain.launch import Happening
from bot.slack import blocks
from bot.slack.cards import approval_lines, question
from bot.slack.cards.boxes import last_words, outputs
from bot.slack.cards.buttons import detail_buttons
from bot.slack.cards.words import NOBODY_ELSE, Message, how_long, quoted, settlers, short
from bot.slack.mrkdwn import cut, escape, inline, mention

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.launch import Event, Launch
    from bot.slack.cards.naming import Addressees

_Meanwhile = Literal[
    Happening.WAITING,
    Happening.RESUMED,
    Happening.ANSWERED,
    Happening.RESUME_ASKED,
    Happening.CANCEL_ASKED,
]
_End = Literal[Happening.SUCCEEDED, Happening.FAILED, Happening.CANCELLED, Happening.LOST]


def story(launch: Launch, events: Sequence[Event], to: Addressees = NOBODY_ELSE) -> Message:
    """One message that tells what happened, a line each, in order."""
    lines = [line(launch, event, to) for event in events]
    made = [blocks.section("\n".join(lines))]
    if events and events[-1].what is Happening.WAITING and question.question_buttons(launch):
        made.append(blocks.actions(question.question_buttons(launch), block_id="question"))
    if any(event.what in {Happening.SUCCEEDED, Happening.FAILED, Happening.CANCELLED} for event in events):
        made += last_words(launch)
        made += outputs(launch.outcome.outputs if launch.outcome else ())
        more = detail_buttons(launch)
        made += [blocks.actions(more, block_id="details")] if more else []
    whose = inline(to.requester) if to.requester else mention(launch.requester)
    about = f"{inline(launch.workflow.name)}, asked for by {whose}"
    return Message(text=cut("\n".join([about, *lines]), 3000), blocks=made)


def line(launch: Launch, event: Event, to: Addressees = NOBODY_ELSE) -> str:
    """One event, in a sentence or two."""
    who = mention(event.by) if event.by else "Somebody"
    note = f": {escape(short(event.note))}" if event.note else "."
    match event.what:
        case (
            Happening.BREAK_GLASS
            | Happening.VOTED
            | Happening.STAGE_OPENED
            | Happening.VOTE_WITHDRAWN
            | Happening.REMINDED
            | Happening.ESCALATED
            | Happening.ASKED_ANEW
            | Happening.TOO_FEW
            | Happening.APPROVED
            | Happening.REJECTED
            | Happening.EXPIRED
            | Happening.WITHDRAWN
            | Happening.HELD
            | Happening.REVIEW_ASKED
            | Happening.REVIEWED
        ) as what:
            return approval_lines.line(what, launch, event, to)
        case Happening.REQUESTED:
            return f":memo: {who} asked for this launch{_again(event)}."
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
            return f":mag: I looked twice and found no run of it in Orchestrator.{_to_settle(launch, event)}"
        case Happening.AMBIGUOUS:
            said = escape(short(event.note)) or "Several runs in Orchestrator could be this one."
            return f":mag: {said} {settlers(launch)} has to settle it on the card."
        case Happening.FOUND:
            return f":mag: It did start, as run `{escape(launch.execution_id or '')}`. I follow it."
        case Happening.SETTLED:
            return f":point_right: {who} looked and says: {escape(event.note)}."
        case (
            Happening.WAITING
            | Happening.RESUMED
            | Happening.ANSWERED
            | Happening.RESUME_ASKED
            | Happening.CANCEL_ASKED
        ) as what:
            return _meanwhile(what, who, launch, event)
        case Happening.SUCCEEDED | Happening.FAILED | Happening.CANCELLED | Happening.LOST as what:
            return _end(what, launch, note)


def _again(event: Event) -> str:
    """Of a launch that repeats another: which one, so that both stories can be read together."""
    before = str(event.detail.get("again_of", ""))
    return f", again after `{escape(before[:8])}`" if before else ""


def _meanwhile(what: _Meanwhile, who: str, launch: Launch, event: Event) -> str:
    match what:
        case Happening.WAITING:
            return question.line(launch)
        case Happening.ANSWERED:
            asked = inline(str(event.detail.get("question", "")))
            name = f" “{asked}”" if asked else ""
            return f":speech_balloon: {who} answered{name}. The run goes on."
        case Happening.RESUME_ASKED:
            return f":arrow_forward: {who} resumed it. The failed step runs again."
        case Happening.RESUMED:
            return ":arrow_forward: The run goes on."
        case Happening.CANCEL_ASKED:
            return f":octagonal_sign: {who} asked to stop it. I tell you when it has stopped."


def _end(what: _End, launch: Launch, note: str) -> str:
    match what:
        case Happening.SUCCEEDED:
            told = f"{_business_state(launch)}{_unread(launch, 'What it gave back')}"
            return f":white_check_mark: *Succeeded*{how_long(launch)}.{told}"
        case Happening.FAILED:
            return f":x: *Failed*{how_long(launch)}{_at_step(launch)}.{_detail(launch)}"
        case Happening.CANCELLED:
            return f":octagonal_sign: *Cancelled*{how_long(launch)}. What it did before stays done."
        case Happening.LOST:
            return (
                f":grey_question: The outcome is not known{note} It may have ended either way: "
                "please look in Orchestrator."
            )


def _at_step(launch: Launch) -> str:
    step = launch.outcome.step if launch.outcome else ""
    return f" at the step “{inline(step)}”" if step else ""


def _to_settle(launch: Launch, event: Event) -> str:
    note = f" {escape(short(event.note))}" if event.note else ""
    return note if event.detail.get("again") else f"{note} {settlers(launch)} has to settle it on the card."


def _business_state(launch: Launch) -> str:
    state = launch.outcome.business_state if launch.outcome else ""
    return f" {escape(short(state))}" if state else ""


def _unread(launch: Launch, what: str) -> str:
    why = launch.outcome.unread if launch.outcome else ""
    return f" {what} could not be read: {escape(short(why))} Please look in Orchestrator." if why else ""


def _detail(launch: Launch) -> str:
    detail = launch.outcome.detail if launch.outcome else ""
    if not detail and launch.outcome and launch.outcome.unread:
        return _unread(launch, "Its error")
    return f"\n>{quoted(detail)}" if detail else " Orchestrator gave no reason; its log may say more."
