"""The modals of those who decide: a request reviewed or rejected, a break-glass reviewed afterwards."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from bot.domain.digest import short
from bot.domain.policy.rule import ConfirmBy
from bot.domain.seal import Unsealed, seal_of
from bot.domain.values import is_secret
from bot.slack import blocks
from bot.slack.cards.naming import called
from bot.slack.cards.words import (
    approvers,
    filled_in_with,
    progress,
    quoted,
    risk_of,
    short_id,
    starts,
    voted,
    what_was_asked,
)
from bot.slack.forms.messages import MOST_BLOCKS, value_blocks
from bot.slack.mrkdwn import cut_with_size, escape, inline, mention, moment, shown

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.domain.values import Value
    from bot.service.launch_views import LaunchView
    from bot.slack.blocks import Block
    from bot.slack.payloads import Values

REVIEW_LAUNCH, LAUNCH_REVIEWED, REJECT_LAUNCH = (
    "review_launch",
    "launch_reviewed",
    "reject_launch",
)  # callback ids
WITHDRAW_VOTE = "withdraw_vote"  # action id
_DECISION, _COMMENT = "decision", "comment"
_REASON = "reason"
_CODE = "code"
_VOTES = 20
_COMPARED = 20  # values that differ, shown with what they were
_OLD = 400  # characters of one of them
_REST = 40  # blocks kept free for what is not a value
TAKEN_BACK = "Your approval no longer counts. The card shows what is missing now."


class Decision(Enum):
    """What can be chosen."""

    APPROVE = "approve"
    REJECT = "reject"


def review_view(found: LaunchView) -> Block:
    """All there is to know for a decision, and the decision itself if it is theirs who looks."""
    launch = found.launch
    made = [blocks.header(launch.workflow.name), blocks.fields(*_facts(launch))]
    if launch.break_glass:
        made.append(blocks.section(f":rotating_light: *Break-glass*\n>{quoted(launch.break_glass)}"))
    made += value_blocks(launch, hidden=found.hidden, most=MOST_BLOCKS - _REST)
    made += _sealed(launch)
    made += _differences(launch, found.before, hidden=found.hidden)
    made += _decisions(launch)
    if found.can_withdraw:
        made.append(blocks.actions([_withdraw(launch)], block_id="vote"))
    if found.cannot:
        made.append(blocks.context(escape(found.cannot)))
    else:
        made += [_decision_field(), _comment_field("Needed to reject. Everybody in the channel can read it.")]
        made += _code_field(launch)
    return blocks.modal(
        "Review a request",
        made,
        callback_id=REVIEW_LAUNCH,
        metadata=reference(launch),
        submit=None if found.cannot else "Send",
    )


def _facts(launch: Launch) -> list[str]:
    facts = [
        *what_was_asked(launch),
        f"*Asked by the rule*\n{inline(launch.rule)}",
        f"*Request*\n`{short(launch.digest)}` of launch `{short_id(launch)}`",
        *risk_of(launch),
        *filled_in_with(launch),
    ]
    facts += [f"*Starts*\n{when}, if approved" for when in (starts(launch),) if when]
    return facts


_UNSEALED = {
    Unsealed.DENIED: "which the bot's account may not read in Orchestrator",
    Unsealed.NOT_OFFERED: "which this Orchestrator does not tell",
    Unsealed.NOT_UNDERSTOOD: "which Orchestrator told in a way the bot does not understand",
    Unsealed.UNREAD: "which Orchestrator did not tell when this was asked for",
}


def _sealed(launch: Launch) -> list[Block]:
    """What an approval is bound to of the workflow itself, and what could not be sealed."""
    seal = seal_of(launch.seal)
    if seal is None:
        return [blocks.context("Sealed: the values and the workflow's version, nothing else of it.")]
    parts = {"its form": seal.form, "its content (scripts)": seal.content}
    whole = ["the values", "the workflow's name, version, inputs and outputs"]
    whole += [name for name, part in parts.items() if part.why is None]
    missing = [f"{name}, {_UNSEALED[part.why]}" for name, part in parts.items() if part.why is not None]
    said = f"Sealed: {', '.join(whole)}. If any of it changes before the start, it needs approval anew."
    return [blocks.context(f"{said} Not sealed: {'; '.join(missing)}." if missing else said)]


def _differences(launch: Launch, before: Launch | None, *, hidden: frozenset[str]) -> list[Block]:
    """What is not as it was the last time it went well."""
    who = mention(launch.requester)
    if before is None:
        return [
            blocks.context(
                f"{who} has no run of this workflow that went well yet, so there is nothing to compare."
            )
        ]
    was = {argument.name: argument.value for argument in before.arguments}
    last = f"{who}'s last run that went well, {moment(before.requested_at)}"
    changed = [each for each in launch.arguments if each.name not in was or was[each.name] != each.value]
    if not changed:
        return [blocks.context(f"The same values as in {last}.")]
    names = called(launch)
    pairs = [
        (names[each.name], _old(was[each.name]) if each.name in was else "(not given)")
        for each in changed[:_COMPARED]
        if each.name not in hidden and not is_secret(each.value)
    ]
    covered = [names[each.name] for each in changed if each.name in hidden or is_secret(each.value)]
    made = [blocks.section(f"*Differs from* {last}. Then it was:")]
    made += [blocks.values(*pairs)] if pairs else []
    if covered:
        undelivered = ", ".join(inline(name) for name in covered[:_COMPARED])
        made.append(blocks.context(f"Not shown, but not the same: {undelivered}."))
    return made


def _old(value: Value) -> str:
    return cut_with_size(shown(value), _OLD)


def _decisions(launch: Launch) -> list[Block]:
    """Who decided so far, and what is missing."""
    approval = launch.approval
    if approval is None:
        return []
    made = [blocks.section(voted(vote)) for vote in approval.votes[:_VOTES]]
    if approval.rejection is not None:
        made.append(blocks.section(voted(approval.rejection)))
    if approval.stage is not None and approval.number is not None:
        until = f" until {moment(approval.stage.expires_at)}" if approval.stage.expires_at else ""
        so_far, who = progress(approval, approval.number), approvers(approval.stage.voters, launch)
        made.append(blocks.section(f"*So far {so_far}*, by {who}{until}."))
    return made


def _withdraw(launch: Launch) -> Block:
    text = "Unless somebody else approves it instead, this launch will not start."
    return blocks.button(
        "Take my approval back",
        action=WITHDRAW_VOTE,
        value=launch.id,
        confirm=("Take it back?", text, "Take back"),
    )


def _decision_field() -> Block:
    choices = {
        "type": "radio_buttons",
        "action_id": _DECISION,
        "options": [
            blocks.option("Approve", Decision.APPROVE.value),
            blocks.option("Reject", Decision.REJECT.value),
        ],
    }
    return blocks.field(_DECISION, label="Your decision", element=choices)


def _comment_field(hint: str) -> Block:
    comment = {"type": "plain_text_input", "action_id": _COMMENT, "multiline": True, "max_length": 1000}
    return blocks.field(_COMMENT, label="Comment", element=comment, hint=hint, optional=True)


def _code_field(launch: Launch) -> list[Block]:
    stage = launch.approval.stage if launch.approval else None
    if stage is None or stage.rule.confirmation is not ConfirmBy.CODE:
        return []
    code = {"type": "plain_text_input", "action_id": _CODE, "max_length": 10}
    hint = "Needed to approve: the six digits of your authenticator. Each counts once."
    return [blocks.field(_CODE, label="One-time code", element=code, hint=hint, optional=True)]


def asks_code(values: Values) -> bool:
    """Whether the window has a field for a one-time code."""
    return _CODE in values


def read_code(values: Values) -> str:
    """The digits that were typed, however they were grouped."""
    typed = values.get(_CODE, {}).get(_CODE, {}).get("value") or ""
    return "".join(str(typed).split())


def no_code() -> dict[str, str]:
    """What to say at the field if somebody approves without a code."""
    return {_CODE: "Give the six digits that your authenticator shows now."}


def read_decision(values: Values) -> tuple[Decision, str]:
    """What was chosen, and the comment."""
    chosen = values[_DECISION][_DECISION]["selected_option"]["value"]
    return Decision(chosen), read_comment(values)


def read_comment(values: Values) -> str:
    """The comment, empty if there is none."""
    return str(values[_COMMENT][_COMMENT].get("value") or "").strip()


def no_reason() -> dict[str, str]:
    """What to say at the field if somebody rejects without a word."""
    return {_COMMENT: "Say why: the requester reads it."}


def no_rejection_reason() -> dict[str, str]:
    """The same in the modal that only asks for it."""
    return {_REASON: "Say why: the requester reads it."}


def reference(launch: Launch) -> str:
    """The launch and what of it was seen, as a modal carries it."""
    return f"{launch.id} {short(launch.digest)}".rstrip()


def read_reference(metadata: str) -> tuple[str, str]:
    """The launch's id, and the digest of the request as it was seen."""
    launch_id, _, seen = metadata.partition(" ")
    return launch_id, seen


def reviewed_form(launch: Launch) -> Block:
    """Ask what a reviewer has to say about a broken glass."""
    what = f"{mention(launch.requester)} ran *{inline(launch.workflow.name)}* past what the policy asks for:"
    return blocks.modal(
        "Review a break-glass",
        [
            blocks.section(f"{what}\n>{quoted(launch.break_glass)}"),
            _comment_field("Everybody in the channel can read it."),
        ],
        callback_id=LAUNCH_REVIEWED,
        metadata=launch.id,
        submit="I have reviewed it",
        close="Back",
    )


def reject_form(launch: Launch) -> Block:
    """Ask for the reason of a rejection."""
    reason = {"type": "plain_text_input", "action_id": _REASON, "multiline": True, "max_length": 1000}
    return blocks.modal(
        "Reject this launch",
        [
            blocks.section(f"<@{launch.requester.user_id}> asked to run *{inline(launch.workflow.name)}*."),
            blocks.field(_REASON, label="Why not?", element=reason, hint="The requester reads this."),
        ],
        callback_id=REJECT_LAUNCH,
        metadata=reference(launch),
        submit="Reject",
        close="Back",
    )


def read_reason(values: Values) -> str:
    """The reason that was given."""
    return str(values[_REASON][_REASON].get("value") or "").strip()
