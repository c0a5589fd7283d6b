"""The lines of a thread from the request to the start: votes, reminders, holds; and the review afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from bot.domain.launch import Happening, Hold, HoldKind
from bot.slack.cards.words import approvers, counted, held, quoted, reviewers, short
from bot.slack.mrkdwn import escape, inline, mention, moment

if TYPE_CHECKING:
    from bot.domain.launch import Event, Launch
    from bot.slack.cards.naming import Addressees

Asking = Literal[
    Happening.BREAK_GLASS,
    Happening.VOTED,
    Happening.STAGE_OPENED,
    Happening.VOTE_WITHDRAWN,
    Happening.REMINDED,
    Happening.ESCALATED,
    Happening.ASKED_ANEW,
    Happening.TOO_FEW,
    Happening.APPROVED,
    Happening.REJECTED,
    Happening.EXPIRED,
    Happening.WITHDRAWN,
    Happening.HELD,
    Happening.REVIEW_ASKED,
    Happening.REVIEWED,
]


def line(what: Asking, launch: Launch, event: Event, to: Addressees) -> str:
    """One event, in a sentence or two."""
    who = mention(event.by) if event.by else "Somebody"
    match what:
        case Happening.BREAK_GLASS:
            return (
                f":rotating_light: *Break-glass.* {who} starts this without approval and in spite of "
                f"freezes, because:{_said(event)}"
            )
        case Happening.VOTED:
            return f":thumbsup: {who} approved it{_for(event)}: {_progress(event)}.{_said(event)}"
        case Happening.STAGE_OPENED:
            return f":raised_hand: Now it needs {_asked(launch, event, to)}."
        case Happening.VOTE_WITHDRAWN:
            return f":leftwards_arrow_with_hook: {who} took their approval back: {_progress(event)}."
        case Happening.REMINDED:
            return f":bell: Reminder: this still needs {_asked(launch, event, to)}."
        case Happening.ESCALATED:
            return f":bell: Not decided yet, so more people may: it needs {_asked(launch, event, to)}."
        case Happening.ASKED_ANEW:
            return f":warning: {escape(short(event.note))} Nothing was started. {_void(event)}"
        case Happening.TOO_FEW:
            return f":warning: {_too_few(launch, event)}"
        case Happening.APPROVED:
            return f":thumbsup: {who} approved it{_for(event)}{_last(event)}.{_said(event)}"
        case Happening.REJECTED:
            return f":no_entry: {who} rejected it{_for(event)}. Nothing was started.{_said(event)}"
        case Happening.EXPIRED:
            return ":hourglass: Nobody approved it in time. Nothing was started. Ask again if still needed."
        case Happening.WITHDRAWN:
            return f":leftwards_arrow_with_hook: {who} withdrew it. Nothing was started."
        case Happening.HELD:
            return f":hourglass_flowing_sand: {held(_hold(launch, event), launch.foreseen)}"
        case Happening.REVIEW_ASKED:
            who = reviewers(launch, to)
            return f":mag: It ran on a break-glass. {who} has to review it, with the button on the card."
        case Happening.REVIEWED:
            return f":mag: {who} reviewed it.{_said(event)}"


def _said(event: Event) -> str:
    return f"\n>{quoted(event.note)}" if event.note else ""


def _for(event: Event) -> str:
    other = event.detail.get("stands_in_for")
    return f" for <@{other}>, who is away" if other else ""


def _progress(event: Event) -> str:
    """How far a stage was then."""
    detail = event.detail
    within = f", stage {detail['stage']} of {detail['stages']}" if detail.get("stages", 1) > 1 else ""
    return f"{detail.get('have', 0)} of {counted(detail.get('need', 1), 'approval')}{within}"


def _last(event: Event) -> str:
    """Of a request that needed more than one approval: that this was all."""
    several = event.detail.get("need", 1) > 1 or event.detail.get("stages", 1) > 1
    return f": {_progress(event)}" if several else ""


def _too_few(launch: Launch, event: Event) -> str:
    """That it cannot be approved as things are, and what can be done."""
    left, need = event.detail.get("left", 0), event.detail.get("need", 1) - event.detail.get("have", 0)
    if left:
        who = f"Only {left} of those who may approve this {'is' if left == 1 else 'are'} left, and it needs"
        said = f"{who} {counted(need, 'more approval')}."
    else:
        said = "Nobody is left who may approve this."
    return (
        f"{said} It stays open in case that changes; {mention(launch.requester)} can withdraw it. "
        f"Who may approve is in the policy's rule “{inline(launch.rule)}”."
    )


def _asked(launch: Launch, event: Event, to: Addressees) -> str:
    """What is missing, of whom, and until when: as the stage is now."""
    detail, approval = event.detail, launch.approval
    need = detail.get("need", 1) - detail.get("have", 0)
    more = counted(need, "more approval") if detail.get("have") else counted(need, "approval")
    within = f" in stage {detail['stage']} of {detail['stages']}" if detail.get("stages", 1) > 1 else ""
    number = detail.get("stage", 1) - 1
    if approval is None or number >= len(approval.stages):
        return f"{more}{within}"
    stage = approval.stages[number]
    until = f", until {moment(stage.expires_at)}" if stage.expires_at else ""
    return f"{more}{within}, by {approvers(stage.voters, launch, to)}{until}"


def _void(event: Event) -> str:
    void = event.detail.get("void", 0)
    if not void:
        return "It needs approval anew."
    if "need" in event.detail:  # the others still count
        gone = "That approval no longer counts" if void == 1 else "Those approvals no longer count"
        return f"{gone}: it has {_progress(event)}."
    gone = "The approval given so far" if void == 1 else "The approvals given so far"
    return f"{gone} no longer count{'s' if void == 1 else ''}: it needs approval anew."


def _hold(launch: Launch, event: Event) -> Hold:
    """The hold that was told, which may be over by now."""
    detail: dict[str, Any] = dict(event.detail)
    until = datetime.fromisoformat(detail["until"]) if "until" in detail else None
    behind = detail.get("behind", "")
    now = launch.hold
    return Hold(
        kind=HoldKind(detail["kind"]),
        since=event.at,
        until=until,
        why=detail.get("why", ""),
        place=detail.get("place", 0),
        behind=behind,
        behind_of=now.behind_of if now and now.behind == behind else None,
    )
