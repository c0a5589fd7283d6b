"""The buttons of a card, for the state its launch is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.digest import short
from bot.domain.launch import State
from bot.domain.policy import Risk
from bot.domain.policy.rule import ConfirmBy
from bot.slack import blocks
from bot.slack.cards.boxes import is_cut
from bot.slack.cards.question import question_buttons
from bot.slack.mrkdwn import cut

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.slack.blocks import Block

# action ids
APPROVE, REJECT, REVIEW, REVIEWED = "approve", "reject", "review", "reviewed"
WITHDRAW, CANCEL, SHOW_VALUES = "withdraw", "cancel", "show_values"
SETTLE_STARTED = ("settle_started", *(f"settle_started_{number}" for number in range(1, 5)))  # one per run
SETTLE_AGAIN, SETTLE_GIVE_UP = "settle_again", "settle_give_up"
RUN_AGAIN, EDIT_AGAIN = "run_again", "edit_again"
SHOW_OUTPUTS, SHOW_LOG = "show_outputs", "show_log"


def buttons_at_home(launch: Launch, link: str | None) -> list[Block]:
    """What may be pressed now where the launch was asked for; who may is asked when it is."""
    made = _moving_buttons(launch)
    if is_cut(launch):
        made.append(blocks.button("Show all values", action=SHOW_VALUES, value=launch.id))
    made += detail_buttons(launch)
    if link and _may_have_to_look(launch):
        made.append(blocks.link_button("Open in Orchestrator", link))
    return made


def buttons_for_approvers(launch: Launch) -> list[Block]:
    """What approvers and reviewers may press now."""
    if launch.wants_review:
        return [_button(launch, "Reviewed", action=REVIEWED, style="primary")]
    match launch.state:
        case State.AWAITING_APPROVAL:
            return [
                *_approve_button(launch),
                _button(launch, "Reject", action=REJECT, style="danger"),
                _button(launch, "Review", action=REVIEW),
            ]
        case State.APPROVED if launch.approval is not None and launch.hold is not None:
            return [_button(launch, "Review", action=REVIEW)]
        case _:
            return []


def _may_have_to_look(launch: Launch) -> bool:
    """Whether somebody may want to see the run in Orchestrator: it goes on, or did not end well."""
    return not launch.state.is_end or launch.state in {State.FAILED, State.CANCELLED, State.LOST}


def detail_buttons(launch: Launch) -> list[Block]:
    """To see all of what a run gave back, and its log where the policy shows it."""
    made, name = [], launch.workflow.name
    if launch.outcome is not None and launch.outcome.outputs:
        made.append(blocks.button("Show all outputs", action=SHOW_OUTPUTS, value=launch.id, names=name))
    if launch.execution_id is not None and launch.log != "off":
        made.append(blocks.button("Show log", action=SHOW_LOG, value=launch.id, names=name))
    return made


def rerun_buttons(launch: Launch) -> list[Block]:
    """To ask for the same once more, as it was or changed; what never ran is asked for, not run, again."""
    name = launch.workflow.name
    ran = launch.started_at is not None
    again, edit = ("Run again", "Edit and run again") if ran else ("Ask again", "Edit and ask again")
    return [
        blocks.button(again, action=RUN_AGAIN, value=launch.id, names=name),
        blocks.button(edit, action=EDIT_AGAIN, value=launch.id, names=name),
    ]


def review_button(launch: Launch) -> Block:
    """To look at every value, and decide there."""
    return _button(launch, "Review", action=REVIEW)


def _approve_button(launch: Launch) -> list[Block]:
    """Approving by one click, where the policy allows that; what can destroy something is asked twice."""
    stage = launch.approval.stage if launch.approval else None
    if stage is not None and stage.rule.confirmation is not ConfirmBy.CLICK:
        return []
    if launch.risk is not Risk.DESTRUCTIVE:
        return [_button(launch, "Approve", action=APPROVE, style="primary")]
    text = f"“{cut(launch.workflow.name, 150)}” can destroy something. Did you look at all its values?"
    return [
        _button(
            launch, "Approve", action=APPROVE, style="primary", confirm=("Approve this?", text, "Approve")
        )
    ]


def _moving_buttons(launch: Launch) -> list[Block]:
    again = rerun_buttons(launch) if launch.state.is_end else []
    return [*buttons_for_approvers(launch), *buttons_for_requester(launch), *again]


def buttons_for_requester(launch: Launch) -> list[Block]:
    """To take it back or stop it, and what else moves it on; who else may is asked when it is pressed."""
    match launch.state:
        case State.AWAITING_APPROVAL | State.APPROVED:
            return [_stop_button(launch, "Withdraw", action=WITHDRAW)]
        case State.UNCERTAIN if launch.search is not None and launch.search.needs_person:
            return _settling_buttons(launch)
        case State.RUNNING | State.WAITING if launch.cancel_asked_by is None:
            return [*question_buttons(launch), _stop_button(launch, "Cancel run", action=CANCEL)]
        case _:
            return []


def _button(
    launch: Launch,
    face: str,
    *,
    action: str,
    style: str | None = None,
    confirm: tuple[str, str, str] | None = None,
) -> Block:
    """A button that names the launch, and what of it was seen."""
    value = f"{launch.id} {short(launch.digest)}".rstrip()
    return blocks.button(
        face, action=action, value=value, style=style, confirm=confirm, names=launch.workflow.name
    )


def _stop_button(launch: Launch, face: str, *, action: str) -> Block:
    name = launch.workflow.name
    if action == WITHDRAW:
        confirm = ("Withdraw this request?", f"“{name}” will not be started.", "Withdraw")
        return blocks.button(face, action=action, value=launch.id, confirm=confirm, names=name)
    text = f"“{name}” is asked to stop. What it already did stays done."
    confirm = ("Cancel this run?", text, "Cancel run")
    return blocks.button(face, action=action, value=launch.id, style="danger", confirm=confirm, names=name)


def _settling_buttons(launch: Launch) -> list[Block]:
    found = launch.search.candidates if launch.search else ()
    started = [
        blocks.button(f"It did start: {each[:8]}", action=action, value=f"{launch.id} {each}")
        for action, each in zip(SETTLE_STARTED, found, strict=False)
    ]
    if launch.cancel_asked_by is not None:  # then nothing is to be started any more
        again = blocks.button("It did not start", action=SETTLE_AGAIN, value=launch.id)
        return [*started, again, _give_up(launch)]
    again = blocks.button(
        "It did not: start again",
        action=SETTLE_AGAIN,
        value=launch.id,
        confirm=(
            "Start it again?",
            f"If “{launch.workflow.name}” did start after all, it will run twice.",
            "Start again",
        ),
    )
    return [*started, again, _give_up(launch)]


def _give_up(launch: Launch) -> Block:
    return blocks.button(
        "Give up",
        action=SETTLE_GIVE_UP,
        value=launch.id,
        confirm=("Give up?", "The launch ends as “outcome not known”. Nothing else is started.", "Give up"),
    )
