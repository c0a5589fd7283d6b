"""Words that cards, threads, modals and lists share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.launch import HoldKind, Launch, State
from bot.domain.masking import MASK
from bot.domain.policy import Risk
from bot.slack.cards.naming import Addressees
from bot.slack.mrkdwn import cut_with_size, duration, escape, inline, mention, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.approval import Approval, Vote
    from bot.domain.launch import Hold
    from bot.domain.policy import Group
    from bot.slack.blocks import Block

NOBODY_ELSE = Addressees()  # everybody is mentioned here
_LINE = 600  # characters of a reason or cause within a line
_PRESETS = 5  # whose values somebody took, of those whose values they had taken
_NAMED = 10  # people or groups a message names
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message: blocks to look at, and text that alone makes sense."""

    text: str
    blocks: list[Block]


def status_words(launch: Launch) -> str:
    """Where a launch stands, as people read it."""
    match launch.state:
        case State.AWAITING_APPROVAL:
            return ":raised_hand: Waiting for approval"
        case State.APPROVED:
            waits = ":hourglass_flowing_sand: Waiting for Orchestrator"
            return waits if is_held_up(launch) else _not_started(launch.hold)
        case State.STARTING:
            return ":hourglass_flowing_sand: Starting"
        case State.UNCERTAIN:
            return ":grey_question: Not known whether it started"
        case State.RUNNING | State.WAITING:
            return _under_way(launch)
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


def is_held_up(launch: Launch) -> bool:
    """Whether nothing but Orchestrator keeps it from starting."""
    return launch.state is State.APPROVED and launch.is_held_up and launch.hold is None


def _under_way(launch: Launch) -> str:
    """What the latest look saw of the run; “Running” only of what was seen running lately."""
    if launch.unseen_since is not None:
        return f":grey_question: Not seen since {moment(launch.unseen_since)}: Orchestrator does not tell"
    if launch.is_paused:
        return ":double_vertical_bar: Paused by somebody in Orchestrator"
    if launch.state is State.WAITING and launch.question is not None and launch.question.can_resume:
        return ":x: Failed, can be resumed"
    if launch.state is State.WAITING:
        return ":speech_balloon: Waiting for an answer"
    return ":arrow_forward: Running"


def _not_started(hold: Hold | None) -> str:
    if hold is None:
        return ":hourglass_flowing_sand: About to start"
    match hold.kind:
        case HoldKind.LATER:
            return ":alarm_clock: Starts later"
        case HoldKind.FREEZE:
            return ":snowflake: Waiting for the end of a freeze"
        case HoldKind.PAUSED:
            return ":double_vertical_bar: Paused"
        case HoldKind.LOCK | HoldKind.FULL:
            return f":hourglass_flowing_sand: Queued, {in_line(hold.place)}"


def in_line(place: int) -> str:
    """`second in line`."""
    ordinal = _ORDINALS[place - 1] if 0 < place <= len(_ORDINALS) else f"number {place}"
    return f"{ordinal} in line"


def starts(launch: Launch) -> str:
    """When a launch that has not started would, as far as that is known; empty if as soon as it may."""
    if launch.break_glass or launch.state not in {State.AWAITING_APPROVAL, State.APPROVED}:
        return ""
    wished, foreseen = launch.start_at, launch.foreseen
    if foreseen is None or foreseen.until is None:
        return moment(wished) if wished else ""
    freeze = f"freeze “{inline(foreseen.why)}”"
    if wished is None:
        return f"would start {moment(foreseen.until)}, after the {freeze}"
    inside = f"wished for {moment(wished)}, inside the {freeze}"
    return f"{inside}: would start {moment(foreseen.until)}"


def held(hold: Hold, foreseen: Hold | None = None) -> str:
    """What an approved launch waits for, in a sentence; `foreseen`: the freeze it would wait for then."""
    until = moment(hold.until) if hold.until else "it ends"
    match hold.kind:
        case HoldKind.LATER if foreseen is not None and foreseen.until is not None:
            then = f"for the end of the freeze “{inline(foreseen.why)}”"
            return f"It waits until {until}, as asked, then {then}: it would start {moment(foreseen.until)}."
        case HoldKind.LATER:
            return f"It starts {until}, as asked. What policy and approvers allow is checked again then."
        case HoldKind.FREEZE:
            return f"Nothing starts during the freeze “{inline(hold.why)}”. It waits until {until}."
        case HoldKind.LOCK:
            on = "this value, which the policy hides" if hold.why == MASK else inline(hold.why)
            what = f"only one run at a time may work on {on}"
            return f"Queued, {in_line(hold.place)}{_behind(hold)}: {what}."
        case HoldKind.FULL:
            what = "as many runs are open as the policy allows"
            return f"Queued, {in_line(hold.place)}{_behind(hold)}: {what}."
        case HoldKind.PAUSED:
            by = f" by {mention(hold.behind_of)}" if hold.behind_of else ""
            return f"Paused{by}: {inline(hold.why)}. It is not started until somebody resumes it."


def _behind(hold: Hold) -> str:
    """`, behind @Ben's launch 1a2b3c4d`."""
    if not hold.behind:
        return ""
    whose = f"{mention(hold.behind_of)}'s launch" if hold.behind_of else "launch"
    return f", behind {whose} `{hold.behind[:8]}`"


def what_was_asked(launch: Launch) -> list[str]:
    """Who asked for which workflow, as facts of two lines."""
    workflow = launch.workflow
    version = f"\nversion {escape(workflow.version)}" if workflow.version else ""
    return [
        f"*Asked for by*\n{mention(launch.requester)} {moment(launch.requested_at)}",
        f"*Workflow*\n{escape(workflow.folder) or 'Orchestrator'}{version}",
    ]


def filled_in_with(launch: Launch) -> list[str]:
    """Whose presets or launches its values came from, as a fact; none where they are the requester's own."""
    found = [
        f"{mention(each.person)}'s {f'preset “{inline(each.preset)}”' if each.preset else 'launch'}"
        for each in launch.editors[:_PRESETS]
    ]
    return ["\n".join(("*Filled in with*", *found))] if found else []


def risk_of(launch: Launch) -> list[str]:
    """The risk as a fact of two lines; none where the policy does not say."""
    return [f"*Risk*\n{risk_words(launch.risk)}"] if launch.risk is not None else []


def risk_words(risk: Risk) -> str:
    """How much harm a run can do."""
    match risk:
        case Risk.READ_ONLY:
            return ":large_green_circle: Changes nothing"
        case Risk.CHANGE:
            return ":large_yellow_circle: Changes something"
        case Risk.DESTRUCTIVE:
            return ":red_circle: Can destroy something"


def approvers(group: Group, launch: Launch, to: Addressees = NOBODY_ELSE) -> str:
    """Everybody in a group, mentioned once; not whom the launch itself keeps from deciding."""
    if group.everyone:
        return "any other full member"
    users = [_named(to, user, f"<@{user}>") for user in sorted(group.users - launch.excluded)]
    groups = [_named(to, each, f"<!subteam^{each}>") for each in sorted(group.groups)]
    domains = [f"anybody at {escape(domain)}" for domain in sorted(group.domains)]
    return either([*groups, *users, *domains])


def reviewers(launch: Launch, to: Addressees) -> str:
    """Who may review a launch that broke the glass."""
    if to.reviewers is None:
        return f"somebody other than {mention(launch.requester)}"
    return approvers(to.reviewers, launch, to)


def settlers(launch: Launch) -> str:
    """Who may say what became of a start that was never answered."""
    return f"{mention(launch.requester)}, or somebody else who may run or approve this,"


def _named(to: Addressees, identity: str, mentioned: str) -> str:
    name = to.names.get(identity)
    return mentioned if name is None else inline(name)


def either(names: Iterable[str]) -> str:
    """`a, b or c`, with a mark where there are too many."""
    found = list(names)
    named, more = found[:_NAMED], len(found) - _NAMED
    last = f"{more} more" if more > 0 else named.pop() if named else "nobody"
    return f"{', '.join(named)} or {last}" if named else last


def progress(approval: Approval, number: int) -> str:
    """`1 of 2 approvals, stage 1 of 2`."""
    stage = approval.stages[number]
    within = f", stage {number + 1} of {len(approval.stages)}" if len(approval.stages) > 1 else ""
    return f"{len(stage.membership)} of {counted(stage.rule.count, 'approval')}{within}"


def counted(count: int, what: str) -> str:
    """`1 approval`, `2 approvals`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def voted(vote: Vote) -> str:
    """Who decided what, when and in whose name, and what they said."""
    word = "Approved" if vote.approved else "Rejected"
    name = f" for {mention(vote.stands_in_for)}" if vote.stands_in_for else ""
    said = f"\n>{quoted(vote.comment)}" if vote.comment else ""
    return f"*{word}* by {mention(vote.by)}{name} {moment(vote.at)}{said}"


def short_id(launch: Launch) -> str:
    """Enough of the id to name a launch in a command."""
    return launch.id[:8]


def how_long(launch: Launch) -> str:
    """How long the run took, where it is over and known."""
    return f" after {duration(launch.took)}" if launch.state.is_end and launch.took is not None else ""


def short(text: str) -> str:
    """A reason or cause on one line of plain text."""
    return " ".join(cut_with_size(text, _LINE).split())


def quoted(text: str) -> str:
    """A text of several lines within a quotation of mrkdwn."""
    return escape(cut_with_size(text, 1000)).replace("\n", "\n>")
