"""What a channel reads of a launch: its card, kept current, and the lines of its thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.launch import Happening, State
from bot.slack import blocks
from bot.slack.mrkdwn import cut_with_size, duration, escape, inline, mention, moment, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.execution import Argument
    from bot.domain.launch import Event, Launch
    from bot.slack.blocks import Block

_VALUES = 6000  # characters of values a card shows; the rest is behind a button
_ONE_VALUE = 1000
_LINE = 600  # characters of a reason or cause within a line
_OUTPUT = 1500
_OUTPUTS = 9000


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message: blocks to look at, and text that alone makes sense."""

    text: str
    blocks: list[Block]


def status_words(state: State) -> str:
    """A state as people read it."""
    match state:
        case State.AWAITING_APPROVAL:
            return ":raised_hand: Waiting for approval"
        case State.APPROVED:
            return ":hourglass_flowing_sand: About to start"
        case State.STARTING:
            return ":hourglass_flowing_sand: Starting"
        case State.UNCERTAIN:
            return ":grey_question: Not known whether it started"
        case State.RUNNING:
            return ":arrow_forward: Running"
        case State.WAITING:
            return ":speech_balloon: Waiting for an answer in Orchestrator"
        case State.SUCCEEDED:
            return ":white_check_mark: Succeeded"
        case State.FAILED:
            return ":x: Failed"
        case State.CANCELLED:
            return ":octagonal_sign: Cancelled"
        case State.LOST:
            return ":grey_question: Outcome not known"
        case State.REJECTED:
            return ":no_entry: Rejected"
        case State.EXPIRED:
            return ":hourglass: Expired"
        case State.WITHDRAWN:
            return ":leftwards_arrow_with_hook: Withdrawn"


def short_id(launch: Launch) -> str:
    """Enough of the id to name a launch in a command."""
    return launch.id[:8]


# the card


def card(launch: Launch, *, link: str | None) -> Message:
    """The launch as it stands."""
    name = launch.workflow.name
    words = status_words(launch.state)
    made = [blocks.header(name), blocks.fields(*_facts(launch))]
    made += _values(launch.arguments)
    made += _decision(launch)
    made += _search(launch)
    buttons = _buttons(launch, link)
    if buttons:
        made.append(blocks.actions(buttons, block_id="launch"))
    made.append(blocks.context(_ids(launch)))
    plain_words = words.split(" ", 1)[1]
    return Message(
        text=f"{plain_words}: {inline(name)}, asked for by {mention(launch.requester)}", blocks=made
    )


def moved(message: Message, *, channel_id: str) -> Message:
    """The card with word of why it is not where it should be."""
    why = blocks.section(
        f":warning: I could not post in <#{channel_id}>, so I tell you here. Invite me for the next one."
    )
    return Message(text=message.text, blocks=[why, *message.blocks][:50])


def _facts(launch: Launch) -> list[str]:
    workflow = launch.workflow
    version = f"\nversion {escape(workflow.version)}" if workflow.version else ""
    facts = [
        f"*State*\n{status_words(launch.state)}{_how_long(launch)}",
        f"*Asked for by*\n{mention(launch.requester)} {moment(launch.requested_at)}",
        f"*Workflow*\n{escape(workflow.folder) or 'Orchestrator'}{version}",
    ]
    if launch.cancel_asked_by is not None and not launch.state.is_end:
        facts.append(f"*Stop asked for by*\n{mention(launch.cancel_asked_by)}")
    return facts


def _how_long(launch: Launch) -> str:
    return f" after {duration(launch.took)}" if launch.state.is_end and launch.took is not None else ""


def _values(arguments: Sequence[Argument]) -> list[Block]:
    """What was asked for, to the letter; what is too long is behind a button."""
    if not arguments:
        return [blocks.context("No inputs.")]
    pairs: list[tuple[str, str]] = []
    left = _VALUES
    for argument in arguments[:40]:
        text = cut_with_size(shown(argument.value), min(_ONE_VALUE, max(left, 60)))
        left -= len(text) + len(argument.name)
        if left < 0:
            break
        pairs.append((argument.name, text))
    made = [blocks.preformatted(*pairs)]
    if len(pairs) < len(arguments):
        made.append(blocks.context(f"… and {len(arguments) - len(pairs)} more; see all values."))
    return made


def _decision(launch: Launch) -> list[Block]:
    if launch.decision is not None:
        word = "Approved" if launch.decision.approved else "Rejected"
        line = f"*{word}* by {mention(launch.decision.by)} {moment(launch.decision.at)}"
        reason = f"\n>{_quoted(launch.decision.reason)}" if launch.decision.reason else ""
        return [blocks.section(line + reason)]
    if launch.approval is not None and launch.state is State.AWAITING_APPROVAL:
        until = moment(launch.approval.expires_at)
        return [blocks.section(f"*Needs approval* by {_approvers(launch)} until {until}.")]
    return []


def _approvers(launch: Launch) -> str:
    if launch.approval is None:
        return ""
    users = [f"<@{user}>" for user in sorted(launch.approval.users)]
    groups = [f"<!subteam^{group}>" for group in sorted(launch.approval.groups)]
    return " or ".join((*groups[:10], *users[:10])) or "nobody"


def _search(launch: Launch) -> list[Block]:
    if launch.state is not State.UNCERTAIN or launch.search is None:
        return []
    if not launch.search.needs_person:
        return [blocks.section("I am looking in Orchestrator before anything else happens.")]
    if launch.search.candidates:
        text = "Several runs in Orchestrator could be this one. Please look there and say which it is."
    else:
        text = "I found no run of it in Orchestrator. Please look there and say what is true."
    return [blocks.section(f"*Somebody has to settle this.* {text}")]


def _ids(launch: Launch) -> str:
    run = f" · run `{escape(launch.execution_id)}`" if launch.execution_id else ""
    return f"Launch `{short_id(launch)}`{run}"


def _buttons(launch: Launch, link: str | None) -> list[Block]:
    made = _deciding_buttons(launch)
    if (launch.arguments and any(len(shown(each.value)) > _ONE_VALUE for each in launch.arguments)) or sum(
        len(shown(each.value)) for each in launch.arguments
    ) > _VALUES - 500:
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


# the thread


def story(launch: Launch, events: Sequence[Event]) -> Message:
    """One message that tells what happened, a line each, in order."""
    lines = [line(launch, event) for event in events]
    made = [blocks.section("\n".join(lines))]
    if events and events[-1].what in {Happening.SUCCEEDED, Happening.FAILED, Happening.CANCELLED}:
        made += _outputs(launch)
    return Message(text="\n".join(lines)[:3000], blocks=made)


def line(launch: Launch, event: Event) -> str:
    """One event, in one sentence."""
    who = mention(event.by) if event.by else "Somebody"
    note = f": {escape(_short(event.note))}" if event.note else "."
    match event.what:
        case Happening.REQUESTED:
            return f":memo: {who} asked for this launch."
        case Happening.APPROVED:
            return f":thumbsup: {who} approved it."
        case Happening.REJECTED:
            return f":no_entry: {who} rejected it. Nothing was started.\n>{_quoted(event.note)}"
        case Happening.EXPIRED:
            return ":hourglass: Nobody approved it in time. Nothing was started. Ask again if still needed."
        case Happening.WITHDRAWN:
            return f":leftwards_arrow_with_hook: {who} withdrew it. Nothing was started."
        case Happening.HELD_UP:
            return f":hourglass_flowing_sand: {escape(_short(event.note))} I keep trying; nothing runs yet."
        case Happening.STARTED:
            return f":arrow_forward: Started as run `{escape(launch.execution_id or '')}`."
        case Happening.UNCERTAIN:
            return (
                f":grey_question: {escape(_short(event.note))} I look in Orchestrator whether it started; "
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
            return f":white_check_mark: *Succeeded*{_how_long(launch)}.{_business_state(launch)}"
        case Happening.FAILED:
            return f":x: *Failed*{_how_long(launch)}.{_detail(launch)}"
        case Happening.CANCELLED:
            return f":octagonal_sign: *Cancelled*{_how_long(launch)}. What it did before stays done."
        case Happening.LOST:
            return (
                f":grey_question: The outcome is not known{note} It may have ended either way: "
                "please look in Orchestrator."
            )


def _or_card(event: Event) -> str:
    return f". {escape(_short(event.note))}" if event.note else "; somebody has to settle it on the card."


def _short(text: str) -> str:
    return " ".join(cut_with_size(text, _LINE).split())


def _quoted(text: str) -> str:
    return escape(cut_with_size(text, 1000)).replace("\n", "\n>")


def _business_state(launch: Launch) -> str:
    state = launch.outcome.business_state if launch.outcome else ""
    return f" {escape(_short(state))}" if state else ""


def _detail(launch: Launch) -> str:
    detail = launch.outcome.detail if launch.outcome else ""
    return f"\n>{_quoted(detail)}" if detail else " Orchestrator gave no reason; its log may say more."


def _outputs(launch: Launch) -> list[Block]:
    """What the run gave back; long texts cut with a mark that says so."""
    outputs = launch.outcome.outputs if launch.outcome else ()
    pairs: list[tuple[str, str]] = []
    left = _OUTPUTS
    for output in outputs[:30]:
        text = cut_with_size(shown(output.value), min(_OUTPUT, max(left, 60)))
        left -= len(text) + len(output.name)
        if left < 0:
            break
        pairs.append((output.name, text))
    if not pairs:
        return []
    made = [blocks.preformatted(*pairs)]
    if len(pairs) < len(outputs):
        made.append(blocks.context(f"… and {len(outputs) - len(pairs)} more outputs, not shown here."))
    return made
