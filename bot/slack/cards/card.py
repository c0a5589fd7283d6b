"""The card of a launch: all of it as it stands, with the buttons for what may be done now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.digest import short as short_digest
from bot.domain.failure import plain_reason
from bot.domain.launch import State
from bot.slack import blocks
from bot.slack.cards.boxes import values
from bot.slack.cards.buttons import buttons_at_home, buttons_for_approvers
from bot.slack.cards.question import asked
from bot.slack.cards.words import (
    NOBODY_ELSE,
    Message,
    approvers,
    filled_in_with,
    held,
    how_long,
    is_held_up,
    progress,
    quoted,
    reviewers,
    risk_of,
    settlers,
    short,
    short_id,
    starts,
    status_words,
    voted,
    what_was_asked,
)
from bot.slack.mrkdwn import channel, cut, escape, inline, mention, moment

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.slack.blocks import Block
    from bot.slack.cards.naming import Addressees

_REASON = 600  # characters of why a run failed
_VOTES = 10  # a card shows; the rest is in the thread


def card(launch: Launch, *, link: str | None, to: Addressees = NOBODY_ELSE) -> Message:
    """The launch as it stands, where it was asked for; `link` leads to its workflow in Orchestrator."""
    return _card(launch, buttons=buttons_at_home(launch, link), to=to)


def copy(launch: Launch, *, home: str, asks: bool, to: Addressees = NOBODY_ELSE) -> Message:
    """The same for approvers elsewhere, who are asked here or were.

    `home` is the address of the card; empty while it is nowhere.
    """
    made = _card(launch, buttons=buttons_for_approvers(launch) if asks else [], to=to)
    where = "in direct messages" if launch.place.is_direct else f"in {channel(launch.place.channel_id)}"
    story = f" <{home}|Its thread> tells the story." if home else ""
    told = blocks.context(f"Asked for {where}.{story}")
    return Message(text=made.text, blocks=[*made.blocks, told])


def echo(launch: Launch, *, home: str) -> Message:
    """A line for the thread of the message it is about: who asked for what, where it stands, its card."""
    name = inline(launch.workflow.name)
    text = (
        f"{status_words(launch)}{how_long(launch)}: <{home}|{name}> about this, "
        f"asked for by {mention(launch.requester)}."
    )
    return Message(text=text, blocks=[blocks.section(text)])


def moved(message: Message, *, channel_id: str) -> Message:
    """The card with word of why it is not where it should be."""
    why = blocks.section(
        f":warning: I could not post in <#{channel_id}>, so I tell you here. Invite me for the next one."
    )
    return Message(text=message.text, blocks=[why, *message.blocks][:50])


def _card(launch: Launch, *, buttons: list[Block], to: Addressees) -> Message:
    name = launch.workflow.name
    made = [blocks.header(name), blocks.fields(*_facts(launch))]
    made += values(launch)
    made += [
        *_broken_glass(launch, to),
        *_approval(launch, to),
        *_hold(launch),
        *_search(launch),
        *_failure(launch),
    ]
    made += asked(launch)
    if buttons:
        made.append(blocks.actions(buttons, block_id="launch"))
    made.append(blocks.context(_ids(launch)))
    plain_words = status_words(launch).split(" ", 1)[1]
    whose = inline(to.requester) if to.requester else mention(launch.requester)
    return Message(text=f"{plain_words}: {inline(name)}, asked for by {whose}", blocks=made)


def _facts(launch: Launch) -> list[str]:
    facts = [f"*State*\n{status_words(launch)}{how_long(launch)}", *what_was_asked(launch)]
    facts += [*risk_of(launch), *filled_in_with(launch)]
    if launch.outcome is not None and launch.outcome.step:
        facts.append(f"*Failed at*\n{inline(launch.outcome.step)}")
    facts += [f"*Starts*\n{when}" for when in (starts(launch),) if when]
    if launch.withdrawn_by is not None:
        facts.append(f"*Withdrawn by*\n{mention(launch.withdrawn_by)}")
    if launch.cancel_asked_by is not None and not launch.state.is_end:
        facts.append(f"*Stop asked for by*\n{mention(launch.cancel_asked_by)}")
    return facts


def _broken_glass(launch: Launch, to: Addressees) -> list[Block]:
    if not launch.break_glass:
        return []
    by = mention(launch.requester)
    made = [
        blocks.section(
            f":rotating_light: *Break-glass* by {by}: without approval, and in spite of freezes.\n"
            f">{quoted(launch.break_glass)}"
        )
    ]
    if launch.review is not None:
        said = f"\n>{quoted(launch.review.comment)}" if launch.review.comment else ""
        seen = f"*Reviewed* by {mention(launch.review.by)} {moment(launch.review.at)}{said}"
        made.append(blocks.section(seen))
    elif launch.wants_review:
        made.append(blocks.section(f"*Needs a review* by {reviewers(launch, to)}."))
    return made


def _approval(launch: Launch, to: Addressees) -> list[Block]:
    approval = launch.approval
    if approval is None:
        return []
    made = [blocks.section(voted(vote)) for vote in approval.votes[:_VOTES]]
    if approval.rejection is not None:
        made.append(blocks.section(voted(approval.rejection)))
    if approval.stage is not None and launch.state is State.AWAITING_APPROVAL:
        until = f" until {moment(approval.stage.expires_at)}" if approval.stage.expires_at else ""
        needs = f"*Needs approval* by {approvers(approval.stage.voters, launch, to)}{until}."
        number = approval.number or 0
        is_simple = len(approval.stages) == 1 and approval.stage.rule.count == 1
        made.append(blocks.section(needs if is_simple else f"{needs} So far {progress(approval, number)}."))
        if approval.stage.short_since is not None:
            made.append(blocks.section("*Too few are left who may approve it.* Its thread says more."))
    return made


def _hold(launch: Launch) -> list[Block]:
    if is_held_up(launch) and launch.held_up_by:
        text = f"{escape(short(launch.held_up_by))} I keep trying; nothing runs yet."
        return [blocks.section(f":hourglass_flowing_sand: {text}")]
    is_held = launch.state is State.APPROVED and launch.hold is not None
    return [blocks.section(held(launch.hold, launch.foreseen))] if is_held and launch.hold else []


def _search(launch: Launch) -> list[Block]:
    if launch.state is not State.UNCERTAIN or launch.search is None:
        return []
    if not launch.search.needs_person:
        return [blocks.section("I am looking in Orchestrator before anything else happens.")]
    if launch.search.unread_since is not None:
        text = "Its list of runs could not be read, so I cannot tell. Please look in Orchestrator."
    elif launch.search.candidates:
        text = "Several runs in Orchestrator could be this one. Please look there and say which it is."
    else:
        text = "I found no run of it in Orchestrator. Please look there and say what is true."
    return [blocks.section(f"*{settlers(launch)} has to settle this.* {text}")]


def _failure(launch: Launch) -> list[Block]:
    """Why it failed, in plain words; the thread has the engine's own."""
    detail = launch.outcome.detail if launch.outcome and launch.state is State.FAILED else ""
    return [blocks.section(f"*Why*\n>{quoted(cut(plain_reason(detail), _REASON))}")] if detail else []


def _ids(launch: Launch) -> str:
    parts = [f"Launch `{short_id(launch)}`"]
    if launch.digest:
        parts.append(f"request `{short_digest(launch.digest)}`")
    parts.append(f"rule “{inline(launch.rule)}”")
    if launch.execution_id:
        parts.append(f"run `{escape(launch.execution_id)}`")
    return " · ".join(parts)
